"""How a person reads the Home Credit columns: labels, groups, formats and names of categories."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from train.home_credit.family import Feature, declared
from train.home_credit.history import FAMILIES
from train.home_credit.schema import declarations

LANGUAGES = ("en", "fr")
DAYS = ("days_ago", "months_ago")
UNCHANGED_BY = ("MEAN", "MIN", "MAX", "STD", "SUM", "VALUE")
"""Statistics that are in the unit of their column."""


def groups() -> dict[str, dict[str, str]]:
    """The groups of columns in the order of the form: their titles by language."""
    return {
        name: by_language(*titles) for name, titles in declarations("display")["groups"].items()
    }


def display(column: str) -> dict[str, Any]:
    """The display facts of a column (see `scoring_model.contract.Feature`); empty if unknown."""
    known = declarations("display")
    if column in known["columns"]:
        group, kind, en, fr, *unit = known["columns"][column]
        names = known["names"].get(column, {})
        named = {value: by_language(*texts) for value, texts in names.items()}
        return _facts(group, kind, (en, fr), unit) | ({"names": named} if named else {})
    if column in known["ratios"]:
        en, fr, *unit = known["ratios"][column]
        return _facts("history", "number" if unit else "percent", (en, fr), unit)
    return _aggregate(*_aggregates()[column]) if column in _aggregates() else {}


def by_language(*texts: str) -> dict[str, str]:
    """English and French text by language."""
    return dict(zip(LANGUAGES, texts, strict=True))


def _facts(group: str, kind: str, label: tuple[str, str], unit: list[str]) -> dict[str, Any]:
    facts = {"label": by_language(*label), "group": group, "format": kind}
    return facts | ({"unit": by_language(*unit)} if unit else {})


@cache
def _aggregates() -> Mapping[str, tuple[str, Feature]]:
    """(prefix, feature) of each aggregate of a history table, by name."""
    return {
        feature.name: (family.prefix, feature)
        for family in FAMILIES
        for passed in family.passes
        for feature in declared(family.prefix, passed)
    }


def _aggregate(prefix: str, feature: Feature) -> dict[str, Any]:
    """As in "Credits elsewhere, active: debt, total, last 12 months"."""
    found, statistic = declarations("display"), feature.statistic
    kind, *words = found["measures"][prefix].get(feature.column, ("number", "", ""))
    phrases = found["statistics"][statistic]
    if kind in DAYS:
        phrases = found["days"].get(statistic, phrases)
    label = []
    for place in range(len(LANGUAGES)):
        text = phrases[place].format(words[place]).removeprefix(", ")
        subset = found["subsets"].get(feature.subset)
        source = found["sources"][prefix][place] + (f", {subset[place]}" if subset else "")
        window = found["windows"].get(feature.window)
        mark = " :" if LANGUAGES[place] == "fr" else ":"
        label.append(f"{source}{mark} {text}" + (f", {window[place]}" if window else ""))
    if statistic == "SHARE" or (kind == "flag" and statistic in ("MEAN", "VALUE")):
        kind = "percent"
    elif statistic not in UNCHANGED_BY or (kind in DAYS and statistic in ("STD", "SUM")):
        kind = "number"
    return _facts("history", "number" if kind == "flag" else kind, (label[0], label[1]), [])
