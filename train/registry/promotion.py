"""From a judged model to a registered version and, if it may, the champion."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from train.gate import Check, Verdict
from train.registry import evidence, faults, locks, runs, versions
from train.registry.errors import ChampionMoved, NoChampion, NoPrevious
from train.registry.export import export
from train.report.card import Card

Policy = Literal["always", "gate", "never"]
POLICIES: tuple[Policy, ...] = ("always", "gate", "never")
BEFORE = "champion_before"
"""Tag of a version: the champion that it replaced, for the way back."""
NOBODY = "none"


@dataclass(frozen=True)
class Destination:
    """Where a model goes: the experiment of its run, the registered model, whether it may become
    champion, and the folder for a champion."""

    experiment: str
    name: str
    promote: Policy
    export: Path


@dataclass(frozen=True)
class Candidate:
    """A logged and judged model that is to be registered.

    `before` is the champion that it was compared with; `card` writes the model card once the
    verdict is complete; `export` is the folder for a champion.
    """

    uri: str
    name: str
    run_id: str
    verdict: Verdict
    before: str | None
    tags: Mapping[str, str]
    card: Callable[[Verdict, str], Card]
    export: Path


@dataclass(frozen=True)
class Publication:
    """What became of a candidate: `place` says it in words, `refusal` in a line why it is not
    champion although it was to become that; None where nothing was refused."""

    version: str
    champion: bool
    place: str
    verdict: Verdict
    refusal: str | None


def publish(candidate: Candidate, policy: Policy) -> Publication:
    """Registers, and exports and promotes what may become champion, one promotion at a time.

    "gate" promotes what passes every check, "always" whatever the checks say, "never" nothing; and
    none of them over a champion that has changed since the candidate was compared with it. The
    alias moves last: a candidate that does not get this far is a challenger.
    """
    name = candidate.name
    with locks.lease(name) as lease:
        unchanged = _unchanged(candidate.before, _number(versions.champion(name)))
        verdict = candidate.verdict.with_checks([unchanged])
        wanted = policy == "always" or (policy == "gate" and verdict.passed)
        promoting = wanted and unchanged.passed
        card = candidate.card(verdict, _fate(promoting, policy))
        evidence.log_verdict(verdict.to_json(), verdict.to_markdown(), verdict.tags())
        evidence.log_card(card.markdown, card.html)
        tags = {**candidate.tags, **verdict.tags(), "promote": policy}
        if promoting:
            tags[BEFORE] = candidate.before or NOBODY
        version = versions.register(candidate.uri, name, candidate.run_id, tags, card.description)
        runs.tag("version", version)
        versions.set_alias(name, versions.CHALLENGER, version)
        if promoting:
            export(candidate.uri, candidate.export)
            lease.check()
            move_champion(name, candidate.before, version)
            versions.drop_alias(name, versions.CHALLENGER)
    refused = policy != "never" and not promoting
    why = verdict.why if policy == "gate" else unchanged.says
    refusal = f"{name} version {version} stays {versions.CHALLENGER}: {why}" if refused else None
    return Publication(version, promoting, _place(promoting, candidate), verdict, refusal)


def move_champion(name: str, before: str | None, after: str) -> None:
    """Gives the alias from one version to another, under the lease.

    Looks before and after: a tool that knows of no lease may move it too. Raises ChampionMoved.
    """
    found = _number(versions.champion(name))
    if found != before:
        raise ChampionMoved(name, before, found)
    versions.promote(name, after)
    found = _number(versions.champion(name))
    if found != after:
        raise ChampionMoved(name, after, found)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    versions.tag_version(versions.version(name, after), {"promoted_at": now})


def _unchanged(before: str | None, now: str | None) -> Check:
    if before == now:
        says = "the champion is the one that it was compared with"
    else:
        says = f"the champion has changed meanwhile, from {_spoken(before)} to {_spoken(now)}"
    return Check("champion_unchanged", before == now, says)


def _number(version: versions.Version | None) -> str | None:
    return version.number if version else None


def _spoken(version: str | None) -> str:
    return f"version {version}" if version else "none"


def _place(promoting: bool, candidate: Candidate) -> str:
    if promoting:
        return f"{versions.CHAMPION}, exported to {candidate.export}"
    return f"{versions.CHALLENGER}, not exported"


def _fate(promoting: bool, policy: Policy) -> str:
    """What becomes of the version, for the card."""
    if promoting:
        return "promoted to champion" + " whatever the checks say" * (policy == "always")
    if policy == "never":
        return "registered as challenger: it was not to be promoted"
    return "registered as challenger: promotion refused"


@dataclass(frozen=True)
class Rollback:
    """Which version gave the alias back to which."""

    name: str
    withdrawn: str
    restored: str


@faults.faults_told()
def roll_back(name: str, out: Path, who: str, why: str) -> Rollback:
    """Exports the previous champion to `out`, then gives it the alias.

    Every version notes the champion that it replaced, so a further call goes back further. What
    was withdrawn keeps its place in the registry, with who withdrew it, when and why. Raises
    NoChampion, NoPrevious, NoVersion where the previous one was deleted, and BusyRegistry.
    """
    with locks.lease(name) as lease:
        champion = versions.champion(name)
        if champion is None:
            raise NoChampion(name)
        number = champion.tags.get(BEFORE, NOBODY)
        if number == NOBODY:
            raise NoPrevious(name, champion.number)
        previous = versions.version(name, number)
        export(previous.uri, out)
        lease.check()
        move_champion(name, champion.number, previous.number)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        told = {"rolled_back_at": now, "rolled_back_by": who, "rolled_back_to": previous.number}
        versions.tag_version(champion, told | ({"rolled_back_why": why} if why else {}))
    return Rollback(name, champion.number, previous.number)
