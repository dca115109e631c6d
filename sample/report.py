"""The command `python -m sample.report`: how close generated tables are to the published ones."""

import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb
from cyclopts import App, CycloptsError

from sample.compare import gaps, open_tables
from sample.errors import SampleError
from sample.facts import load

NEAR = 0.25
"""Gaps up to this count as near."""


def report(data: Path, *, out: Path | None = None, top: int = 40) -> None:
    """List the measures of generated tables that are furthest from the published ones.

    Args:
        data: Folder with all tables.
        out: Markdown file to write instead of printing.
        top: How many of the measures to list.
    """
    facts = load()
    try:
        found = sorted(gaps(open_tables(data, facts), facts), key=lambda gap: -gap.size)
    except duckdb.Error as error:
        raise SampleError(f"cannot read {data}: {str(error).strip().splitlines()[0]}") from error
    near = sum(gap.size <= NEAR for gap in found)
    text = "\n".join(
        [
            f"{near:,} of {len(found):,} measures lie within a quarter of the published ones; the",
            f"{len(found[:top])} furthest follow. A gap is the difference over the spread (means,",
            "quartiles), over the published value (rows), or four times the difference (shares).",
            "Per client, the spread is the published standard deviation.",
            "",
            "| table | column | measure | published | found | gap |",
            "|---|---|---|---:|---:|---:|",
            *(
                f"| {g.table} | {g.column} | {g.measure} | {g.published:,.6g} | {g.found:,.6g}"
                f" | {g.size:.3f} |"
                for g in found[:top]
            ),
        ]
    )
    if out is None:
        print(text)
        return
    try:
        out.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise SampleError(f"cannot write to {out}: {error.strerror or error}") from error


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; 0 if the report was made, 2 if the user has to correct something."""
    app = App(name="python -m sample.report", version_flags=(), help_format="plaintext")
    app.default(report)
    try:
        app(argv, exit_on_error=False, print_error=False, result_action="return_value")
    except (CycloptsError, SampleError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
