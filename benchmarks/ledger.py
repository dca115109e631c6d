"""What keeping a decision costs: `python -m benchmarks.ledger [DATABASE_URL]`.

Scores single clients in-process with the shipped champion, one after another without a pause:
alone, and with each way of keeping the decision, in turns. Delivery to the database goes on in the
same process. Without a URL the database is SQLite. The spools and SQLite are in TMPDIR.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import mlflow.pyfunc

from ledger.decision import Decision, new_id
from ledger.ledger import Ledger
from ledger.migration import upgrade
from ledger.settings import Settings

CHAMPION = Path(__file__).parents[1] / "mlruns_reduced"
ROUNDS, CLIENTS = 15, 200  # clients of a contestant in a round

Keep = Callable[[list[Decision]], int]


def main(url: str | None = None) -> None:
    model = mlflow.pyfunc.load_model(str(CHAMPION))
    rows = json.loads((CHAMPION / "input_example.json").read_text())[:1]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as ledgers:
        spool = Settings(
            url or f"sqlite:///{folder}/ledger.db", os.urandom(32), spool_directory=Path(folder)
        )
        contestants: dict[str, Keep] = {"scoring alone": lambda _: 0}
        for name, settings in {
            "spool, normal": spool,
            "spool, full": replace(spool, spool_sync="full"),
            "strict": replace(spool, mode="strict"),
        }.items():
            ledger = ledgers.enter_context(Ledger(settings))
            upgrade(ledger.database)
            contestants[name] = ledger.keep
        clients: dict[str, list[float]] = {name: [] for name in contestants}
        keeping: dict[str, list[float]] = {name: [] for name in contestants}
        for _ in range(ROUNDS):
            for name, keep in contestants.items():
                for number in range(CLIENTS):
                    start = time.perf_counter()
                    (score,) = model.predict(rows)
                    scored = time.perf_counter()
                    keep([decision(number, rows[0], score)])
                    end = time.perf_counter()
                    clients[name].append(end - start)
                    keeping[name].append(end - scored)
    print(f"{'':16}{'p50 ms':>9}{'p99 ms':>9}{'keeping p50 ms':>16}{'throughput':>12}")
    alone = sum(clients["scoring alone"])
    for name, times in clients.items():
        p50, p99 = (statistics.quantiles(times, n=100)[percent - 1] * 1e3 for percent in (50, 99))
        kept = statistics.median(keeping[name]) * 1e3
        print(f"{name:16}{p50:9.3f}{p99:9.3f}{kept:16.3f}{alone / sum(times):12.0%}")


def decision(number: int, row: dict[str, Any], score: dict[str, Any]) -> Decision:
    return Decision(
        id=new_id(),
        request_id="benchmark",
        time=datetime.now(UTC),
        key_name="benchmark",
        client=str(number),
        inputs=json.dumps(row),
        solvency=score["solvency"],
        threshold=score["threshold"],
        decision=score["decision"],
        model_name="credit-scoring",
        model_version="1",
        model_digest="sha256:0",
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
