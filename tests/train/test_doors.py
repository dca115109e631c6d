"""The programs that the documentation names start under that name."""

import runpy
import subprocess
import sys

import pytest

import credit_scoring
from tests.trained import ROOT
from train.options import COMMANDS


@pytest.mark.filterwarnings("ignore:.*found in sys.modules after import of package")
@pytest.mark.parametrize("command", ["sample", *COMMANDS])
def test_a_program_says_how_it_is_used_with_an_example(monkeypatch, capsys, command):
    module = command if command in ("train", "sample") else f"train.{command}"
    monkeypatch.setattr(sys, "argv", [module, "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert said.startswith(f"Usage: credit-scoring {command} ")
    assert said.index(f"Example: credit-scoring {command} ") < said.index("╭")


@pytest.mark.parametrize("options", [("--help",), ("rollback", "--help"), ("serve", "--help")])
def test_the_command_shows_help(monkeypatch, capsys, options):
    monkeypatch.setattr(sys, "argv", ["credit-scoring", *options])
    assert credit_scoring.main() == 0
    assert capsys.readouterr().out.lstrip().startswith("Usage: credit-scoring ")


@pytest.mark.parametrize("options", [("trian",), ("serve", "--port"), ("train", "--fold", "2")])
def test_a_command_or_an_option_that_does_not_exist_is_exit_code_2(monkeypatch, capsys, options):
    monkeypatch.setattr(sys, "argv", ["credit-scoring", *options])
    assert credit_scoring.main() == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.process
def test_serving_imports_no_library_of_training():
    code = (
        "import sys, credit_scoring\n"
        "sys.argv = ['credit-scoring', 'serve', '--help']\n"
        "credit_scoring.main()\n"
        "found = {name.partition('.')[0] for name in sys.modules}\n"
        "assert not found & {'train', 'sample', 'cyclopts', 'mlflow', 'pandas', 'lightgbm'}"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)
