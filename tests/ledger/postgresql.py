"""A PostgreSQL server for tests, from the binaries that Debian installs."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg


def binaries() -> Path | None:
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name)
    )
    return found[-1] if found else None


class Server:
    """A server with an empty cluster in a temporary directory, on a free port of loopback.

    It refuses to run as root, so that root runs it as the user postgres.
    """

    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        self._directory = Path(tempfile.mkdtemp(prefix="ledger-postgresql-"))
        self._user = {}
        if os.getuid() == 0:
            user = pwd.getpwnam("postgres")
            self._user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            os.chown(self._directory, user.pw_uid, user.pw_gid)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._run("initdb", "--pgdata=data", "--username=ledger", "--auth=trust", "--encoding=UTF8")
        self.start()

    def start(self) -> None:
        command = [
            *(self._binaries / "postgres", "-D", "data", "-p", str(self.port)),
            *(
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                f"unix_socket_directories={self._directory}",
            ),
        ]
        with (self._directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=self._directory, stderr=log, stdout=log, **self._user
            )
        deadline = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self.url("postgres")).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def kill(self) -> None:
        """kill -9 the server and every process of it."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text()
        self._process.kill()
        self._process.wait()
        for child in map(int, children.split()):
            try:
                os.kill(child, signal.SIGKILL)
                while Path(f"/proc/{child}").exists():
                    time.sleep(0.01)
            except ProcessLookupError:
                pass

    def stop(self) -> None:
        self._process.send_signal(signal.SIGQUIT)  # at once: the data is not needed
        self._process.wait(30)
        shutil.rmtree(self._directory)

    def new_database(self, name: str) -> str:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def url(self, name: str) -> str:
        return f"postgres://ledger@127.0.0.1:{self.port}/{name}"

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._binaries / program, *arguments],
            cwd=self._directory,
            check=True,
            capture_output=True,
            **self._user,
        )
