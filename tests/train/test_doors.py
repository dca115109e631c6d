"""The programs that the documentation names start under that name."""

import runpy
import sys

import pytest

DOORS = (
    "train",
    "train.convert",
    "train.features",
    "train.home_credit.report",
    "train.manifest",
    "train.resume",
    "train.rollback",
    "sample",
    "sample.report",
    "train.score",
    "train.threshold",
)


@pytest.mark.filterwarnings("ignore:.*found in sys.modules after import of package")
@pytest.mark.parametrize("door", DOORS)
def test_a_program_says_how_it_is_used(monkeypatch, capsys, door):
    monkeypatch.setattr(sys, "argv", [door, "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(door, run_name="__main__", alter_sys=True)
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: python -m {door} ")
