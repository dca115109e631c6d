"""Figures of several worker processes are one service's figures, whatever becomes of a worker."""

import os
import signal

from tests.service.processes import descendants, until
from tests.service.prometheus import value


def figures(service):
    service.http.clear()  # so that either worker may answer
    return service.ask("GET", "/metrics").data.decode()


def test_two_workers_count_together_and_a_killed_one_takes_nothing_along(
    serving, shipped, make_client
):
    with serving(SCORER="in-process", MODEL=str(shipped), WORKERS="2") as service:
        service.ready()
        for number in range(20):
            service.http.clear()
            service.ask(
                "POST", "/predict", {"data": [make_client(number), make_client(-1 - number)]}
            )
        before = figures(service)
        worker = service.worker
        os.kill(worker, signal.SIGKILL)
        until(lambda: worker not in descendants(service.process.pid))
        service.http.clear()
        service.ready()
        service.ask("POST", "/predict", {"data": make_client(1)})
        after = figures(service)
        until(lambda: value(figures(service), "in_flight") == 1)  # this request alone

    for text, requests, rows in ((before, 20, 40), (after, 21, 41)):
        assert value(text, "requests_total", route="/predict", status="200") == requests
        assert value(text, "request_seconds_count", route="/predict", status="200") == requests
        assert value(text, "rows_total") == rows
        assert value(text, "solvency_count") == rows
        decided = [value(text, "decisions_total", decision=one) for one in ("Yes", "No")]
        assert sum(decided) == rows
        assert value(text, "scorer_up") == 1
