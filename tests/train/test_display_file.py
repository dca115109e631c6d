"""`--display`: the labels, groups and formats that a person gives the columns of a table."""

import json

import pyarrow.csv as pc
import pytest

from scoring_model import artifacts
from tests.train.made import table
from train.__main__ import main

GROUPS = {"money": {"en": "Money", "fr": "Argent"}}
INCOME = {
    "label": {"en": "Yearly income", "fr": "Revenu annuel"},
    "group": "money",
    "format": "amount",
}


@pytest.fixture
def run(workplace, store):  # noqa: ARG001 # training writes to this store
    """A function: what the display file holds -> the exit code of a training with it."""
    folder = workplace.folder
    pc.write_csv(table(clients=400, columns=4), folder / "clients.csv")

    def train(display):
        (folder / "display.json").write_text(json.dumps(display))
        options = ("--id=id", "--target=y", "--folds=2", "--threads=1", "--promote=always")
        given = ("--data=clients.csv", "--display=display.json", f"--export={workplace.export}")
        return main([*given, *options])

    return train


def test_the_form_of_the_service_gets_the_labels_of_the_file(run, workplace):
    assert run({"groups": GROUPS, "columns": {"c0": INCOME}}) == 0
    contract = artifacts.read_contract(workplace.export / "contract.json")
    shown = {feature.name: feature.display for feature in contract.features}

    assert contract.groups == GROUPS
    assert shown["c0"] == INCOME
    assert shown["c1"]["format"] == "number"


@pytest.mark.parametrize(
    ("display", "said"),
    [
        ({"columns": {"c0": {"format": "roman"}}}, "roman|c0"),
        ({"columns": {"c0": {"label": {"en": 1}}}}, "text for each language"),
        ([], "expected"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(run, capsys, display, said):
    assert run(display) == 2
    [line] = [line for line in capsys.readouterr().err.splitlines() if line.startswith("train: ")]

    assert "display.json" in line
    assert any(part in line for part in said.split("|"))
