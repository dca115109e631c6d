"""In-process, a new champion takes over without a restart and without a failed request."""

from dataclasses import replace
from threading import Event, Thread

import pytest

from tests.service import saved
from tests.service.processes import until

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
