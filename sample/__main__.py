"""`credit-scoring sample`: tables of invented clients."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from cyclopts import App, CycloptsError

from sample.errors import SampleError
from sample.generate import generate


def sample(
    *,
    out: Path = Path("data/sample"),
    scale: float = 0.01,
    format: Literal["parquet", "csv"] = "parquet",
    seed: int = 0,
    workers: int = 2,
) -> None:
    """Generate Home Credit tables of invented clients.

    Example: credit-scoring sample --scale 0.1 --out data/sample

    Args:
        out: Folder to write the tables to.
        scale: Fraction of the published number of clients, above 0 and at most 1.
        format: Format of the files.
        seed: The same seed gives the same tables.
        workers: Processes; they do not change the rows.
    """
    generate(out, scale, format, seed, workers)


def application() -> App:
    """What reads the options."""
    app = App(name="credit-scoring sample", version_flags=(), help_format="plaintext")
    app.default(sample)
    app["--help"].group = "Help"
    return app


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; 0 if the tables were written, 2 if the user has to correct something."""
    tokens = [token for token in (sys.argv[1:] if argv is None else argv) if token[-1:] != "="]
    try:
        application()(tokens, exit_on_error=False, print_error=False, result_action="return_value")
    except (CycloptsError, SampleError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
