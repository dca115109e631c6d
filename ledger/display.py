"""Columns and values as a client reads them, by what the contract of the model says of them."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

Words = Mapping[str, Any]
"""The words of one language: a file of `templates/`."""

FARTHEST = 150 * 366
"""Days from the decision beyond which a number is no date: some lenders write 365243 for "none"."""


class Display:
    """Labels and texts in one language.

    `features` are those of the contract as JSON: `name`, `categories`, and `display` with `label`,
    `format` and `names`, each of which may be absent. `day` is that of the decision, from which
    dates count.
    """

    def __init__(
        self, features: Sequence[Mapping[str, Any]], lang: str, words: Words, day: date
    ) -> None:
        self._features = {feature["name"]: feature for feature in features}
        self._lang, self._words, self._day = lang, words, day

    def label(self, column: str) -> str:
        """The column's name in words, or as it is."""
        labels = self._display(column).get("label") or {}
        return str(labels.get(self._lang, column))

    def text(self, column: str, value: Any) -> str:
        """A value as it was received, with its unit; a category by its name."""
        display = self._display(column)
        if isinstance(value, bool):
            return self._yes_or_no(value)
        if not isinstance(value, int | float):
            return self._category(display, value)
        if categories := self._features.get(column, {}).get("categories"):
            listed = float(value).is_integer() and 0 <= value < len(categories)
            return self._category(display, categories[int(value)] if listed else value)
        format = display.get("format", "number")
        if format == "flag" and value in (0, 1):
            return self._yes_or_no(value == 1)
        if format == "date" and abs(value) < FARTHEST:
            return (self._day + timedelta(days=round(value))).isoformat()
        if format in {"days_ago", "months_ago"}:
            value = -value
        elif format == "percent":
            value *= 100
        return str(self._words["formats"].get(format, "{}").format(self.number(value)))

    def number(self, value: float, digits: int = 4) -> str:
        """With at most `digits` decimals, in groups of three, as the language writes it."""
        whole, _, decimals = f"{value:,.{digits}f}".partition(".")
        decimals = decimals.rstrip("0")
        whole = whole.replace(",", self._words["thousands"])
        return f"{whole}{self._words['decimal']}{decimals}" if decimals else whole

    def _display(self, column: str) -> Mapping[str, Any]:
        return self._features.get(column, {}).get("display") or {}

    def _category(self, display: Mapping[str, Any], value: Any) -> str:
        names = (display.get("names") or {}).get(str(value), {})
        return str(names.get(self._lang, value))

    def _yes_or_no(self, yes: bool) -> str:
        return str(self._words["yes" if yes else "no"])
