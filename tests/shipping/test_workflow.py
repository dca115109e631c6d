"""The workflow, and the script that deploys, against a stand-in for Heroku on loopback."""

import json
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from tests.trained import ROOT

WORKFLOW = ROOT / ".github/workflows/deploy.yml"
BIN = Path(sys.executable).parent


def test_the_workflow_passes_actionlint():
    done = subprocess.run([BIN / "actionlint", WORKFLOW], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_action_is_pinned_by_hash_and_names_its_version():
    uses = re.findall(r"uses: (.*)", WORKFLOW.read_text())
    assert uses
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use) for use in uses)


def test_its_steps_are_targets_of_the_makefile_or_scripts_of_the_project():
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.M))
    jobs = yaml.safe_load(WORKFLOW.read_text())["jobs"].values()
    steps = [step["run"].split() for job in jobs for step in job["steps"] if "run" in step]
    for program, *arguments in steps:
        if program == "make":
            assert {*arguments} <= targets
        else:
            assert (ROOT / arguments[0]).is_file()


class Platform(ThreadingHTTPServer):
    """Answers as Heroku's interface does, and `/health/ready` as the app that it runs."""

    def __init__(self, model, follows):
        super().__init__(("127.0.0.1", 0), Handler)
        self.model, self.follows = model, follows
        self.version = 7
        self.rolled_back = []
        self.url = f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        platform = self.server
        running = platform.version if platform.follows else 7
        answers = {
            "/apps/shop/releases": [{"id": f"id-{platform.version}", "version": platform.version}],
            "/apps/shop/dynos": [{"type": "web", "release": {"version": running}}],
            "/apps/shop": {"web_url": f"{platform.url}/"},
            "/health/ready": {"status": "ready", "model": platform.model},
        }
        if self.path == "/apps/shop/releases":
            platform.version = 8  # the push lies between the first question and the second
        self._answer(answers[self.path])

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.rolled_back.append(body)
        self._answer({})

    def _answer(self, body):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def deploy(tmp_path):
    """A function: platform -> the finished deployment to it, from a repository with a commit."""
    work, remote = tmp_path / "work", tmp_path / "git/shop.git"
    (work / "mlruns_reduced").mkdir(parents=True)
    (work / "mlruns_reduced/MLmodel").write_text("model_id: m-1\n")
    subprocess.run(["git", "init", "-q", "--bare", remote], check=True)
    subprocess.run(["git", "init", "-q", work], check=True)
    subprocess.run(["git", "add", "."], cwd=work, check=True)
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", *who, "commit", "-q", "-m", "A model"], cwd=work, check=True)

    def run(platform, **environ):
        threading.Thread(target=platform.serve_forever, daemon=True).start()
        secrets = {"HEROKU_APP_NAME": "shop", "HEROKU_API_KEY": "secret"}
        places = {"HEROKU_API": platform.url, "HEROKU_GIT": str(remote.parent)}
        done = subprocess.run(
            [sys.executable, ROOT / "deploy/heroku.py"],
            cwd=work,
            env={"PATH": "/usr/bin:/bin", "DEPLOY_SECONDS": "1"} | secrets | places | environ,
            capture_output=True,
            text=True,
        )
        platform.shutdown()
        platform.server_close()
        listed = ["git", "for-each-ref", "--format=%(refname)"]
        pushed = subprocess.run(listed, cwd=remote, capture_output=True, text=True).stdout
        return done, pushed.split()

    return run


@pytest.mark.process
def test_a_release_that_answers_with_the_pushed_model_is_deployed(deploy):
    platform = Platform("m-1", follows=True)
    done, pushed = deploy(platform)
    assert (done.returncode, pushed, platform.rolled_back) == (0, ["refs/heads/main"], [])
    assert "secret" not in done.stdout + done.stderr


@pytest.mark.process
@pytest.mark.parametrize(("model", "follows"), [("m-0", True), ("m-1", False)])
def test_a_release_that_is_not_the_pushed_one_in_time_is_rolled_back(deploy, model, follows):
    platform = Platform(model, follows)
    done, _ = deploy(platform)
    assert done.returncode == 1
    assert platform.rolled_back == [{"release": "id-7"}]


@pytest.mark.process
def test_a_fork_without_secrets_deploys_nothing_and_says_so(deploy):
    done, pushed = deploy(Platform("m-1", follows=True), HEROKU_API_KEY="")
    assert (done.returncode, pushed) == (0, [])
    assert "HEROKU_API_KEY" in done.stdout
