"""Start the service, and the scoring server that it forwards to."""

import argparse
import sys

from app.settings import default_of, variables
from app.supervisor import run


def main() -> int:
    """The exit code: 0 after a requested stop, 2 for a setting or a model that cannot be used."""
    settings = "\n".join(
        f"  {name:<16} {variable.meaning} (default: {default_of(name) or 'none'})"
        for name, variable in variables().items()
    )
    parser = argparse.ArgumentParser(
        prog="credit-scoring serve",
        description=__doc__,
        epilog=f"settings, read from the environment:\n{settings}\n\n"
        "example: PORT=8000 SCORER=in-process credit-scoring serve",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.parse_args()
    return run()


if __name__ == "__main__":
    sys.exit(main())
