"""A long table is answered in blocks, which nobody can tell from its answers."""

import pandas as pd
import pytest
from scoring_model.blocks import in_blocks

from scoring_model import blocks
from scoring_model.errors import InvalidRows, Problem


@pytest.fixture
def frame(monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK", 4)
    return pd.DataFrame({"x": range(10)})


def test_answers_come_in_order_from_blocks_of_bounded_length(frame):
    lengths = []

    def answer(part):
        lengths.append(len(part))
        return {"x": part["x"].tolist()}

    assert in_blocks(frame, answer) == {"x": list(range(10))}
    assert lengths == [4, 4, 2]


def test_a_table_without_rows_has_the_columns_of_an_answer(frame):
    assert in_blocks(frame.head(0), lambda part: {"x": part["x"].tolist()}) == {"x": []}


def test_an_unreadable_row_is_numbered_as_in_the_whole_table(frame):
    def answer(part):
        if 6 in part["x"].to_numpy():
            raise InvalidRows([Problem(2, "x", "a number", "six")])
        return {"x": []}

    with pytest.raises(InvalidRows, match="row 6, column x: 'six' is not a number"):
        in_blocks(frame, answer)
