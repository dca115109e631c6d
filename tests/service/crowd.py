"""Callers who ask at once and again and again, and note what each of them got."""

import threading
import time
from dataclasses import dataclass

import urllib3

BREATHER = 0.1
"""Seconds that a caller waits after anything but a 200."""


@dataclass(frozen=True)
class Answer:
    """`status` is the name of the exception where there was no answer; `at` is when it came."""

    caller: int
    at: float
    seconds: float
    status: int | str
    body: bytes = b""
    retry_after: str | None = None


class Crowd:
    """Inside a `with`, so many callers ask `path` for `body`, each on a connection of its own."""

    def __init__(self, port, path, body, callers):
        self.answers = []
        self._stop = threading.Event()
        args = (port, path, body)
        self._threads = [
            threading.Thread(target=self._ask, args=(*args, number)) for number in range(callers)
        ]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, port, path, body, caller):
        with urllib3.HTTPConnectionPool("127.0.0.1", port, retries=False, timeout=60) as pool:
            while not self._stop.is_set():
                started = time.monotonic()
                try:
                    reply = pool.request("POST", path, json=body)
                    got = (reply.status, reply.data, reply.headers.get("Retry-After"))
                except urllib3.exceptions.HTTPError as error:
                    got = (type(error).__name__,)
                now = time.monotonic()
                self.answers.append(Answer(caller, now, now - started, *got))
                if got[0] != 200:
                    time.sleep(BREATHER)

    def of(self, status):
        return [answer for answer in self.answers if answer.status == status]

    @property
    def statuses(self):
        return {answer.status for answer in self.answers}

    def served_since(self, moment):
        """Whether every caller has had a 200 that came after `moment`."""
        callers = {answer.caller for answer in self.of(200) if answer.at > moment}
        return len(callers) == len(self._threads)

    def percentile(self, fraction):
        """Of the seconds that a 200 took."""
        taken = sorted(answer.seconds for answer in self.of(200))
        return taken[min(int(fraction * len(taken)), len(taken) - 1)]
