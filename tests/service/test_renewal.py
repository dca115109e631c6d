"""In-process, a new champion takes over without a restart and without a failed request."""

import os
import signal
from dataclasses import replace
from threading import Event, Thread

import pytest

from tests.service import saved
from tests.service.processes import descendants, until

CLIENT = next(saved.clients(1))


@pytest.fixture
def home(tmp_path, small_artifacts):
    """A function: threshold -> a new model of that threshold put in place; gives its version."""
    numbers = iter(range(100))

    def put(threshold):
        number = next(numbers)
        fresh = tmp_path / f"fresh-{number}"
        model = replace(small_artifacts, threshold=threshold)
        version = saved.save(model, fresh, tmp_path / f"scratch-{number}")
        if (tmp_path / "model").exists():
            (tmp_path / "model").rename(tmp_path / f"old-{number}")
        fresh.rename(tmp_path / "model")
        return version

    return put


def facts(service):
    """What one answer says, and which version says it."""
    reply = service.ask("POST", "/predict_proba", {"data": CLIENT})
    assert reply.status == 200, reply.data
    (score,) = reply.json()["prediction"].values()
    return reply.headers["X-Model-Version"], score["seuil"]


def test_a_new_champion_takes_over_with_its_threshold_and_no_request_fails(serving, home, tmp_path):
    first = home(0.25)
    with serving(SCORER="in-process", MODEL=str(tmp_path / "model"), RELOAD_SECONDS="0.2") as it:
        it.ready()
        seen, stop = set(), Event()
        asking = Thread(target=lambda: [seen.add(facts(it)) for _ in iter(stop.is_set, True)])
        asking.start()
        until(lambda: (first, 0.25) in seen)
        second = home(0.75)
        until(lambda: (second, 0.75) in seen or not asking.is_alive())
        stop.set()
        asking.join()

        assert seen == {(first, 0.25), (second, 0.75)}
        assert it.ask("GET", "/best_threshold").json() == {"best_threshold": 0.75}
        assert it.event("model renewed")["after"] == second


def test_a_broken_champion_is_reported_and_the_old_one_keeps_serving(serving, home, tmp_path):
    first = home(0.25)
    with serving(SCORER="in-process", MODEL=str(tmp_path / "model"), RELOAD_SECONDS="0.2") as it:
        it.ready()
        model = tmp_path / "model/artifacts/model.pkl"
        model.write_bytes(model.read_bytes()[:1000])
        until(lambda: it.event("model not renewed"))

        assert facts(it) == (first, 0.25)


@pytest.mark.parametrize("killed", ["worker", "server"])
def test_a_worker_replaced_after_a_reload_serves_what_the_others_serve(
    serving, home, tmp_path, killed
):
    home(0.25)
    environ = {"MODEL": str(tmp_path / "model"), "RELOAD_SECONDS": "0.2", "WORKERS": "2"}
    with serving(SCORER="in-process", **environ) as service:
        service.ready()
        second = home(0.75)
        until(lambda: [line["event"] for line in service.lines()].count("model renewed") == 2)
        ended = {service.server, *workers(service)} if killed == "server" else {service.worker}
        os.kill(getattr(service, killed), signal.SIGKILL)
        service.http.clear()
        until(lambda: ended.isdisjoint(workers(service)) and len(workers(service)) == 2)
        until(lambda: ended.isdisjoint(descendants(service.process.pid)))
        service.ready()
        for _ in range(20):
            service.http.clear()  # so that either worker may answer
            assert facts(service) == (second, 0.75)


def workers(service):
    """Process ids of those that accept."""
    files = service.log.parent.glob("credit-scoring-*/worker-*")
    return {int(file.name.rpartition("-")[2]) for file in files}
