"""p50 of one client as bars, on a scale where twice as fast is the same step everywhere."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib

from benchmarks.serving.measure import CASES, Result


def draw(results: Mapping[int, Sequence[Result]], file: Path) -> None:
    """One panel for each number of columns."""
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, len(results), figsize=(7 * len(results), 5), squeeze=False)
    for panel, (columns, some) in zip(panels[0], results.items(), strict=True):
        medians = {result.name: result.median(CASES[0]) for result in some}
        bars = {name: median.p50 for name, median in reversed(medians.items()) if median}
        panel.barh(list(bars), list(bars.values()), color="#33658a")
        panel.bar_label(panel.containers[0], fmt="%.2f", padding=3)
        panel.set_xscale("log")
        panel.set_xlabel("p50, ms (one client, one row)")
        panel.set_title(f"{columns} columns")
        panel.margins(x=0.2)
    figure.tight_layout()
    figure.savefig(file, dpi=120)
    pyplot.close(figure)
