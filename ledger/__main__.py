"""`credit-scoring ledger`: what an operator does with the ledger."""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from ledger import clients, migration, outcomes, reading, roots
from ledger.database import Database, connect
from ledger.delivery import Delivery
from ledger.errors import InvalidSetting, LedgerError
from ledger.schema import client_keys, decisions
from ledger.settings import Settings
from ledger.spool import waiting_in

FOUND = 1  # verify found something; outcomes were in conflict or unknown
NICE = 10  # answering requests goes before delivering decisions
WRONG = 2  # the command could not do its work

Command = Callable[[argparse.Namespace, Settings, Database], int]


def upgrade(_: argparse.Namespace, __: Settings, database: Database) -> int:
    migration.upgrade(database)
    print(f"the schema is at version {migration.current(database)}")
    return 0


def verify(arguments: argparse.Namespace, settings: Settings, database: Database) -> int:
    trusted = arguments.public_key
    if trusted is None and settings.signing_key:
        trusted = roots.public_key(settings.signing_key)
    return _print_findings(list(map(str, roots.verify(database, trusted))))


def verify_export(arguments: argparse.Namespace) -> int:
    """Needs neither the database nor any setting."""
    with arguments.export.open(encoding="utf-8") as lines:
        try:
            findings = list(map(str, roots.verify_export(lines, arguments.public_key)))
        except (KeyError, TypeError):
            raise ValueError(f"{arguments.export.name} is not an export") from None
    return _print_findings(findings)


def _print_findings(findings: list[str]) -> int:
    print("\n".join(findings) or "everything is as it was written")
    return FOUND if findings else 0


def root(_: argparse.Namespace, settings: Settings, database: Database) -> int:
    if settings.signing_key is None:
        raise InvalidSetting("LEDGER_SIGNING_KEY", "must be set to sign a root")
    signed = roots.sign(database, settings.signing_key)
    print(f"root {signed.number} {signed.hash} public key {signed.public_key}")
    return 0


def forget(arguments: argparse.Namespace, _: Settings, database: Database) -> int:
    if arguments.client is not None:
        count = clients.forget(database, arguments.client)
    else:
        count = clients.forget_older(database, datetime.now(UTC) - arguments.older_than)
    print(f"{count} decisions are unreadable from now on")
    return 0


def rotate_key(_: argparse.Namespace, __: Settings, database: Database) -> int:
    print(f"{clients.rotate(database)} client keys are wrapped under LEDGER_KEY")
    return 0


def import_outcomes(arguments: argparse.Namespace, _: Settings, database: Database) -> int:
    counts, left = outcomes.import_csv(database, arguments.file)
    print(", ".join(f"{count} {result}" for result, count in sorted(counts.items())) or "no rows")
    if left:
        print(f"in conflict or unknown: lines {', '.join(map(str, left))}", file=sys.stderr)
    return FOUND if left else 0


def deliver(arguments: argparse.Namespace, settings: Settings, database: Database) -> int:
    line = '{"time":"%(asctime)s","event":"%(message)s"}'
    logging.basicConfig(format=line, datefmt="%Y-%m-%dT%H:%M:%S%z")
    delivery = Delivery(database, settings)
    if arguments.once:
        delivery.stop()
    else:
        os.nice(NICE)
    delivery.run()
    return FOUND if delivery.problem else 0


def export(_: argparse.Namespace, __: Settings, database: Database) -> int:
    roots.export(database, sys.stdout)
    return 0


def status(_: argparse.Namespace, settings: Settings, database: Database) -> int:
    print(f"schema version: {migration.current(database)}")
    with database.read() as connection:
        count, first, last = connection.execute(
            select(
                func.count(), func.min(decisions.c.time), func.max(decisions.c.time)
            ).select_from(decisions)
        ).one()
        forgotten = connection.scalar(
            select(func.count()).where(client_keys.c.forgotten.is_not(None))
        )
    print(f"decisions: {count}" + (f", from {first} to {last}" if count else ""))
    print(f"destroyed client keys: {forgotten}")
    print(f"open reviews: {len(reading.waiting_for_review(database, 10_000))}")
    print(f"waiting in {settings.spool_directory}: {waiting_in(settings.spool_directory)}")
    return 0


def _days(text: str) -> timedelta:
    if not text.endswith("d") or not text[:-1].isdecimal():
        raise argparse.ArgumentTypeError("must be a number of days, such as 400d")
    return timedelta(days=int(text[:-1]))


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="credit-scoring ledger",
        description="The record of decisions.",
        epilog="also `score FILE`: score clients, keep the decisions; and `replay`: score kept"
        " decisions again; each with its own --help",
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Command, description: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=description, description=description)
        command.set_defaults(run=run)
        return command

    add("upgrade", upgrade, "create the tables, or bring them to this version")
    checked = add("verify", verify, "find changed, removed and inserted rows; exit code 1 if any")
    checked.add_argument("--export", type=Path, metavar="FILE", help="check an export instead")
    checked.add_argument("--public-key", metavar="BASE64", help="the key that signed the roots")
    add("root", root, "sign the present ends of all chains (once a day)")
    forgotten = add("forget", forget, "destroy clients' keys: their data cannot be read any more")
    which = forgotten.add_mutually_exclusive_group(required=True)
    which.add_argument("--client", metavar="ID")
    which.add_argument("--older-than", type=_days, metavar="DAYS", help="such as 400d")
    add("rotate-key", rotate_key, "wrap clients' keys under LEDGER_KEY, not LEDGER_OLD_KEYS")
    imported = add("outcomes", import_outcomes, "record outcomes; exit code 1 if any was left")
    imported.add_argument("file", type=Path, metavar="FILE.csv")
    delivered = add("deliver", deliver, "deliver the spool to the database, until it is stopped")
    delivered.add_argument("--once", action="store_true", help="only what waits now")
    add("export", export, "print all rows as JSON lines; personal data stays encrypted")
    add("status", status, "print counts")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    parsed = parser().parse_args(arguments)
    try:
        if getattr(parsed, "export", None):
            return verify_export(parsed)
        settings = Settings.from_environment(os.environ)
        if settings is None and parsed.run is upgrade:
            print("DATABASE_URL is not set: no decisions are kept, there is nothing to upgrade")
            return 0
        if settings is None:
            raise InvalidSetting("DATABASE_URL", "is not set: nothing is kept")
        run: Command = parsed.run
        with closing(connect(settings)) as database:
            return run(parsed, settings, database)
    except (LedgerError, OSError, ValueError) as error:
        print(f"ledger: {error}", file=sys.stderr)
        return WRONG


if __name__ == "__main__":
    sys.exit(main())
