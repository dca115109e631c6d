"""The champion as a flat folder that serves without a tracking store."""

import tempfile
from pathlib import Path

from scoring_model.manifest import Manifest
from train import tracking

ARTIFACTS = "artifacts"


def export(model_uri: str, out: Path) -> None:
    """Writes a logged model to `out`, replacing what stands there.

    The artifacts move from `artifacts/` to the root, and `MLmodel` loses every path of the
    machine that logged it; then comes the manifest. The new folder is complete before it takes
    the old one's place.
    """
    out = out.resolve()
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as folder:
        fresh = tracking.download(model_uri, Path(folder) / "fresh")
        for file in (fresh / ARTIFACTS).iterdir():
            file.rename(fresh / file.name)
        (fresh / ARTIFACTS).rmdir()
        (fresh / "registered_model_meta").unlink(missing_ok=True)
        tracking.forget_paths(fresh / "MLmodel")
        Manifest.of(fresh).write(fresh)
        _swap(fresh, out, Path(folder) / "replaced")


def _swap(fresh: Path, out: Path, replaced: Path) -> None:
    if not out.exists():
        fresh.rename(out)
        return
    out.rename(replaced)
    try:
        fresh.rename(out)
    except OSError:
        replaced.rename(out)
        raise
