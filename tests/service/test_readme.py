"""README.md says what is so: its requests are sent, its commands compared with their help.

`tests/shipping/test_readme_commands.py` runs the commands.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
SHELL = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
PROSE = re.sub(r"```text\n.*?```", "", README, flags=re.DOTALL)
COMMANDS = re.findall(r"credit-scoring (\w+)([^\n`]*)", PROSE)


def test_the_first_commands_are_serve_and_test():
    assert re.findall(r"^make (\w+)", SHELL[0], re.MULTILINE) == ["serve", "test"]


@pytest.mark.parametrize("command", [block for block in SHELL if block.startswith("curl")])
def test_every_request_gets_the_answer_that_is_shown(forwarding, command):
    local = command.replace("localhost:8000", f"127.0.0.1:{forwarding.port}")
    done = subprocess.run(["bash", "-c", local], capture_output=True, text=True, timeout=60)

    assert json.loads(done.stdout) == json.loads(re.search(r"```json\n(.*?)```", README, re.S)[1])


@pytest.mark.parametrize("name", sorted({name for name, _ in COMMANDS}))
def test_every_option_of_a_command_exists(name):
    command = [sys.executable, "-m", "credit_scoring", name, "--help"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    options = re.findall(r"--[a-z-]+", "".join(rest for one, rest in COMMANDS if one == name))

    assert shown.returncode == 0, shown.stderr
    assert not [option for option in options if option not in shown.stdout]


@pytest.mark.parametrize("target", sorted(set(re.findall(r"make (\w+)", "\n".join(SHELL)))))
def test_every_make_target_is_there(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
