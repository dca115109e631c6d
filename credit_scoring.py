"""The command `credit-scoring`: starts the program that its first argument names."""

import sys
from importlib import import_module
from typing import NamedTuple


class Command(NamedTuple):
    """A program, the extra that installs what it needs beyond the serving set, and what it does."""

    module: str
    extra: str
    meaning: str


COMMANDS = {
    "serve": Command("app.__main__", "", "answer over HTTP"),
    "key": Command("app.key", "", "make an API key"),
    "train": Command("train.__main__", "train", "learn from past clients, register the model"),
    "score": Command("train.score", "train", "score a file or a folder of clients"),
    "threshold": Command("train.threshold", "train", "register a version with another threshold"),
    "rollback": Command("train.rollback", "train", "give champion back to the previous version"),
    "resume": Command("train.resume", "train", "register a model after the store was away"),
    "features": Command("train.features", "train", "build the table of features alone"),
    "convert": Command("train.convert", "train", "write the published CSV files as Parquet"),
    "sample": Command("sample.__main__", "train", "generate tables of invented clients"),
    "manifest": Command("train.manifest", "train", "write a model's manifest again"),
    "sign": Command("app.signature", "signing", "sign a model's manifest"),
    "ledger": Command("ledger.__main__", "ledger", "verify, replay, forget, export kept decisions"),
}
OF_SERVICE = {"replay": "app.replay", "score": "app.batch"}
"""Commands of `ledger` that need the service, as the ledger itself must not."""

SHELLS = ("bash", "zsh", "fish")
USAGE = "\n".join(
    [
        "Usage: credit-scoring COMMAND [OPTIONS]",
        "",
        "Example: credit-scoring train --data german.csv --target class --positive bad",
        "",
        *(f"  {name:10} {command.meaning}" for name, command in COMMANDS.items()),
        f"  completion print the completion script of a shell: {', '.join(SHELLS)}",
        "",
        "credit-scoring COMMAND --help lists the options of a command.",
    ]
)


def main() -> int:
    """The exit code of the command; 2 for a command that does not exist.

    Only the program that was named is imported: serving needs no library of training.
    """
    name, *options = sys.argv[1:] or ["--help"]
    if name in ("--help", "-h"):
        print(USAGE)
        return 0
    if name != "completion" and name not in COMMANDS:
        print(f"credit-scoring: no command {name}\n\n{USAGE}", file=sys.stderr)
        return 2
    sys.argv = [f"credit-scoring {name}", *options]
    extra = "train" if name == "completion" else COMMANDS[name].extra
    try:
        if name == "completion":
            return _print_completion(options)
        module = COMMANDS[name].module
        if name == "ledger" and options and options[0] in OF_SERVICE:
            module = OF_SERVICE[options[0]]
            sys.argv[:2] = [f"credit-scoring ledger {options[0]}"]
        program = import_module(module)
    except ModuleNotFoundError as error:
        needed = f"pip install 'credit-scoring[{extra}]'" if extra else "pip install credit-scoring"
        print(f"credit-scoring: {name} needs {error.name}: {needed}", file=sys.stderr)
        return 2
    code: int = program.main()
    return code


def _print_completion(options: list[str]) -> int:
    from cyclopts import App

    if len(options) != 1 or options[0] not in SHELLS:
        print(f"Usage: credit-scoring completion {'|'.join(SHELLS)}", file=sys.stderr)
        return 2
    root = App(name="credit-scoring")
    for name, command in COMMANDS.items():
        declared = command.module.startswith("train.")
        options_of = import_module(command.module).main.application() if declared else None
        root.command(options_of or App(help=command.meaning), name=name)
    print(root.generate_completion(shell=options[0]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
