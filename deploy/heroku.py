"""Push this commit to Heroku, wait until it answers, roll back if it does not.

Needs the Python standard library alone. Exit codes: 0 deployed, or nothing to deploy to; 1 rolled
back. Environment: HEROKU_APP_NAME, HEROKU_API_KEY, SERVICE_URL (default: the app's own address),
DEPLOY_SECONDS to wait (default: 300).
"""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

API = os.environ.get("HEROKU_API", "https://api.heroku.com")
GIT = os.environ.get("HEROKU_GIT", "https://git.heroku.com")
PAUSE_SECONDS = 2
CREDENTIALS = '!f() { echo username=deploy; echo "password=$HEROKU_API_KEY"; }; f'


def main() -> int:
    """The exit code."""
    app, key = os.environ.get("HEROKU_APP_NAME"), os.environ.get("HEROKU_API_KEY")
    if not app or not key:
        print("HEROKU_APP_NAME and HEROKU_API_KEY are not set: nothing is deployed")
        return 0
    heroku = Heroku(app, key)
    before = heroku.release()
    push = ["push", f"{GIT}/{app}.git", "HEAD:refs/heads/main"]
    subprocess.run(["git", "-c", f"credential.helper={CREDENTIALS}", *push], check=True)
    pushed = heroku.release()
    url = os.environ.get("SERVICE_URL") or heroku.address()
    model = re.search(r"^model_id: (\S+)", Path("mlruns_reduced/MLmodel").read_text(), re.M)
    deadline = time.monotonic() + float(os.environ.get("DEPLOY_SECONDS") or 300)
    seen = "no answer"
    while time.monotonic() < deadline:
        try:
            answer = ask(f"{url.rstrip('/')}/health/ready")
            running = heroku.running()
            seen = f"releases {sorted(running)}, model {answer.get('model')}"
            if running == {pushed["version"]} and answer.get("model") == (model and model[1]):
                print(f"release {pushed['version']} is ready: {seen}")
                return 0
        except (OSError, ValueError) as error:
            seen = str(error)
        time.sleep(PAUSE_SECONDS)
    print(f"release {pushed['version']} is not ready: {seen}", file=sys.stderr)
    if before and before["version"] != pushed["version"]:
        heroku.roll_back(before)
        print(f"rolled back to release {before['version']}", file=sys.stderr)
    return 1


class Heroku:
    """The platform's interface, as far as a deployment needs it."""

    def __init__(self, app: str, key: str) -> None:
        self._url = f"{API}/apps/{app}"
        self._headers = {
            "Accept": "application/vnd.heroku+json; version=3",
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
        }

    def release(self) -> dict[str, Any]:
        """The newest release: its id and version; empty before the first one."""
        headers = self._headers | {"Range": "version ..; order=desc, max=1"}
        return next(iter(ask(f"{self._url}/releases", headers)), {})

    def running(self) -> set[int]:
        """The releases that the web processes run."""
        dynos = ask(f"{self._url}/dynos", self._headers)
        return {dyno["release"]["version"] for dyno in dynos if dyno["type"] == "web"}

    def address(self) -> str:
        """Where the app answers."""
        url: str = ask(self._url, self._headers)["web_url"]
        return url

    def roll_back(self, release: dict[str, Any]) -> None:
        """Makes an earlier release the current one again."""
        ask(f"{self._url}/releases", self._headers, {"release": release["id"]})


def ask(url: str, headers: dict[str, str] | None = None, body: Any = None) -> Any:
    """The JSON of an answer. Raises OSError for any status but 2xx, ValueError for no JSON."""
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(
        urllib.request.Request(url, data, headers or {}), timeout=30
    ) as answer:
        return json.load(answer)


if __name__ == "__main__":
    sys.exit(main())
