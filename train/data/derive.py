"""Which columns are derived from a data set's own, and the statistics of groups among them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from scoring_model.contract import Matrix, Vector
from scoring_model.derive import Derivation
from scoring_model.derive.formula import names
from scoring_model.derive.program import GroupTable
from train.data import application
from train.data.application import Grouping

MIN_CLIENTS = 10
"""A statistic of fewer clients than this is missing: it would describe them, not their group."""
KINDS = ("MEAN", "MEDIAN", "STD")


def declared(inputs: Sequence[str]) -> Derivation:
    """All features that can be computed from `inputs` without statistics of other clients.

    A feature with the name of an input is left out: the data set's own column stays.
    """
    computable = _computable(inputs)
    features = [name for name in application.FEATURES if name in computable]
    return Derivation(
        tuple(inputs),
        (*inputs, *(name for name in features if name not in inputs)),
        tuple(rule for rule in application.RULES if rule.column in inputs),
        {name: text for name, text in application.FORMULAS.items() if name in computable},
    )


def fit(inputs: Sequence[str], matrix: Matrix) -> Derivation:
    """`declared`, and the statistics of each client's groups.

    `matrix` holds the training clients, shape (clients, inputs), as the contract encodes them.
    """
    derivation = declared(inputs)
    for grouping in application.GROUPINGS:
        derivation = _grouped(derivation, grouping, matrix)
    return derivation


def _grouped(derivation: Derivation, grouping: Grouping, matrix: Matrix) -> Derivation:
    computable = _computable(derivation.inputs)
    values = [name for name in application.GROUPED if name in computable]
    if not values or not names(grouping.key) <= computable:
        return derivation
    key = f"{grouping.name}_KEY"
    formulas = {**derivation.formulas, key: grouping.key}
    grouped = replace(derivation, columns=(key, *values), formulas=formulas).apply(matrix)
    by_name = {name: grouped[:, position] for position, name in enumerate(values, start=1)}
    table = fit_groups(grouping.name, grouping.key, grouped[:, 0], by_name)
    differences = {
        f"{name}_MINUS_MEAN_BY_{grouping.name}": f"{name} - {name}_MEAN_BY_{grouping.name}"
        for name in values
    }
    return replace(
        derivation,
        columns=(*derivation.columns, *table.columns, *differences),
        formulas={**derivation.formulas, **differences},
        tables=(*derivation.tables, table),
    )


def fit_groups(name: str, key: str, keys: Vector, values: Mapping[str, Vector]) -> GroupTable:
    """Mean, median and standard deviation (n - 1) of each of `values`, by group.

    `keys` and each of `values` are of shape (clients,); the columns are named after the value, the
    statistic and the grouping's `name`, as in AMT_CREDIT_MEAN_BY_TERM. Groups with too few clients
    are left out.
    """
    known = np.flatnonzero(np.isfinite(keys))
    known = known[np.argsort(keys[known], kind="stable")]
    groups, starts = np.unique(keys[known], return_index=True)
    clients = [rows for rows in np.split(known, starts[1:]) if len(rows)]
    enough = [position for position, rows in enumerate(clients) if len(rows) >= MIN_CLIENTS]
    statistics = [
        [_statistics(of[clients[position]]) for position in enough] for of in values.values()
    ]
    return GroupTable(
        key,
        tuple(f"{value}_{kind}_BY_{name}" for value in values for kind in KINDS),
        tuple(groups[enough].tolist()),
        tuple(
            tuple(statistic[kind] for statistic in of)
            for of in statistics
            for kind in range(len(KINDS))
        ),
    )


def _statistics(values: Vector) -> tuple[float | None, ...]:
    known = values[np.isfinite(values)]
    if len(known) < MIN_CLIENTS:
        return (None,) * len(KINDS)
    return float(np.mean(known)), float(np.median(known)), float(np.std(known, ddof=1))


def _computable(inputs: Iterable[str]) -> set[str]:
    """The inputs and the formulas that can be computed from them."""
    computable = set(inputs) - application.FORMULAS.keys()  # in a formula, formulas come first
    for name, text in application.FORMULAS.items():  # each after those that it uses
        if names(text) <= computable:
            computable.add(name)
    return computable
