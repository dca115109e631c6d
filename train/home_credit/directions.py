"""In which direction the model may go as a column rises, and a client can change a column."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from scoring_model.contract import DIRECTIONS, Change, Contract
from train.data.application import EXT_SOURCE, SOURCES, TO_AGE
from train.data.dataset import Dataset
from train.errors import TrainError, UnusableSign, listed
from train.home_credit.protected import protected
from train.home_credit.schema import CLIENT

FALLING = (
    *SOURCES,
    # How far the scores lie apart is no better or worse.
    *(name for name in (*EXT_SOURCE, *TO_AGE) if "STD" not in name),
    "EMPLOYED_TO_BIRTH",
)
"""Home Credit: scores of other lenders, higher is better, and the fraction of life employed."""
RISING = (
    *("AMT_REQ_CREDIT_BUREAU_HOUR", "AMT_REQ_CREDIT_BUREAU_DAY", "AMT_REQ_CREDIT_BUREAU_WEEK"),
    *("DEF_30_CNT_SOCIAL_CIRCLE", "DEF_60_CNT_SOCIAL_CIRCLE"),
    *("REGION_RATING_CLIENT", "REGION_RATING_CLIENT_W_CITY", "EXT_SOURCE_MISSING"),
)
"""Home Credit: enquiries of the last week, defaults among acquaintances, worse regions."""
SIGNS: Mapping[str, int] = dict.fromkeys(FALLING, -1) | dict.fromkeys(RISING, 1)
"""Signs of the probability of default as a column rises, which `declared` stands for."""


def _across(text: str) -> tuple[str, ...]:
    return tuple(f"ACROSS_{name}" for name in text.split())


CHANGES: Mapping[str, Change] = {
    "AMT_CREDIT": Change(
        "down",
        1000.0,
        _across(
            "CREDIT_TO_ACTIVE_CREDIT CREDIT_TO_BUREAU_CREDIT_MEAN CREDIT_TO_BUREAU_CREDIT_MAX "
            "CREDIT_TO_APPROVED_MEAN CREDIT_TO_APPROVED_MAX CREDIT_TO_REFUSED_MEAN"
        ),
    ),
    "AMT_ANNUITY": Change(
        "both",
        100.0,
        _across(
            "ANNUITY_TO_APPROVED_MEAN ANNUITY_TO_APPROVED_MAX "
            "ANNUITY_TO_INSTALMENT_MEAN ANNUITY_TO_INSTALMENT_MAX"
        ),
    ),
    "AMT_GOODS_PRICE": Change("down", 1000.0),
    "AMT_INCOME_TOTAL": Change("up", 1000.0),
}
"""What a client of Home Credit can change, in currency units, and the columns that change in
proportion: a smaller loan, other payments (a longer or shorter term), cheaper goods, a higher
income (a second borrower). Never what a client is or was: age, gender, scores, history."""
NOT_PROPORTIONAL: Mapping[str, tuple[str, ...]] = {
    "AMT_CREDIT": _across("ALL_CREDIT_TO_INCOME TERM_TO_APPROVED_MEAN"),
    "AMT_ANNUITY": _across("ANNUITIES_TO_INCOME TERM_TO_APPROVED_MEAN"),
    "AMT_INCOME_TOTAL": _across(
        "ANNUITIES_TO_INCOME ACTIVE_CREDIT_TO_INCOME ACTIVE_DEBT_TO_INCOME ALL_CREDIT_TO_INCOME "
        "PAID_360D_TO_INCOME CARD_BALANCE_TO_INCOME CARD_LIMIT_TO_INCOME SHORTFALL_TO_INCOME"
    ),
}
"""Columns that the caller computes from these in another way: in a model that uses one of them, its
amount is not changeable, since the model could not score the change."""


def signs(text: str) -> dict[str, int]:
    """-1 or +1 by column, from text such as `EXT_SOURCE_2:-1,AMT_CREDIT:+1` or `declared`.

    `declared` stands for SIGNS; what is named beside it comes on top. Raises UnusableSign.
    """
    found: dict[str, int] = {}
    for part in _parts(text):
        if part == "declared":
            found = {**SIGNS, **found}
            continue
        column, _, sign = part.rpartition(":")
        if not column or sign not in ("+1", "1", "-1"):
            raise UnusableSign(part, "a column and its sign, as in EXT_SOURCE_2:-1")
        found[column] = int(sign)
    return found


def check_signs(dataset: Dataset, asked: Mapping[str, int]) -> None:
    """Raises UnusableSign for a column that the model has not, or that is a category.

    What is declared for Home Credit may be missing in a table.
    """
    categories = {dataset.columns[position] for position in dataset.categories}
    for column in asked:
        if column in categories:
            raise UnusableSign(column, "a number: a category neither rises nor falls")
        if column not in dataset.columns and column not in SIGNS:
            raise UnusableSign(column, f"one of the columns {listed(dataset.columns)}")


def changes(text: str) -> dict[str, Change]:
    """Changes by column, from text such as `AMOUNT:down:1000,TERM:both:6`. Raises TrainError."""
    found = {}
    for part in _parts(text):
        column, direction, step = ("", "", *part.rsplit(":", 2))[-3:]
        try:
            found[column] = Change(direction, float(step))  # type: ignore[arg-type] # it checks
        except ValueError as error:
            wanted = f"column:{'|'.join(DIRECTIONS)}:step, as in AMOUNT:down:1000"
            raise TrainError(f"--changeable {part} must be {wanted}") from error
    return found


def _parts(text: str) -> Iterator[str]:
    return filter(None, map(str.strip, text.split(",")))


def check_changes(contract: Contract, asked: Iterable[str]) -> None:
    """Raises TrainError for a column that is no number of the data, or says who a client is."""
    numbers = [feature.name for feature in contract.features if feature.kind == "number"]
    for column in asked:
        if column not in numbers:
            raise TrainError(f"--changeable {column} must be one of the numbers {listed(numbers)}")
    if unchangeable := protected(asked):
        raise TrainError(f"--changeable: no client can change {', '.join(unchangeable)}")


def with_changes(contract: Contract, asked: Mapping[str, Change]) -> Contract:
    """The contract with the changes `asked`; without any, with those declared for Home Credit."""
    columns = {*contract.columns}
    if not asked and contract.id == CLIENT:
        asked = {
            column: replace(
                change, proportional=tuple(filter(columns.__contains__, change.proportional))
            )
            for column, change in CHANGES.items()
            if columns.isdisjoint(NOT_PROPORTIONAL.get(column, ()))
        }
    features = tuple(replace(each, change=asked.get(each.name)) for each in contract.features)
    return replace(contract, features=features)
