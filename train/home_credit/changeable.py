"""Which inputs a client can change, for the changes that would have led to a Yes.

Never what a client is or was: age, gender, family, scores of other lenders, history.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from scoring_model.contract import DIRECTIONS, Change, Contract
from train.errors import TrainError, listed
from train.home_credit.protected import protected
from train.home_credit.schema import CLIENT

HOME_CREDIT: Mapping[str, Change] = {
    "AMT_CREDIT": Change(
        "down",
        1000.0,
        tuple(
            f"ACROSS_CREDIT_TO_{of}"
            for of in (
                *("ACTIVE_CREDIT", "BUREAU_CREDIT_MEAN", "BUREAU_CREDIT_MAX"),
                *("APPROVED_MEAN", "APPROVED_MAX", "REFUSED_MEAN"),
            )
        ),
    ),
    "AMT_ANNUITY": Change(
        "both",
        100.0,
        tuple(
            f"ACROSS_ANNUITY_TO_{of}"
            for of in ("APPROVED_MEAN", "APPROVED_MAX", "INSTALMENT_MEAN", "INSTALMENT_MAX")
        ),
    ),
    "AMT_GOODS_PRICE": Change("down", 1000.0),
    "AMT_INCOME_TOTAL": Change("up", 1000.0),
}
"""Amounts in currency units: a smaller loan, other payments (a longer or shorter term), cheaper
goods, a higher income (a second borrower)."""

NOT_PROPORTIONAL: Mapping[str, tuple[str, ...]] = {
    "AMT_CREDIT": ("ACROSS_ALL_CREDIT_TO_INCOME", "ACROSS_TERM_TO_APPROVED_MEAN"),
    "AMT_ANNUITY": ("ACROSS_ANNUITIES_TO_INCOME", "ACROSS_TERM_TO_APPROVED_MEAN"),
    "AMT_INCOME_TOTAL": (
        *("ACROSS_ANNUITIES_TO_INCOME", "ACROSS_ACTIVE_CREDIT_TO_INCOME"),
        *("ACROSS_ACTIVE_DEBT_TO_INCOME", "ACROSS_ALL_CREDIT_TO_INCOME"),
        *("ACROSS_PAID_360D_TO_INCOME", "ACROSS_CARD_BALANCE_TO_INCOME"),
        *("ACROSS_CARD_LIMIT_TO_INCOME", "ACROSS_SHORTFALL_TO_INCOME"),
    ),
}
"""Columns that the caller computes from these in another way: in a model that uses one of them, its
amount is not changeable, since the model could not score the change."""


def changes(text: str) -> dict[str, Change]:
    """Changes by column, from text such as `AMOUNT:down:1000,TERM:both:6`. Raises TrainError."""
    found = {}
    for part in filter(None, map(str.strip, text.split(","))):
        column, _, step = part.rpartition(":")
        column, _, direction = column.rpartition(":")
        try:
            found[column] = Change(direction, float(step))  # type: ignore[arg-type] # it checks
        except ValueError as error:
            wanted = f"column:{'|'.join(DIRECTIONS)}:step, as in AMOUNT:down:1000"
            raise TrainError(f"--changeable {part} must be {wanted}") from error
    return found


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
    declared = asked or (_declared(contract) if contract.id == CLIENT else {})
    features = (
        replace(feature, change=declared.get(feature.name)) for feature in contract.features
    )
    return replace(contract, features=tuple(features))


def _declared(contract: Contract) -> dict[str, Change]:
    columns = {*contract.columns}
    return {
        column: replace(
            change, proportional=tuple(filter(columns.__contains__, change.proportional))
        )
        for column, change in HOME_CREDIT.items()
        if columns.isdisjoint(NOT_PROPORTIONAL.get(column, ()))
    }
