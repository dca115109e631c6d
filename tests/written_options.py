"""What is made of the declared options: `MLproject` and `docs/options.md`.

`python -m tests.written_options` writes both again.
"""

from pathlib import Path

from sample.__main__ import application as sample
from train.options import COMMANDS, application

ROOT = Path(__file__).parents[1]
ENTRY_POINTS = {"main": "train", "sample": "sample", "score": "score"}
HEAD = """\
# Made of train/options.py by `make options`. An empty parameter is the command's own default.
name: credit-scoring
python_env: python_env.yaml
entry_points:
"""
INTRODUCTION = """\
# Options

Made of `train/options.py` by `make options`. `python -m train`, `python -m train.score`,
`python -m sample`, ... take the same.
"""


def _application(command):
    return sample() if command == "sample" else application(command)


def options(command):
    """{name: whether it is a number} of the options of a command."""
    arguments = _application(command).assemble_argument_collection()
    return {
        a.name.removeprefix("--"): "float" in str(a.hint) or "int" in str(a.hint) for a in arguments
    }


def mlproject():
    text = HEAD
    for entry, command in ENTRY_POINTS.items():
        module = {"train": "train", "sample": "sample"}.get(command, f"train.{command}")
        text += f"  {entry}:\n    parameters:\n"
        found = {name.replace("-", "_"): name for name in options(command)}
        for parameter, name in found.items():
            kind = "float" if options(command)[name] else "string"
            text += f'      {parameter}: {{type: {kind}, default: ""}}\n'
        text += f"    command: >-\n      python -m {module}\n"
        text += "".join(f"      --{name}={{{parameter}}}\n" for parameter, name in found.items())
    return text


def documentation():
    text = INTRODUCTION
    for command in ("sample", *COMMANDS):
        made = _application(command).generate_docs(output_format="markdown", heading_level=2)
        text += "\n" + made.replace(
            f"credit-scoring {command} {command}", f"credit-scoring {command}"
        )
    return text


WRITTEN = {ROOT / "MLproject": mlproject, ROOT / "docs/options.md": documentation}

if __name__ == "__main__":
    for path, text in WRITTEN.items():
        path.write_text(text())
