"""The command `credit-scoring`: starts the program that its first argument names."""

import sys
from importlib import import_module

COMMANDS = {
    "train": ("train.__main__", "learn from past clients, register and promote the model"),
    "score": ("train.score", "score a file or a folder of clients"),
    "serve": ("app.__main__", "answer over HTTP"),
    "threshold": ("train.threshold", "register a version again with another threshold"),
    "rollback": ("train.rollback", "give the alias champion back to the previous version"),
    "resume": ("train.resume", "register a model that was trained when the store was away"),
    "features": ("train.features", "build the table of features alone"),
    "convert": ("train.convert", "write the published CSV files as Parquet"),
    "sample": ("sample.__main__", "generate tables of invented clients"),
    "manifest": ("train.manifest", "write a model's manifest again"),
}
USAGE = "\n".join(
    [
        "Usage: credit-scoring COMMAND [OPTIONS]",
        "",
        "Example: credit-scoring train --data german.csv --target class --positive bad",
        "",
        *(f"  {name:10} {meaning}" for name, (_, meaning) in COMMANDS.items()),
        "",
        "credit-scoring COMMAND --help lists the options of a command.",
    ]
)
SERVE = """Usage: credit-scoring serve

Example: PORT=8000 credit-scoring serve

It is set up by environment variables, which docs/serving.md lists, and takes no options."""


def main() -> int:
    """The exit code of the command; 2 for a command that does not exist.

    Only the program that was named is imported: serving needs no library of training.
    """
    name, *options = sys.argv[1:] or ["--help"]
    if name in ("--help", "-h") or (name == "serve" and options):
        helped = name != "serve" or {*options} & {"--help", "-h"}
        print(SERVE if name == "serve" else USAGE, file=sys.stdout if helped else sys.stderr)
        return 0 if helped else 2
    if name not in COMMANDS:
        print(f"credit-scoring: no command {name}\n\n{USAGE}", file=sys.stderr)
        return 2
    sys.argv = [f"credit-scoring {name}", *options]
    try:
        program = import_module(COMMANDS[name][0])
    except ModuleNotFoundError as error:
        print(f"credit-scoring: {name} needs {error.name}: make .venv/train", file=sys.stderr)
        return 2
    code: int = program.main()
    return code


if __name__ == "__main__":
    sys.exit(main())
