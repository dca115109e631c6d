"""The champion as a flat folder that serves without a tracking store."""

from pathlib import Path

from scoring_model.integrity import Manifest
from train import tracking
from train.swap import staging, swap

ARTIFACTS = "artifacts"


def export(model_uri: str, out: Path) -> None:
    """Writes a logged model to `out`, replacing what stands there.

    The artifacts move from `artifacts/` to the root, and `MLmodel` loses every path of the
    machine that logged it; then comes the manifest. The new folder is complete before it takes
    the old one's place.
    """
    out = out.resolve()
    with staging(out) as folder:
        fresh = tracking.download(model_uri, folder / "fresh")
        for file in (fresh / ARTIFACTS).iterdir():
            file.rename(fresh / file.name)
        (fresh / ARTIFACTS).rmdir()
        (fresh / "registered_model_meta").unlink(missing_ok=True)
        tracking.forget_paths(fresh / "MLmodel")
        Manifest.of(fresh).write(fresh)
        swap(fresh, out, folder)
