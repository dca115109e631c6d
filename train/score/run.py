"""The whole way from a path of clients to a file of answers."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from train import tracking
from train.data.engines import stream, whole
from train.score.answers import Wish, answers
from train.score.clients import Clients, Reading, Say, open_clients
from train.score.write import output_ending, writer
from train.tracking import Fetched

BATCH = 16_384
"""Clients in memory at once: their columns, and what the model makes of them, 630 columns wide take
some 300 MB."""

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class Request:
    """Whom to score, by which model, and where the answers go."""

    data: str
    out: str
    model: str
    wish: Wish
    how: Reading


def score(request: Request, say: Say, progress: Progress) -> None:
    """Scores every client of `request.data` and writes `request.out`, which appears when whole.

    `progress` is told the number of rows written by each batch, and of all rows if known. Raises
    TrainErrors.
    """
    ending = output_ending(request.out)
    with tempfile.TemporaryDirectory(prefix="credit-scoring-") as folder:
        model = tracking.fetch(request.model, Path(folder))
        clients = open_clients(request.data, model.contract, request.how, say)
        say(f"model version {model.version}, {len(clients.features)} of its columns found")
        if request.how.engine == "spark":
            from train.score.spark import score_on_spark

            score_on_spark(clients, model, request.wish, request.out, ending)
        else:
            _score_here(clients, model, request, ending, progress)


def _score_here(
    clients: Clients, model: Fetched, request: Request, ending: str, progress: Progress
) -> None:
    scorer = tracking.load(model, request.how.threads)
    batches = stream(clients.con, clients.table, clients.name, BATCH)
    scored = answers(batches, clients, scorer, request.wish)
    first = next(scored)
    with (
        whole(Path(request.out)) as part,
        writer(part, ending, first.schema) as out,
    ):
        for batch in chain([first], scored):
            out.write_batch(batch)
            progress(batch.num_rows, clients.rows)
