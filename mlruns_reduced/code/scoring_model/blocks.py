"""A table of any length, answered in blocks of rows."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd

from scoring_model.errors import InvalidRows

BLOCK = 16_384
"""Rows whose matrix the process can use again for the next block: new memory for a million clients
of 150 columns costs 1.2 GB, and with it more time than reading their values into it."""


def in_blocks(
    frame: pd.DataFrame, answer: Callable[[pd.DataFrame], dict[str, list[Any]]]
) -> dict[str, list[Any]]:
    """`answer`, columns of one value a row, for all rows. Raises InvalidRows, which speaks of the
    first block that cannot be answered and numbers its rows as in `frame`."""
    if len(frame) <= BLOCK:
        return answer(frame)
    columns: dict[str, list[Any]] = {}
    for start in range(0, len(frame), BLOCK):
        try:
            answers = answer(frame.iloc[start : start + BLOCK])
        except InvalidRows as error:
            problems = [replace(problem, row=problem.row + start) for problem in error.problems]
            raise InvalidRows(problems) from error
        for name, values in answers.items():
            columns.setdefault(name, []).extend(values)
    return columns
