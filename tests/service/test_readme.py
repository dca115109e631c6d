"""README.md says what is so: its requests are sent, its tables compared with the code."""

import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
SHELL = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
ROUTES = re.findall(r"^\| `(GET|POST) (/\w*)` \|", README, re.MULTILINE)


def test_the_first_commands_are_serve_check_and_test():
    assert re.findall(r"^make (\w+)", SHELL[0], re.MULTILINE) == ["serve", "check", "test"]


@pytest.mark.parametrize("command", [block for block in SHELL if block.startswith("curl")])
def test_every_request_is_answered_with_the_keys_that_it_shows(forwarding, command):
    local = command.replace("localhost:8000", f"127.0.0.1:{forwarding.port}")
    done = subprocess.run(["bash", "-c", local], capture_output=True, text=True, timeout=60)
    (client,) = json.loads(done.stdout)["prediction"]
    shown = json.loads(re.search(r"```json\n(.*?)```", README, re.DOTALL)[1])
    answer = json.loads(done.stdout)["prediction"][client]
    assert shown["prediction"].keys() == {client}
    assert shown["prediction"][client].keys() == answer.keys()
    assert all(0 <= value <= 1 for value in answer.values())


def test_every_route_of_the_table_is_there(forwarding):
    assert len(ROUTES) >= 7
    for method, path in ROUTES:
        status = forwarding.ask(method, path, {} if method == "POST" else None).status
        assert status in ({200} if method == "GET" else {200, 400}), path


@pytest.mark.parametrize("path", re.findall(r"^\| `(\w+/)` \|", README, re.MULTILINE))
def test_every_folder_of_the_table_is_there(path):
    assert (ROOT / path).is_dir()


@pytest.mark.parametrize("target", sorted(set(re.findall(r"make (\w+)", "\n".join(SHELL)))))
def test_every_make_target_is_there(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
