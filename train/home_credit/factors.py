"""Which columns say nearly the same of a client, so that they are one reason and not three."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files

import numpy as np
from scipy.sparse.csgraph import connected_components
from scipy.stats import rankdata

from scoring_model.contract import Matrix
from scoring_model.explanations import Factor
from train.data.dataset import Dataset
from train.home_credit.schema import CLIENT

CORRELATED = 0.9
"""Columns whose rank correlation is beyond this (or below its negative) speak once."""

CLIENTS = 10_000
"""As many clients, evenly spread over the ids, tell which columns are correlated."""


@dataclass(frozen=True)
class Entry:
    """A factor of the Home Credit data by its code: patterns of column names, and its words."""

    code: str
    columns: tuple[str, ...]
    en: str
    fr: str


@cache
def catalogue() -> tuple[Entry, ...]:
    """What is declared of the Home Credit data."""
    text = files(__package__).joinpath("catalogue.json").read_text(encoding="utf-8")
    return tuple(Entry(**{**raw, "columns": tuple(raw["columns"])}) for raw in json.loads(text))


def declared(column: str) -> Entry | None:
    """The entry with the longest pattern that fits, so that the most specific one counts."""
    fits = [
        (len(pattern), entry)
        for entry in catalogue()
        for pattern in entry.columns
        if fnmatchcase(column, pattern)
    ]
    return max(fits, key=lambda fit: fit[0])[1] if fits else None


def factors(dataset: Dataset) -> tuple[Factor, ...]:
    """The factors of a model on `dataset.columns`, in the order of the contract's columns.

    Inputs are together if the catalogue says so; of the others, if they are correlated. A derived
    column goes where the catalogue says, or else with the first of the inputs it is made of.
    """
    known = declared if dataset.contract.id == CLIENT else _unknown
    groups = _groups(dataset, known)
    of_input = {name: group for group in groups for name in group.inputs}
    of_entry = {group.entry: group for group in groups if group.entry}
    for name in dataset.columns:
        if name in of_input:
            group = of_input[name]
        else:
            first = dataset.derivation.restricted_to([name]).inputs[0]
            entry = known(name)
            group = of_entry.get(entry, of_input[first]) if entry else of_input[first]
        group.columns.append(name)
    used = [group for group in groups if group.columns]
    codes = _distinct(group.name for group in used)
    return tuple(group.factor(code) for code, group in zip(codes, used, strict=True))


@dataclass(frozen=True)
class _Group:
    """A factor in the making."""

    inputs: tuple[str, ...]
    entry: Entry | None
    columns: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What the code is made of: no rank and no number that another training may change."""
        return self.entry.code if self.entry else self.inputs[0]

    def factor(self, code: str) -> Factor:
        en, fr = (self.entry.en, self.entry.fr) if self.entry else _plain(self.inputs)
        return Factor(code, self.inputs, tuple(self.columns), en, fr)


def _plain(inputs: Sequence[str]) -> tuple[str, str]:
    """Words for columns of which only the names are known."""
    en, fr = f"the value of “{inputs[0]}”", f"la valeur de « {inputs[0]} »"
    if len(inputs) > 1:
        en, fr = f"{en} and of columns like it", f"{fr} et des colonnes semblables"
    return en, fr


def _distinct(names: Iterable[str]) -> list[str]:
    """Codes of capitals, digits and underscores, numbered only where two would be the same."""
    codes: list[str] = []
    for name in names:
        plain = re.sub(r"\W+", "_", name).strip("_").upper() or "COLUMN"
        code, number = plain, 1
        while code in codes:
            number += 1
            code = f"{plain}_{number}"
        codes.append(code)
    return codes


def _unknown(column: str) -> Entry | None:  # noqa: ARG001
    """Of another lender's columns nothing is declared, whatever their names."""
    return None


def _groups(dataset: Dataset, known: Callable[[str], Entry | None]) -> list[_Group]:
    """The contract's columns, each in one group."""
    entries = {name: known(name) for name in dataset.contract.columns}
    leaders = _leaders(dataset, [name for name, entry in entries.items() if entry is None])
    together: dict[Entry | str, list[str]] = {}
    for name, entry in entries.items():
        together.setdefault(entry or leaders[name], []).append(name)
    return [_Group(tuple(inputs), entries[inputs[0]]) for inputs in together.values()]


def _leaders(dataset: Dataset, names: Sequence[str]) -> dict[str, str]:
    """For each name the first of the names that it is correlated with, directly or by others.

    Categories, whose positions mean nothing, stand alone.
    """
    places = {name: place for place, name in enumerate(dataset.columns)}
    categories = set(dataset.categories)
    numbers = [name for name in names if places.get(name, -1) not in {-1, *categories}]
    leaders = {name: name for name in names}
    if len(numbers) > 1:
        rows = np.unique(np.linspace(0, len(dataset.matrix) - 1, CLIENTS).astype(np.int64))
        sample = dataset.matrix[rows][:, [places[name] for name in numbers]]
        _, group = connected_components(np.abs(_rank_correlation(sample)) > CORRELATED)
        _, first = np.unique(group, return_index=True)
        leaders |= {name: numbers[first[of]] for name, of in zip(numbers, group, strict=True)}
    return leaders


def _rank_correlation(matrix: Matrix) -> Matrix:
    """Spearman's, over the clients of whom both values are known: (columns, columns).

    Ranks are those among all clients of whom the one value is known. 0 where nothing varies.
    """
    known = np.isfinite(matrix)
    centred = np.zeros(matrix.shape)
    for place, there in enumerate(known.T):
        ranks = rankdata(matrix[there, place])
        centred[there, place] = ranks - (len(ranks) + 1) / 2
    both = known.astype(float)
    spread = np.sqrt((centred**2).T @ both)
    with np.errstate(invalid="ignore"):
        correlation: Matrix = np.nan_to_num(centred.T @ centred / (spread * spread.T))
    return correlation
