"""The solvencies that a model must give for its own example clients: written at training, compared
wherever it serves. Standard library only."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

NAME = "expected.json"

TOLERANCE = 2.0**-40
"""How much a solvency may differ on another processor: its `exp` and `log` may round differently,
by a few times 2**-53, which a calibration can magnify. Another model differs by far more."""

Records = list[dict[str, Any]]


@dataclass(frozen=True)
class Expected:
    """Some clients, and the solvency of each. Raises ValueError if they are not as many."""

    clients: Records
    solvencies: Sequence[float]

    def __post_init__(self) -> None:
        if not self.clients or len(self.clients) != len(self.solvencies):
            raise ValueError("expected one solvency for each client, and at least one client")

    @classmethod
    def of(
        cls, clients: Records, predict: Callable[[Records], Iterable[Mapping[str, Any]]]
    ) -> Self:
        """`clients` as JSON keeps them, with the solvencies that `predict` gives."""
        clients = json.loads(json.dumps(clients))
        return cls(clients, [answer["solvency"] for answer in predict(clients)])

    def holds(self, solvencies: Sequence[float]) -> bool:
        """Whether these are the expected ones, up to `TOLERANCE`."""
        return len(solvencies) == len(self.solvencies) and all(
            abs(found - expected) <= TOLERANCE
            for found, expected in zip(solvencies, self.solvencies, strict=True)
        )

    def to_json(self) -> str:
        """`from_json` reads it back equal."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Raises ValueError, KeyError or TypeError if `text` does not hold them."""
        raw = json.loads(text)
        return cls([{**client} for client in raw["clients"]], [*map(float, raw["solvencies"])])
