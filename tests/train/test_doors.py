"""The programs that the documentation names start under that name."""

import runpy
import subprocess
import sys

import pytest

import credit_scoring
from tests.trained import ROOT

COMMANDS = [
    name
    for name, command in credit_scoring.COMMANDS.items()
    if command.module.partition(".")[0] in ("train", "sample")
]


@pytest.mark.filterwarnings("ignore:.*found in sys.modules after import of package")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_program_says_how_it_is_used_with_an_example(monkeypatch, capsys, command):
    module = command if command in ("train", "sample") else f"train.{command}"
    monkeypatch.setattr(sys, "argv", [module, "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert said.startswith(f"Usage: credit-scoring {command} ")
    assert said.index(f"Example: credit-scoring {command} ") < said.index("╭")


@pytest.fixture
def command(monkeypatch, capsys):
    """A function: options -> (exit code, stdout, stderr) of `credit-scoring`."""

    def run(*options):
        monkeypatch.setattr(sys, "argv", ["credit-scoring", *options])
        try:
            code = credit_scoring.main()
        except SystemExit as ended:
            code = ended.code
        return code, *capsys.readouterr()

    return run


@pytest.mark.parametrize("options", [(), *((name,) for name in credit_scoring.COMMANDS)])
def test_every_command_shows_help(command, options):
    code, printed, _ = command(*options, "--help")
    assert code == 0
    assert printed.lstrip().lower().startswith("usage: ")


@pytest.mark.parametrize("shell", credit_scoring.SHELLS)
def test_completion_knows_every_command_and_the_options_of_training(command, shell):
    code, script, _ = command("completion", shell)
    assert code == 0
    assert all(name in script for name in (*credit_scoring.COMMANDS, "cost-ratio"))


@pytest.mark.parametrize("options", [("trian",), ("serve", "--port"), ("train", "--fold", "2")])
def test_a_command_or_an_option_that_does_not_exist_is_exit_code_2(command, options):
    code, _, said = command(*options)
    assert code == 2
    assert "Traceback" not in said


@pytest.mark.process
def test_serving_imports_no_library_of_training():
    code = (
        "import contextlib, sys, credit_scoring\n"
        "sys.argv = ['credit-scoring', 'serve', '--help']\n"
        "with contextlib.suppress(SystemExit):\n"
        "    credit_scoring.main()\n"
        "found = {name.partition('.')[0] for name in sys.modules}\n"
        "assert not found & {'train', 'sample', 'cyclopts', 'mlflow', 'pandas', 'lightgbm'}"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)
