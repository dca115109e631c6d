"""The figures as a Markdown table, and the goals held against them."""

from collections.abc import Iterator, Mapping, Sequence

from benchmarks.serving.measure import CASES, Case, Result, Round

FLAVOR, OURS = "mlflow, lightgbm flavor", "mlflow, our model"
FORWARDING, IN_PROCESS, BY_HAND = "ours, forwarding", "ours, in-process", "FastAPI by hand"

P50 = (
    (FLAVOR, FORWARDING, {1: 7.0, 10: 3.0, 100: 2.0, 1000: 1.5}),
    (FLAVOR, OURS, {1: 1.0, 10: 1.0, 100: 1.0, 1000: 1.0}),
    (OURS, FORWARDING, {1: 1 / 1.35}),
    (BY_HAND, IN_PROCESS, {1: 1.0, 100: 1.0, 1000: 1.0}),
)
"""How many times the p50 of the first should be that of the second, by rows of a request."""

RATES = ((IN_PROCESS, BY_HAND, {1: 1.0, 100: 1.0}),)
"""How many times the requests per second of the second the first should answer, 8 at once."""


def table(columns: int, results: Sequence[Result]) -> str:
    """A line a contestant: p50 / p99 in milliseconds and requests per second in each case."""
    cases = [f"{rows} row{'s' * (rows > 1)}, {clients} at once" for rows, clients in CASES]
    head = [f"{columns} columns", *cases, "memory, MB", "first answer, s"]
    lines = [head, ["---"] * len(head), *map(_line, results)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _line(result: Result) -> list[str]:
    if result.missing:
        return [result.name, result.missing, *[""] * (len(CASES) + 1)]
    memory = f"{result.memory:.0f}" if result.memory else ""
    start = f"{result.start:.1f}" if result.start else ""
    return [result.name, *(_cell(result, case) for case in CASES), memory, start]


def _cell(result: Result, case: Case) -> str:
    median = result.median(case)
    return f"{median.p50:.2f} / {median.p99:.2f} / {median.rate:.0f}" if median else ""


def goals(results: Sequence[Result]) -> Iterator[tuple[str, float, float]]:
    """Each goal: what is compared, the ratio measured, and the least ratio wanted."""
    by_name = {result.name: result for result in results if not result.missing}
    for slow, fast, wanted in P50:
        for rows, least in wanted.items():
            both = _medians(by_name, slow, fast, Case(rows, 1))
            if both:
                yield f"p50 of {slow} / {fast}, {rows} rows", both[0].p50 / both[1].p50, least
    for busy, other, wanted in RATES:
        for rows, least in wanted.items():
            both = _medians(by_name, busy, other, Case(rows, 8))
            if both:
                ratio = both[0].rate / both[1].rate
                yield f"requests/s of {busy} / {other}, {rows} rows, 8 at once", ratio, least


def _medians(
    results: Mapping[str, Result], left: str, right: str, case: Case
) -> tuple[Round, Round] | None:
    if left not in results or right not in results:
        return None
    first, second = results[left].median(case), results[right].median(case)
    return (first, second) if first and second else None
