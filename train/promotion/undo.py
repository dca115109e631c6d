"""Back to the champion before this one."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from train import tracking
from train.export import export
from train.promotion.errors import NoChampion, NoPrevious
from train.promotion.publish import BEFORE, NOBODY, move_champion


@dataclass(frozen=True)
class Rollback:
    """Which version gave the alias back to which."""

    name: str
    withdrawn: str
    restored: str


@tracking.faults_told()
def roll_back(name: str, out: Path, who: str, why: str) -> Rollback:
    """Exports the previous champion to `out`, then gives it the alias.

    Every version notes the champion that it replaced, so a further call goes back further. What
    was withdrawn keeps its place in the registry, with who withdrew it, when and why. Raises
    NoChampion, NoPrevious, NoVersion where the previous one was deleted, and BusyRegistry.
    """
    with tracking.lease(name) as lease:
        champion = tracking.champion(name)
        if champion is None:
            raise NoChampion(name)
        number = champion.tags.get(BEFORE, NOBODY)
        if number == NOBODY:
            raise NoPrevious(name, champion.number)
        previous = tracking.version(name, number)
        export(previous.uri, out)
        lease.check()
        move_champion(name, champion.number, previous.number)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        told = {"rolled_back_at": now, "rolled_back_by": who, "rolled_back_to": previous.number}
        tracking.tag_version(champion, told | ({"rolled_back_why": why} if why else {}))
    return Rollback(name, champion.number, previous.number)
