"""Which columns say nearly the same of a client, so that they are one reason and not three."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from itertools import chain, count

import numpy as np
from scipy.sparse.csgraph import connected_components
from scipy.stats import rankdata

from scoring_model.contract import Matrix
from scoring_model.explanations import Factor
from train.data.dataset import Dataset
from train.home_credit.schema import CLIENT, declarations

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
    raw = declarations("catalogue")
    return tuple(Entry(**{**entry, "columns": tuple(entry["columns"])}) for entry in raw)


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
    column goes where the catalogue says, or else with the first of the inputs it is made of. Of
    another lender's columns nothing is declared, whatever their names.
    """
    known = declared if dataset.contract.id == CLIENT else lambda _: None
    entries = {name: known(name) for name in dataset.contract.columns}
    leaders = _leaders(dataset, [name for name, entry in entries.items() if entry is None])
    group_of = {name: entry or leaders[name] for name, entry in entries.items()}
    inputs: dict[Entry | str, list[str]] = {}
    for name, group in group_of.items():
        inputs.setdefault(group, []).append(name)
    columns: dict[Entry | str, list[str]] = {group: [] for group in inputs}
    for name in dataset.columns:
        place = group_of.get(name) or known(name)
        if place not in columns:
            place = group_of[dataset.derivation.restricted_to([name]).inputs[0]]
        columns[place].append(name)
    used = [group for group in columns if columns[group]]
    # No rank and no number that another training may change is in a code.
    codes = _distinct(group.code if isinstance(group, Entry) else group for group in used)
    return tuple(
        Factor(code, tuple(inputs[group]), tuple(columns[group]), *_words(group, inputs[group]))
        for code, group in zip(codes, used, strict=True)
    )


def _words(group: Entry | str, inputs: Sequence[str]) -> tuple[str, str]:
    """In English and French; of columns of which only the names are known, that of the first."""
    if isinstance(group, Entry):
        return group.en, group.fr
    en, fr = f"the value of “{group}”", f"la valeur de « {group} »"
    if len(inputs) > 1:
        en, fr = f"{en} and of columns like it", f"{fr} et des colonnes semblables"
    return en, fr


def _distinct(names: Iterable[str]) -> list[str]:
    """Codes of capitals, digits and underscores, numbered only where two would be the same."""
    codes: list[str] = []
    for name in names:
        plain = re.sub(r"\W+", "_", name).strip("_").upper() or "COLUMN"
        numbered = (f"{plain}_{number}" for number in count(2))
        codes.append(next(code for code in chain([plain], numbered) if code not in codes))
    return codes


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
