"""Factors: what a score is explained by, and the words for it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

SENTENCES = {
    "en": {True: "Solvency is raised by {}.", False: "Solvency is lowered by {}."},
    "fr": {
        True: "Le niveau de solvabilité est relevé par {}.",
        False: "Le niveau de solvabilité est abaissé par {}.",
    },
}
"""By language, for a factor that raises a client's solvency and for one that lowers it."""

NOT_STATED = {"en": " (value not stated)", "fr": " (valeur non renseignée)"}


@dataclass(frozen=True)
class Factor:
    """Columns that say nearly the same of a client and so count as one reason.

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


def to_json(factors: Iterable[Factor]) -> str:
    """Factors as JSON, one a line; `from_json` reads them back equal."""
    lines = (json.dumps(asdict(factor), ensure_ascii=False) for factor in factors)
    return "[\n" + ",\n".join(f" {line}" for line in lines) + "\n]\n"


def from_json(text: str) -> tuple[Factor, ...]:
    """Raises ValueError, KeyError or TypeError if `text` holds no factors."""
    return tuple(map(_factor, json.loads(text)))


def _factor(raw: Mapping[str, Any]) -> Factor:
    names = {name: str(raw[name]) for name in ("code", "en", "fr")}
    return Factor(inputs=tuple(raw["inputs"]), columns=tuple(raw["columns"]), **names)
