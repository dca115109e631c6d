"""Why a client got this score: the factors that pushed it down or up, strongest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from scoring_model.calibration import Calibration
from scoring_model.contract import Contract, Feature, Matrix, Vector
from scoring_model.decision import solvency
from scoring_model.factors import Factor
from scoring_model.tree_shap import contributions_by

Reason = dict[str, Any]

BLOCK = 1024
"""Clients explained at a time, so that memory does not grow with their number."""

LEVEL = 1e-9
"""A client whose log odds are this near the base: the slope there stands for the quotient."""

STEP = 1e-4
"""Log odds by which that slope is measured, to either side."""


@dataclass(frozen=True)
class Explanation:
    """Solvencies taken apart: `base`, that of a client of whom nothing is known, shape (clients,),
    and what each factor adds to it, `contributions` of shape (clients, factors). `columns`, shape
    (clients, model columns), is the same for single columns. Rows add up to the solvency.
    """

    base: Vector
    contributions: Matrix
    columns: Matrix


class Explainer:
    """Explains the scores of one model by its factors, with LightGBM's exact TreeSHAP."""

    def __init__(
        self,
        booster: Any,
        columns: Sequence[str],
        contract: Contract,
        factors: Sequence[Factor],
        calibration: Calibration,
        threads: int = 1,
    ) -> None:
        """`columns` are the booster's; `factors` share them out among themselves."""
        self._calibration, self._contributions = calibration, contributions_by(booster, threads)
        number = {name: i for i, factor in enumerate(factors) for name in factor.columns}
        self._factor_of = np.array([number[name] for name in columns], dtype=np.intp)
        places = {name: place for place, name in enumerate(columns)}
        inputs = {feature.name: i for i, feature in enumerate(contract.features)}
        self._factors = [
            _Spoken(factor, [(places.get(name), inputs[name]) for name in factor.inputs])
            for factor in factors
        ]
        self._features = contract.features

    def explain(self, derived: Matrix, solvencies: Vector) -> Explanation:
        """`derived` is what the booster is given, `solvencies` what came of it.

        TreeSHAP (Lundberg and others 2020) takes the log odds apart; solvency minus base is
        shared out in their proportion, signs kept.
        """
        shares = self._contributions(derived)
        of_columns, base = np.ascontiguousarray(shares[:, :-1]), shares[:, -1].copy()
        of_factors = np.empty((len(derived), len(self._factors)))
        totals = np.empty(len(derived))
        # Row by row: numpy's sums over a matrix depend on how many rows there are.
        for row, column_shares in enumerate(of_columns):
            of_factors[row] = np.bincount(self._factor_of, column_shares, len(self._factors))
            totals[row] = of_factors[row].sum()
        rate = self._rate(base, totals, solvencies)
        return Explanation(self._at(base), of_factors * rate, of_columns * rate)

    def _rate(self, base: Vector, totals: Vector, solvencies: Vector) -> Matrix:
        """Solvency points per log odd, at most 0: shape (clients, 1)."""
        level = np.abs(totals) < LEVEL
        quotient = (solvencies - self._at(base)) / np.where(level, 1.0, totals)
        slope = (self._at(base + STEP) - self._at(base - STEP)) / (2 * STEP)
        rate: Matrix = np.where(level, slope, quotient).reshape(-1, 1)
        return rate

    def _at(self, log_odds: Vector) -> Vector:
        """The solvency of a client whose log odds of default are these."""
        return solvency(self._calibration.apply(1.0 / (1.0 + np.exp(-log_odds))))

    def reasons(
        self,
        encoded: Matrix,
        derived: Matrix,
        solvencies: Vector,
        accepted: npt.NDArray[np.bool_],
        count: int,
    ) -> list[list[Reason]]:
        """At most `count` reasons for each client: what raised the solvency of one who is
        `accepted`, what lowered that of another.

        `encoded` holds the clients as the contract encodes them. A reason has the `code` of its
        factor, the `feature` that pushed most within it, the client's `value` of that (None where
        missing), the factor's `contribution` to the solvency, and a `sentence` by language.
        """
        reasons = []
        for start in range(0, len(derived), BLOCK):
            rows = slice(start, start + BLOCK)
            explanation = self.explain(derived[rows], solvencies[rows])
            reasons += [
                self._of_client(client, contributions, columns, yes, count)
                for client, contributions, columns, yes in zip(
                    encoded[rows],
                    explanation.contributions,
                    explanation.columns,
                    accepted[rows].tolist(),
                    strict=True,
                )
            ]
        return reasons

    def _of_client(
        self, client: Vector, contributions: Vector, columns: Vector, yes: bool, count: int
    ) -> list[Reason]:
        push = contributions if yes else -contributions
        strongest = np.argsort(-push, kind="stable")[:count].tolist()
        return [
            self._reason(number, client, contributions[number].item(), columns)
            for number in strongest
            if push[number] > 0
        ]

    def _reason(self, number: int, client: Vector, contribution: float, columns: Vector) -> Reason:
        spoken = self._factors[number]
        raises = contribution > 0
        place = spoken.leading(columns if raises else -columns)
        feature = self._features[place]
        value = _value(feature, client[place].item())
        return {
            "code": spoken.factor.code,
            "feature": feature.name,
            "value": value,
            "contribution": contribution,
            "sentence": spoken.factor.sentences(raises, stated=value is not None),
        }


@dataclass(frozen=True)
class _Spoken:
    """A factor, and where each of its inputs stands in the model (None: not) and the contract."""

    factor: Factor
    places: Sequence[tuple[int | None, int]]

    def leading(self, push: Vector) -> int:
        """The place in the contract of the input that pushed most; the first of equals."""
        pushes = [(0.0 if column is None else push[column], place) for column, place in self.places]
        return max(pushes, key=lambda pushed: pushed[0])[1]


def _value(feature: Feature, encoded: float) -> float | str | None:
    """A value as a person would write it: a number, a category's name, or None where missing."""
    if encoded != encoded:
        return None
    return feature.categories[int(encoded)] if feature.kind == "category" else encoded
