"""How often the 95 % intervals of the headline metrics hold the true value, by simulation.

`python -m benchmarks.intervals` draws samples of clients whose true probabilities of default are
known: 8 % default, the scores are calibrated and have an AUC of .78. For each sample it computes
the intervals as training does, then prints nominal against observed coverage, and the same for
resamples that fix the number of defaults. The cost is that of decisions at the threshold that is
best for exact probabilities.
"""

import argparse
import math
from collections.abc import Sequence

import numpy as np
from threadpoolctl import threadpool_limits

from train.evaluation.evaluation import statistics
from train.evaluation.intervals import COVERAGE, Statistic, bootstrap

SHAPE = (0.82, 9.43)
"""Of the beta distribution of the probabilities: mean .08, AUC .78."""
RATIO = 10.0
METRICS = ("auc", "brier", "log_loss", "calibration_in_the_large", "business_cost")


def draw(clients: int, random: np.random.Generator) -> tuple[dict[str, Statistic], np.ndarray]:
    """The metrics of a sample as functions of resamples, and the outcomes."""
    probability = random.beta(*SHAPE, clients)
    defaulted = (random.random(clients) < probability).astype(np.int8)
    lent = probability <= 1 / (1 + RATIO)
    found = statistics(defaulted, probability, lent, RATIO)
    return {name: found[name] for name in METRICS}, defaulted


def stratified(
    metrics: dict[str, Statistic], defaulted: np.ndarray, count: int
) -> dict[str, tuple[float, float]]:
    """Intervals from resamples with as many defaults as there are, for comparison."""
    random = np.random.default_rng(0)
    outcomes = [np.flatnonzero(defaulted == outcome) for outcome in (0, 1)]
    drawn = []
    for _ in range(count):
        weights = np.zeros(len(defaulted))
        for rows in outcomes:
            weights[rows] = np.bincount(random.integers(0, len(rows), len(rows)), None, len(rows))
        drawn.append([metric(weights) for metric in metrics.values()])
    tail = (1 - COVERAGE) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
    return {name: (low[at], high[at]) for at, name in enumerate(metrics)}


def main(argv: Sequence[str] | None = None) -> None:
    """Prints a table in Markdown."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.intervals", description=__doc__)
    parser.add_argument("--samples", type=int, default=1000, help="samples to draw")
    parser.add_argument("--clients", type=int, default=3000, help="clients in each")
    parser.add_argument("--resamples", type=int, default=500, help="bootstrap resamples of each")
    options = parser.parse_args(argv)
    random = np.random.default_rng(1)
    population, defaulted = draw(2_000_000, random)
    everyone = np.ones(len(defaulted))
    truth = {name: metric(everyone) for name, metric in population.items()}
    hits = {name: [0, 0] for name in METRICS}
    with threadpool_limits(1):
        for sample in range(options.samples):
            metrics, defaulted = draw(options.clients, random)
            found = bootstrap(metrics, len(defaulted), None, sample, options.resamples)
            fixed = stratified(metrics, defaulted, options.resamples)
            for name, value in truth.items():
                _, low, high = found[name].interval
                hits[name][0] += low <= value <= high
                hits[name][1] += fixed[name][0] <= value <= fixed[name][1]
    error = math.sqrt(COVERAGE * (1 - COVERAGE) / options.samples)
    print(f"{options.samples} samples of {options.clients} clients, standard error {error:.1%}\n")
    print("| metric | true value | nominal | observed | with the number of defaults fixed |")
    print("|---|---|---|---|---|")
    for name, (ours, fixed_number) in hits.items():
        observed = (f"{count / options.samples:.1%}" for count in (ours, fixed_number))
        print(f"| {name} | {truth[name]:.4f} | {COVERAGE:.0%} | {' | '.join(observed)} |")


if __name__ == "__main__":
    main()
