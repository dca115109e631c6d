"""The command `python -m sample.report`: how close generated tables are to the published."""

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path

from sample.compare import Gap, gaps
from sample.errors import SampleError
from sample.facts import load
from sample.per_client import aggregates
from sample.tables import Tables

HEADER = ("table", "column", "measure", "published", "found", "gap")


def markdown(worst: Sequence[Gap], measured: int) -> str:
    """The gaps as a Markdown table, in the order given."""
    lines = [
        f"{measured:,} measures; the {len(worst)} furthest from the published ones. A gap is the",
        "difference over the spread (means, quartiles), over the published value (rows), or four",
        "times the difference (shares). Per client, the spread is the published standard",
        "deviation; std, and min and max beyond the published range, have a quarter at most.",
        "",
        "| " + " | ".join(HEADER) + " |",
        "|---|---|---|---:|---:|---:|",
    ]
    lines += [
        f"| {g.table} | {g.column} | {g.measure} "
        f"| {g.published:,.6g} | {g.found:,.6g} | {g.size:.3f} |"
        for g in worst
    ]
    return "\n".join(lines) + "\n"


def progress(line: str) -> None:
    """Says on stderr what is being computed."""
    print(line, file=sys.stderr, flush=True)


def report(folder: Path, top: int, per_client: bool = True, memory: str | None = None) -> str:
    """The `top` worst offenders of the tables in the folder; `per_client` aggregates too."""
    facts = load()
    tables = Tables(folder, facts, memory)
    progress("columns of each table")
    found, summary = [*gaps(tables, facts)], ""
    if per_client:
        compared = aggregates(tables, facts, progress)
        found += compared.gaps
        summary = compared.summary() + "\n\n"
    found.sort(key=_badness, reverse=True)
    return summary + markdown(found[:top], len(found))


def _badness(gap: Gap) -> float:
    """A column without any value has no size of its gap: it comes first."""
    return math.inf if math.isnan(gap.size) else gap.size


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(prog="python -m sample.report", description=__doc__)
    made.add_argument("--data", type=Path, required=True, help="folder with all tables")
    made.add_argument("--out", type=Path, help="Markdown file to write instead of printing")
    made.add_argument("--top", type=int, default=40, help="how many of the worst measures")
    made.add_argument(
        "--aggregates",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="compare aggregates per client too, which takes most of the time",
    )
    made.add_argument("--memory", help="memory limit, such as 4GB")
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; 0 if the report was made, 2 if the user has to mend something."""
    args = parser().parse_args(argv)
    try:
        text = report(args.data, args.top, args.aggregates, args.memory)
        _show(text, args.out)
    except SampleError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _show(text: str, out: Path | None) -> None:
    if out is None:
        print(text, end="")
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as e:
        raise SampleError(f"cannot write to {out}: {e.strerror or e}") from e


if __name__ == "__main__":
    sys.exit(main())
