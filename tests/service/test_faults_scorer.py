"""The scoring server is killed, stopped, kept busy, or slow to load: for real, under load."""

import os
import shutil
import signal
import time

import pytest

from scoring_model.integrity import Manifest
from tests.service.crowd import Crowd
from tests.service.processes import until

HANG_SECONDS, TIMEOUT_SECONDS = 6, 2
LOADING_SECONDS = 3
"""On top of what it takes anyway: in all more than a scoring server that is up may be silent."""
AT_ONCE, AT_MOST = 0.25, 4.0
"""Seconds that half of the answers and all of them may take, where milliseconds are meant: the
machine may be busy with other things."""
ROUTE = "/predict_proba"


def slow_to_load(shipped, folder, seconds):
    """The champion, which takes so many seconds to load."""
    shutil.copytree(shipped, folder)
    entry = folder / "entry.py"
    entry.write_text(f"import time\n\ntime.sleep({seconds})\n{entry.read_text()}")
    Manifest.of(folder).write(folder)
    return folder


@pytest.fixture(scope="module")
def service(serving, shipped, tmp_path_factory):
    """Its model is gone from where it was: what it serves is what it has checked."""
    folder = slow_to_load(shipped, tmp_path_factory.mktemp("slow") / "model", LOADING_SECONDS)
    limits = {"HANG_SECONDS": str(HANG_SECONDS), "TIMEOUT_SECONDS": str(TIMEOUT_SECONDS)}
    with serving(MODEL=str(folder), **limits) as service:
        shutil.rmtree(folder)
        service.started = time.monotonic()
        yield service


@pytest.fixture(scope="module")
def body(make_client):
    return {"data": make_client(1)}


def events(service, name):
    return [line for line in service.lines() if line["event"] == name]


def idle_answer(service, body):
    """The right answer, once the server is done with what came before."""
    service.ready()
    return until(lambda: (reply := service.ask("POST", ROUTE, body)).status == 200 and reply.data)


def assert_at_once(refusals):
    assert all(int(answer.retry_after) > 0 for answer in refusals)
    seconds = sorted(answer.seconds for answer in refusals)
    assert seconds[len(seconds) // 2] < AT_ONCE
    assert seconds[-1] < AT_MOST


def test_while_the_model_loads_the_answer_is_503_at_once_and_nothing_is_restarted(service, body):
    with Crowd(service.port, ROUTE, body, 2) as crowd:
        service.ready()
        up = time.monotonic()
        service.start_up = up - service.started
        while not crowd.served_since(up):
            time.sleep(0.05)

    assert crowd.statuses == {200, 503}
    assert_at_once(crowd.of(503))
    assert service.start_up > HANG_SECONDS
    assert not events(service, "scoring server hangs")


def test_killed_under_load_it_is_back_by_itself_and_no_answer_was_wrong(service, body):
    expected = idle_answer(service, body)
    with Crowd(service.port, ROUTE, body, 4) as crowd:
        until(lambda: crowd.served_since(0))
        os.kill(service.find("uvicorn"), signal.SIGKILL)
        killed = time.monotonic()
        until(lambda: crowd.of(503))
        until(lambda: crowd.served_since(crowd.of(503)[-1].at))
    back = min(a.at for a in crowd.of(200) if a.at > crowd.of(503)[-1].at) - killed

    assert crowd.statuses == {200, 503}
    assert {answer.body for answer in crowd.of(200)} == {expected}
    assert_at_once(crowd.of(503))
    assert back < 2 * service.start_up + 5
    print(f"503s {len(crowd.of(503))}, back after {back:.1f} s, started in {service.start_up:.1f}")


def test_busy_with_batches_for_longer_than_it_may_be_silent_it_is_left_alone(service, make_client):
    scorer, client = service.ready().find("uvicorn"), make_client(1)
    rows = [{**client, "SK_ID_CURR": number} for number in range(1000)]
    batch = {"dataframe_records": rows, "params": {"reasons": 3}}
    before = cpu_seconds(scorer)
    while cpu_seconds(scorer) - before < HANG_SECONDS + 1:
        assert service.ask("POST", "/invocations", batch).status in (200, 504)

    assert service.find("uvicorn") == scorer
    assert not events(service, "scoring server hangs")


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        user, system = stat.read().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def test_hanging_it_means_504_in_time_and_is_replaced(service, body):
    expected = idle_answer(service, body)
    with Crowd(service.port, ROUTE, body, 4) as crowd:
        until(lambda: crowd.served_since(0))
        os.kill(service.find("uvicorn"), signal.SIGSTOP)
        stopped = time.monotonic()
        until(lambda: events(service, "scoring server hangs"))
        noticed = time.monotonic() - stopped
        until(lambda: crowd.served_since(stopped + noticed))
    back = min(a.at for a in crowd.of(200) if a.at > stopped + noticed) - stopped

    assert crowd.statuses == {200, 503, 504}
    assert {answer.body for answer in crowd.of(200)} == {expected}
    assert max(a.seconds for a in crowd.answers) < TIMEOUT_SECONDS + AT_MOST
    assert HANG_SECONDS - 1.5 < noticed < HANG_SECONDS + AT_MOST
    print(f"504s {len(crowd.of(504))}, noticed after {noticed:.1f} s, back after {back:.1f} s")


@pytest.mark.long
def test_a_model_that_takes_a_minute_to_load_is_waited_for(serving, shipped, tmp_path, body):
    folder = slow_to_load(shipped, tmp_path / "model", 60)
    with serving(MODEL=str(folder), HANG_SECONDS="10") as slow:
        slow.ready()
        assert slow.ask("POST", ROUTE, body).status == 200
        assert not events(slow, "scoring server ended")
