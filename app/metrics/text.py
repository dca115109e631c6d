"""The figures in Prometheus's text format, version 0.0.4."""

from collections.abc import Iterator, Mapping, Sequence

from app.metrics.figures import DECISIONS, SECONDS, SHARES, Figures

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PREFIX = "credit_scoring_"


def exposition(figures: Figures, version: str, scorer_up: bool) -> str:
    """All figures of all workers, and what the one that answers knows of its model."""
    return "\n".join([*_lines(figures, version, scorer_up), ""])


def _lines(figures: Figures, version: str, scorer_up: bool) -> Iterator[str]:
    yield from _head("requests", "counter", "Requests answered, by route and status.", "_total")
    answered = list(_answered(figures))
    for labels, _, counts in answered:
        yield _line("requests_total", labels, sum(counts))
    yield from _head("request_seconds", "histogram", "Time to the answer, by route and status.")
    for labels, total, counts in answered:
        yield from _histogram("request_seconds", SECONDS, total, counts, labels)
    yield from _head("in_flight", "gauge", "Requests taken in and not answered yet.")
    yield _line("in_flight", {}, figures.total(figures.in_flight))
    yield from _head("rows", "counter", "Clients in the requests.", "_total")
    yield _line("rows_total", {}, figures.total(figures.rows))
    yield from _head("decisions", "counter", "Clients scored, by decision.", "_total")
    for place, decision in enumerate(DECISIONS):
        count = figures.total(figures.decisions + place)
        yield _line("decisions_total", {"decision": decision}, count)
    yield from _shares(figures, "solvency", figures.solvency, "Solvency of the clients scored.")
    about = "Share of the model's gain whose columns a client had."
    yield from _shares(figures, "coverage", figures.coverage, about)
    yield from _head("model_info", "gauge", "The model that answers.")
    yield _line("model_info", {"version": version}, 1)
    yield from _head("scorer_up", "gauge", "Whether the scorer gives the expected score.")
    yield _line("scorer_up", {}, int(scorer_up))


def _answered(figures: Figures) -> Iterator[tuple[Mapping[str, str], float, list[float]]]:
    for (route, status), place in figures.requests.items():
        total, counts = _cells(figures, place, SECONDS)
        if any(counts):
            yield {"route": route, "status": status}, total, counts


def _shares(figures: Figures, name: str, place: int, about: str) -> Iterator[str]:
    yield from _head(name, "histogram", about)
    yield from _histogram(name, SHARES, *_cells(figures, place, SHARES), {})


def _cells(figures: Figures, place: int, bounds: Sequence[float]) -> tuple[float, list[float]]:
    counts = [figures.total(place + 1 + step) for step in range(len(bounds) + 1)]
    return figures.total(place), counts


def _histogram(
    name: str,
    bounds: Sequence[float],
    total: float,
    counts: Sequence[float],
    labels: Mapping[str, str],
) -> Iterator[str]:
    below = 0.0
    for bound, count in zip([*map(str, bounds), "+Inf"], counts, strict=True):
        below += count
        yield _line(f"{name}_bucket", {**labels, "le": bound}, below)
    yield _line(f"{name}_sum", labels, total)
    yield _line(f"{name}_count", labels, below)


def _head(name: str, kind: str, about: str, suffix: str = "") -> Iterator[str]:
    yield f"# HELP {PREFIX}{name}{suffix} {about}"
    yield f"# TYPE {PREFIX}{name}{suffix} {kind}"


def _line(name: str, labels: Mapping[str, str], value: float) -> str:
    told = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    return f"{PREFIX}{name}{f'{{{told}}}' if told else ''} {value!r}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
