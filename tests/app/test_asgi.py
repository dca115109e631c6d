"""What the ASGI application adds: bodies in parts, limits of time and number, threads."""

import asyncio
import os
import threading

import pytest

from app.asgi import BODIES_HELD, INLINE_OBJECTS, Application
from app.auth import digest_of
from app.errors import ScorerFailed
from tests.app.caller import JSON, answer, ask

SENT = [("Content-Type", JSON)]
CLIENT = b'{"data": {"ID": 1, "AGE": 60}}'


@pytest.fixture
def application(service):
    """A function: environment variables -> the ASGI application."""
    return lambda **environ: Application(service(**environ))


def run(*calls):
    """The responses of calls that run at the same time."""

    async def gather():
        return await asyncio.gather(*calls)

    return [answer(sent) if sent else None for sent in asyncio.run(gather())]


def post(application, *parts, path="/predict", **options):
    return ask(application, "POST", path, SENT, parts or (CLIENT,), **options)


def test_a_body_may_come_in_parts(application):
    [got] = run(post(application(), CLIENT[:5], b"", CLIENT[5:]))

    assert got.json == {"prediction": {"client n°1": "Yes"}}


def test_parts_beyond_the_limit_are_413(application):
    [got] = run(post(application(MAX_BYTES="20"), b" " * 15, b" " * 15, ends=False))

    assert got.status_code == 413


@pytest.mark.parametrize("parts", [[], [b"{"]])
def test_a_body_that_does_not_arrive_in_time_is_408(application, parts):
    [got] = run(post(application(BODY_SECONDS="0.05"), *(parts or [b""]), ends=False))

    assert got.status_code == 408


def test_the_key_and_the_length_are_checked_before_the_body_is_read(application):
    keys = application(API_KEYS=f"shop:{digest_of('k')}", BODY_SECONDS="60")
    large = [*SENT, ("Content-Length", str(2**40))]
    refused, too_large = run(
        post(keys, b"", ends=False), ask(application(), "POST", "/data", large, ends=False)
    )

    assert (refused.status_code, too_large.status_code) == (401, 413)


def test_a_caller_who_goes_gets_no_answer(application, log):
    async def gone():
        return {"type": "http.disconnect"}

    sent = []
    scope = {"type": "http", "method": "POST", "path": "/data", "query_string": b"", "headers": []}
    asyncio.run(application()(scope, gone, sent.append))

    assert not sent
    assert not log()


def test_bodies_of_all_callers_together_are_bounded(application):
    limited = application(MAX_BYTES="100", BODY_SECONDS="0.1")
    got = run(*(post(limited, b" " * 100, ends=False) for _ in range(BODIES_HELD + 3)))
    statuses = sorted(one.status_code for one in got)

    assert statuses == [408] * BODIES_HELD + [503] * 3
    assert run(post(limited))[0].status_code == 200  # nothing is held afterwards


def test_more_at_once_than_the_limit_are_503_with_retry_after(application, scorer):
    released = threading.Event()
    scorer.ping = released.wait
    limited = application(MAX_IN_FLIGHT="2", SCORER_URL="http://127.0.0.1:1")

    async def crowd():
        calls = [asyncio.create_task(post(limited)) for _ in range(2)]
        await asyncio.sleep(0.05)
        third = await post(limited)
        live = await ask(limited, "GET", "/health/live")
        released.set()
        return [third, live, *await asyncio.gather(*calls)]

    third, live, *others = map(answer, asyncio.run(crowd()))
    assert third.status_code == 503
    assert int(third.headers["Retry-After"]) > 0
    assert [one.status_code for one in (live, *others)] == [200] * 3


@pytest.mark.parametrize(
    ("environ", "count", "in_thread"),
    [
        ({}, 1, False),
        ({}, INLINE_OBJECTS + 1, True),
        ({"SCORER_URL": "http://127.0.0.1:1"}, 1, True),
    ],
)
def test_only_a_few_clients_in_process_are_scored_in_the_event_loop(
    application, scorer, environ, count, in_thread
):
    threads = []
    scorer.ping = lambda: threads.append(threading.current_thread())
    clients = b",".join(b'{"ID": %d}' % number for number in range(count))
    [got] = run(post(application(**environ), b'{"data": [%b]}' % clients))

    assert got.status_code == 200
    assert (threads[0] is not threading.main_thread()) == in_thread


def test_scoring_that_takes_too_long_is_504(application, scorer):
    released = threading.Event()
    scorer.ping = released.wait
    slow = application(TIMEOUT_SECONDS="0.05", SCORER_URL="http://127.0.0.1:1")

    async def late():
        sent = await post(slow)
        released.set()
        return sent

    assert answer(asyncio.run(late())).status_code == 504


def test_an_answer_that_is_not_read_ends_after_the_limit(application):
    async def never(message):
        if message["type"] == "http.response.body":
            await asyncio.Future()

    large = b'"%b"' % (b"x" * 200_000)
    with pytest.raises(TimeoutError):
        asyncio.run(post(application(BODY_SECONDS="0.05"), large, path="/data", send=never))


def test_a_large_answer_arrives_whole(application):
    large = b'"%b"' % (b"x" * 200_000)
    [got] = run(post(application(), large, path="/data"))

    assert got.data == b'{"data":%b}' % large


def test_a_worker_shows_that_it_is_alive_by_a_file(application, tmp_path):
    async def started():
        incoming, sent = asyncio.Queue(), asyncio.Queue()
        alive = application(RUN_DIRECTORY=str(tmp_path))
        run = asyncio.create_task(alive({"type": "lifespan"}, incoming.get, sent.put))
        await incoming.put({"type": "lifespan.startup"})
        assert (await sent.get())["type"] == "lifespan.startup.complete"
        await asyncio.sleep(0.05)
        files = [file.name for file in tmp_path.glob("worker-*")]
        await incoming.put({"type": "lifespan.shutdown"})
        await run
        return files

    assert asyncio.run(started()) == [f"worker-{os.getpid()}"]


def test_a_failure_leaves_nothing_in_flight(application, scorer):
    limited = application(MAX_IN_FLIGHT="1")
    scorer.fault = ScorerFailed()

    assert [run(post(limited))[0].status_code for _ in range(3)] == [500] * 3
