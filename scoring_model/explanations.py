"""Why a client got this score: the factors that raised or lowered it, strongest first."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from scoring_model.contract import Contract, Feature, Matrix, Vector
from scoring_model.decision import Calibration, solvency
from scoring_model.tree_shap import contributions_by

Reason = dict[str, Any]

Positions = list[tuple[int | None, int]]
"""The position of each input of a factor among the model's columns, if any, and in the contract."""

SENTENCES = {
    "en": {True: "Solvency is raised by {}.", False: "Solvency is lowered by {}."},
    "fr": {
        True: "Le niveau de solvabilité est relevé par {}.",
        False: "Le niveau de solvabilité est abaissé par {}.",
    },
}
"""By language, for a factor that raises a client's solvency and for one that lowers it."""

NOT_STATED = {"en": " (value not stated)", "fr": " (valeur non renseignée)"}

BLOCK = 1024
"""Clients explained at a time, so that memory does not grow with their number."""

NEAR_BASE = 1e-9
"""Log odds this close to the base: the derivative there replaces the difference quotient."""

STEP = 1e-4
"""Log odds to either side, for the numerical derivative."""


@dataclass(frozen=True)
class Factor:
    """Columns with nearly the same meaning, which count as one reason.

    `code` stays the same from one training to the next. `inputs` are the columns of the contract
    that it is about, at least one; `columns` those of the model: some of the inputs, and what is
    derived from them. `en` and `fr` name it within a sentence ("the client's income").
    """

    code: str
    inputs: tuple[str, ...]
    columns: tuple[str, ...]
    en: str
    fr: str

    def sentences(self, raises: bool, stated: bool) -> dict[str, str]:
        """What it does to a client's solvency, by language."""
        return {
            language: sentence[raises].format(name + NOT_STATED[language] * (not stated))
            for (language, sentence), name in zip(
                SENTENCES.items(), (self.en, self.fr), strict=True
            )
        }


def covers(factors: Iterable[Factor], inputs: Iterable[str], columns: Sequence[str]) -> bool:
    """Whether every one of the model's `columns` is in one factor, and all are about `inputs`."""
    factors = tuple(factors)
    named = [name for factor in factors for name in factor.inputs]
    explained = [name for factor in factors for name in factor.columns]
    codes = {factor.code for factor in factors}
    return (
        sorted(explained) == sorted(columns)
        and len(set(named)) == len(named)
        and set(named) <= set(inputs)
        and all(factor.inputs for factor in factors)
        and len(codes) == len(factors)
    )


def factors_to_json(factors: Iterable[Factor]) -> str:
    """Factors as JSON, one a line; `factors_from_json` reads them back equal."""
    lines = (json.dumps(asdict(factor), ensure_ascii=False) for factor in factors)
    return "[\n" + ",\n".join(f" {line}" for line in lines) + "\n]\n"


def factors_from_json(text: str) -> tuple[Factor, ...]:
    """Raises ValueError, KeyError or TypeError if `text` holds no factors."""
    return tuple(
        Factor(raw["code"], tuple(raw["inputs"]), tuple(raw["columns"]), raw["en"], raw["fr"])
        for raw in json.loads(text)
    )


