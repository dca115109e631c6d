"""The published columns that reading relies on are those that the generator writes."""

import json
from pathlib import Path

import ibis.expr.datatypes as dt
import pytest

import train.sample
from train.data.schema import APPLICATION, HISTORY, holds, kinds

FACTS = Path(train.sample.__file__).with_name("facts.json")
KINDS = {"int64": "integer", "double": "number", "string": "text"}


@pytest.mark.parametrize("table", [APPLICATION, *HISTORY])
def test_the_columns_and_kinds_are_those_published(table: str) -> None:
    columns = json.loads(FACTS.read_text())["tables"][table]["columns"]
    assert kinds(table) == {name: KINDS[column["type"]] for name, column in columns.items()}


def test_clients_to_score_have_the_columns_of_the_clients_of_training() -> None:
    assert kinds("application_test") == kinds(APPLICATION)


@pytest.mark.parametrize("found", [dt.int8, dt.float32, dt.boolean, dt.Decimal(9, 2), dt.null])
def test_any_number_can_stand_for_a_number(found: dt.DataType) -> None:
    assert holds(found, "number")
    assert holds(found, "integer")


def test_text_and_numbers_do_not_stand_for_each_other() -> None:
    assert holds(dt.string, "text")
    assert not holds(dt.string, "number")
    assert not holds(dt.int64, "text")
