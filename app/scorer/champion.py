"""The scorer that answers now. A request takes it once and keeps it, whatever follows."""

from dataclasses import dataclass
from threading import Thread
from typing import Protocol

from app.scorer.protocol import Scorer


class Renews(Protocol):
    """Replaces the scorer of a champion, as often as there is a new one."""

    def run(self, champion: "Champion") -> None: ...


@dataclass
class Champion:
    """`scorer` holds model, contract, threshold and version: they change in one assignment."""

    scorer: Scorer
    renewal: Renews | None = None

    def watch(self) -> None:
        """Lets `renewal` do its work beside the requests; to be called once a process."""
        if self.renewal:
            Thread(target=self.renewal.run, args=(self,), name="renewal", daemon=True).start()
