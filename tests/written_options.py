"""What is made of the declared options: `MLproject` and `docs/options.md`.

`python -m tests.written_options` writes both again.
"""

from importlib import import_module
from pathlib import Path

from credit_scoring import COMMANDS
from sample.__main__ import application as sample

ROOT = Path(__file__).parents[1]
MAIN = ("promote", "require-promotion", "folds", "holdout", "cost-ratio", "seed")
ENTRY_POINTS = {
    "main": ("train", MAIN),
    "sample": ("sample", ("out", "scale", "seed")),
    "score": ("score", ("data", "out", "model")),
}
"""Each with its command, and the options that are declared as parameters."""
DOCUMENTED = ("sample", "train", "features", "score", "threshold", "rollback", "resume")
DOCUMENTED += ("convert", "manifest")
HEAD = """\
# Made of the declared options by `make options`. MLflow passes any other option of the command on:
# `-P NAME=VALUE` becomes `--NAME VALUE`. docs/options.md has them all, with their meanings.
name: credit-scoring
python_env: python_env.yaml
entry_points:
"""
INTRODUCTION = """\
# Options

Made of the declared options by `make options`. `python -m train`, `python -m train.score`,
`python -m sample`, ... take the same; `mlflow run . -P NAME=VALUE` takes those of `train`.
"""


def application(command):
    """What reads the options of a command."""
    if command == "sample":
        return sample()
    return import_module(COMMANDS[command].module).main.application()


def mlproject():
    text = HEAD
    for entry, (command, names) in ENTRY_POINTS.items():
        arguments = {a.name: a for a in application(command).assemble_argument_collection()}
        text += f"  {entry}:\n    parameters:\n"
        for name in names:
            argument = arguments[f"--{name}"]
            number = "float" in str(argument.hint) or "int" in str(argument.hint)
            value = argument.field_info.default
            shown = value if number else f'"{value}"'.lower()
            default = "" if argument.required else f", default: {shown}"
            kind = "float" if number else "string"
            text += f"      {name.replace('-', '_')}: {{type: {kind}{default}}}\n"
        module = COMMANDS[command].module.removesuffix(".__main__")
        text += f"    command: >-\n      python -m {module}\n"
        text += "".join(f"      --{name}={{{name.replace('-', '_')}}}\n" for name in names)
    return text


def documentation():
    text = INTRODUCTION
    for command in DOCUMENTED:
        made = application(command).generate_docs(output_format="markdown", heading_level=2)
        text += "\n" + made.replace(
            f"credit-scoring {command} {command}", f"credit-scoring {command}"
        )
    return text


WRITTEN = {ROOT / "MLproject": mlproject, ROOT / "docs/options.md": documentation}

if __name__ == "__main__":
    for path, text in WRITTEN.items():
        path.write_text(text())
