"""Signatures of models: `credit-scoring sign` makes one, REQUIRE_SIGNATURE asks for it.

A signature covers the manifest and every file that it lists, in the format of the package
`model-signing` (Sigstore's model transparency), with a key pair and without a network.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from app.errors import CannotStart
from app.log import print_line
from scoring_model.errors import BrokenModel
from scoring_model.integrity import SIGNATURE, Manifest

INSTALL = "signatures need model-signing: pip install credit-scoring[signing]"


def sign(folder: Path, private_key: Path) -> Path:
    """Writes the signature of a model into its folder; returns its path.

    Raises BrokenModel if a file is not the one that the manifest lists, CannotStart without
    `model-signing`, and ValueError or OSError for a key that cannot be read.
    """
    try:
        from model_signing import signing
    except ImportError as error:
        raise CannotStart(reason=INSTALL) from error
    with tempfile.TemporaryDirectory() as copy:
        Manifest.read(folder).copy(folder, Path(copy))
        signer = signing.Config().use_elliptic_key_signer(private_key=private_key)
        signer.sign(copy, folder / SIGNATURE)
    return folder / SIGNATURE


def verify(copy: Path, signature: Path, public_key: Path) -> None:
    """Compares the copy of a model with its signature.

    Raises BrokenModel if it was not signed with the private key that belongs to `public_key`, and
    CannotStart for a key that cannot be read or without `model-signing`.
    """
    try:
        from model_signing import verifying
    except ImportError as error:
        raise CannotStart(reason=INSTALL) from error
    if not signature.is_file():
        raise BrokenModel(str(signature), "is missing, and REQUIRE_SIGNATURE is set")
    try:
        verifier = verifying.Config().use_elliptic_key_verifier(public_key=public_key)
    except (OSError, ValueError) as error:
        raise CannotStart(reason=f"REQUIRE_SIGNATURE: {public_key} is no public key") from error
    try:
        verifier.verify(copy, signature)
    except Exception as error:  # whatever a signature fails with: the model is not loaded
        raise BrokenModel(str(signature), "is not the signature of this model") from error


def main() -> int:
    """The exit code: 2 after one line for a model or a key that cannot be used."""
    parser = argparse.ArgumentParser(prog="credit-scoring sign", description="Sign a model.")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the model's folder")
    parser.add_argument("--private-key", type=Path, required=True, metavar="FILE",
                        help="made by openssl ecparam -name prime256v1 -genkey -noout")  # fmt: skip
    options = parser.parse_args()
    try:
        print(sign(options.folder, options.private_key))
    except (BrokenModel, CannotStart, OSError, ValueError) as error:
        print_line(error)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
