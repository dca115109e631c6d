"""The figures as a Markdown table, and the goals held against them."""

from collections.abc import Iterator, Mapping, Sequence

from benchmarks.serving.measure import CASES, Case, Result

ONE = Case(rows=1, clients=1)
CROWD = Case(rows=1, clients=8)
FLAVOR, OURS = "mlflow, lightgbm flavor", "mlflow, our model"
FORWARDING, IN_PROCESS = "ours, forwarding", "ours, in-process"
OTHERS = ("FastAPI by hand", "BentoML", "MLServer")
FLASK = "constant: Flask"


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


def goals(columns: int, results: Sequence[Result]) -> Iterator[str]:
    """A line a goal: what was asked, and what came out."""
    by_name = {result.name: result for result in results if not result.missing}
    times = 15 if columns >= 600 else 8
    yield from _faster(by_name, OURS, FLAVOR, times)
    if columns < 600:
        yield from _faster(by_name, FORWARDING, FLAVOR, 6)
        yield from _faster(by_name, IN_PROCESS, FLAVOR, 20)
        for other in OTHERS:
            yield from _faster(by_name, IN_PROCESS, other, 1)
            yield from _busier(by_name, other)
        yield from _faster(by_name, IN_PROCESS, FLASK, 1 / 1.5)


def _faster(results: Mapping[str, Result], ours: str, other: str, times: float) -> Iterator[str]:
    if ours in results and other in results:
        left, right = results[ours].median(ONE), results[other].median(ONE)
        if left and right:
            yield _verdict(f"p50 of {other} / {ours}", right.p50 / left.p50, times)


def _busier(results: Mapping[str, Result], other: str) -> Iterator[str]:
    if IN_PROCESS in results and other in results:
        left, right = results[IN_PROCESS].median(CROWD), results[other].median(CROWD)
        if left and right:
            yield _verdict(
                f"requests/s of {IN_PROCESS} / {other}, 8 at once", left.rate / right.rate, 1
            )


def _verdict(what: str, ratio: float, least: float) -> str:
    verdict = "met" if ratio >= least else "missed"
    return f"{what}: {ratio:.2f} (goal: at least {least:.2f}), {verdict}"