@dataclass(frozen=True)
class Explanation:
    """Solvencies as sums of contributions.

    `base`, shape (clients,), is the solvency at the model's mean log odds; `contributions`, shape
    (clients, factors), and `columns`, shape (clients, model columns), are what each factor or
    column adds to it. The base and a row of either add up to the solvency.
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
        """`columns` are the booster's; each is in one of `factors`."""
        self._calibration, self._contributions = calibration, contributions_by(booster, threads)
        factor_of = {name: i for i, factor in enumerate(factors) for name in factor.columns}
        self._factor_of = np.array([factor_of[name] for name in columns], dtype=np.intp)
        positions = {name: position for position, name in enumerate(columns)}
        inputs = {feature.name: i for i, feature in enumerate(contract.features)}
        self._factors = [
            (factor, [(positions.get(name), inputs[name]) for name in factor.inputs])
            for factor in factors
        ]
        self._features = contract.features

    def explain(self, derived: Matrix, solvencies: Vector) -> Explanation:
        """`derived` is the booster's input, shape (clients, model columns).

        TreeSHAP (Lundberg and others 2020) explains the log odds; solvency minus base is divided
        in proportion to these contributions, signs kept.
        """
        shap_values = self._contributions(derived)
        of_columns, base = np.ascontiguousarray(shap_values[:, :-1]), shap_values[:, -1].copy()
        of_factors = np.empty((len(derived), len(self._factors)))
        totals = np.empty(len(derived))
        # Row by row: numpy's sums over a matrix depend on how many rows there are.
        for row, values in enumerate(of_columns):
            of_factors[row] = np.bincount(self._factor_of, values, len(self._factors))
            totals[row] = of_factors[row].sum()
        rate = self._rate(base, totals, solvencies)
        return Explanation(self._solvency(base), of_factors * rate, of_columns * rate)

    def _rate(self, base: Vector, totals: Vector, solvencies: Vector) -> Matrix:
        """Solvency points per log odd, at most 0: shape (clients, 1)."""
        near_base = np.abs(totals) < NEAR_BASE
        quotient = (solvencies - self._solvency(base)) / np.where(near_base, 1.0, totals)
        slope = (self._solvency(base + STEP) - self._solvency(base - STEP)) / (2 * STEP)
        rate: Matrix = np.where(near_base, slope, quotient).reshape(-1, 1)
        return rate

    def _solvency(self, log_odds: Vector) -> Vector:
        """The solvency of a client whose log odds of default are these."""
        return solvency(self._calibration.apply(1.0 / (1.0 + np.exp(-log_odds))))

    def reasons(
        self,
        encoded: Matrix,
        derived: Matrix,
        solvencies: Vector,
        accepted: npt.NDArray[np.bool_],
        count: int,
        lang: str | None = None,
    ) -> list[list[Reason]]:
        """At most `count` reasons for each client: what raised the solvency where the client is
        `accepted`, else what lowered it.

        `encoded` holds the clients as the contract encodes them. A reason has the `code` of its
        factor, its `feature` with the largest contribution, the client's `value` of that (None
        where missing), the factor's `contribution` to the solvency, and a `sentence`: a str in
        the language `lang`, or a dict by language where that is None.
        """
        reasons = []
        for start in range(0, len(derived), BLOCK):
            rows = slice(start, start + BLOCK)
            explanation = self.explain(derived[rows], solvencies[rows])
            reasons += [
                self._of_client(client, contributions, columns, yes, count, lang)
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
        self,
        client: Vector,
        contributions: Vector,
        columns: Vector,
        yes: bool,
        count: int,
        lang: str | None,
    ) -> list[Reason]:
        effects = contributions if yes else -contributions
        strongest = np.argsort(-effects, kind="stable")[:count].tolist()
        reasons = []
        for number in (number for number in strongest if effects[number] > 0):
            factor, positions = self._factors[number]
            position = _strongest_input(positions, columns if yes else -columns)
            feature = self._features[position]
            value = _value(feature, client[position].item())
            sentences = factor.sentences(yes, stated=value is not None)
            reason = {"code": factor.code, "feature": feature.name, "value": value}
            reason["contribution"] = contributions[number].item()
            reason["sentence"] = sentences[lang] if lang else sentences
            reasons.append(reason)
        return reasons


def _strongest_input(positions: Positions, effects: Vector) -> int:
    """The position in the contract of the input with the largest effect; the first of equals.

    `effects` are those of the model's columns.
    """
    return max(positions, key=lambda at: 0.0 if at[0] is None else effects[at[0]])[1]


def _value(feature: Feature, encoded: float) -> float | str | None:
    """A value as a person would write it: a number, a category's name, or None where missing."""
    if encoded != encoded:
        return None
    return feature.categories[int(encoded)] if feature.kind == "category" else encoded
