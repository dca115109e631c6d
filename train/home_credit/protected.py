"""Columns that say who a client is by birth or family, which a lender may have to leave out."""

import re
from collections.abc import Iterable, Mapping

from train.data.dataset import Dataset
from train.home_credit.schema import declarations

NOT_PROTECTED = "not protected"
"""Columns whose names only sound so."""


def protected(columns: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """{column: what it tells}, of "gender", "age" and "family status".

    By the names declared for Home Credit, and for other data sets by the words in a name.
    """
    told = {name: _told(name) for name in columns}
    return {name: attributes for name, attributes in told.items() if attributes}


def protected_in_use(dataset: Dataset, gains: Mapping[str, float]) -> dict[str, tuple[str, ...]]:
    """Those of the contract's columns that the model splits on, or on something made of them.

    `gains` is the total gain of each of the model's columns, 0 for one that it does not use.
    """
    used = [name for name, gain in gains.items() if gain > 0]
    return protected(dataset.derivation.restricted_to(used).inputs)


def listed(attributes: Mapping[str, tuple[str, ...]]) -> str:
    """As in "CODE_GENDER (gender), DAYS_BIRTH (age)"."""
    return ", ".join(f"{name} ({' and '.join(told)})" for name, told in attributes.items())


def _told(column: str) -> tuple[str, ...]:
    declared = declarations("protected")
    if column in declared[NOT_PROTECTED]["columns"]:
        return ()
    # "num_dependents", "maritalStatus" and "Sex/Marriage" are words with something between.
    parts = re.findall(r"[^\W_]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", column))
    words = f" {' '.join(parts).lower()} "
    return tuple(
        attribute
        for attribute, names in declared.items()
        if column in names["columns"] or any(f" {word} " in words for word in names["words"])
    )
