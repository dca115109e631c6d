"""Which columns are derived from a data set's own, and the statistics of groups among them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from scoring_model.contract import Matrix, Vector
from scoring_model.derive import Derivation
from scoring_model.derive.formula import names
from scoring_model.derive.program import GroupTable
from train.data import application

MIN_CLIENTS = 10
"""A statistic of fewer clients than this is missing: it would describe them, not their group."""
KINDS = {"mean": "MEAN", "median": "MEDIAN", "std": "STD"}


def declared(inputs: Sequence[str]) -> Derivation:
    """All features that can be computed from `inputs` without statistics of other clients.

    A feature with the name of an input is left out: the data set's own column stays.
    """
    computable = _computable(inputs)
    features = [name for name in application.FEATURES if name in computable and name not in inputs]
    return Derivation(
        tuple(inputs),
        (*inputs, *features),
        tuple(rule for rule in application.RULES if rule.column in inputs),
        {name: text for name, text in application.FORMULAS.items() if name in computable},
    )


def fit(inputs: Sequence[str], matrix: Matrix) -> Derivation:
    """`declared`, and the statistics of each client's groups.

    `matrix` holds the training clients, shape (clients, inputs), as the contract encodes them.
    """
    derivation, computable = declared(inputs), _computable(inputs)
    values = [name for name in application.GROUPED if name in computable]
    for grouping, key in application.GROUPINGS.items():
        if not values or not names(key) <= computable:
            continue
        formulas = {**derivation.formulas, "KEY": key}
        grouped = replace(derivation, columns=("KEY", *values), formulas=formulas).apply(matrix)
        by_name = dict(zip(values, grouped.T[1:], strict=True))
        table = fit_groups(grouping, key, grouped[:, 0], by_name)
        differences = {
            f"{name}_MINUS_MEAN_BY_{grouping}": f"{name} - {name}_MEAN_BY_{grouping}"
            for name in values
        }
        derivation = replace(
            derivation,
            columns=(*derivation.columns, *table.columns, *differences),
            formulas={**derivation.formulas, **differences},
            tables=(*derivation.tables, table),
        )
    return derivation


def fit_groups(name: str, key: str, keys: Vector, values: Mapping[str, Vector]) -> GroupTable:
    """Mean, median and standard deviation (n - 1) of each of `values`, by group.

    `keys` and each of `values` are of shape (clients,); the columns are named after the value, the
    statistic and the grouping's `name`, as in AMT_CREDIT_MEAN_BY_TERM. Groups with too few clients
    are left out.
    """
    groups = pd.DataFrame(values).where(np.isfinite).groupby(pd.Series(keys).where(np.isfinite))
    large, known = groups.size() >= MIN_CLIENTS, groups.count() >= MIN_CLIENTS
    columns = {
        f"{value}_{kind}_BY_{name}": groups[value].agg(function).where(known[value])[large].tolist()
        for value in values
        for function, kind in KINDS.items()
    }
    return GroupTable(
        key,
        tuple(columns),
        tuple(large.index[large].tolist()),
        tuple(tuple(None if np.isnan(n) else n for n in column) for column in columns.values()),
    )


def _computable(inputs: Iterable[str]) -> set[str]:
    """The inputs and the formulas that can be computed from them."""
    computable = set(inputs) - application.FORMULAS.keys()  # in a formula, formulas come first
    for name, text in application.FORMULAS.items():  # each after those that it uses
        if names(text) <= computable:
            computable.add(name)
    return computable
