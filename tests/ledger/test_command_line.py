"""`python -m ledger`, as an operator runs it."""

import base64
import os
import subprocess
import sys

import pytest

from ledger import reading
from tests.ledger.decisions import decision
from tests.ledger.writer import environment


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "ledger", *arguments]
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60)


@pytest.fixture
def operator(settings):
    signing = base64.b64encode(settings.signing_key).decode()
    return lambda *arguments: run(*arguments, **environment(settings), LEDGER_SIGNING_KEY=signing)


def test_from_upgrade_to_a_checked_export(operator, settings, tmp_path):
    from ledger import Ledger

    assert operator("upgrade").returncode == 0
    kept = [decision("1"), decision("2")]
    with Ledger(settings) as ledger:
        ledger.keep(kept)
    signed = operator("root")
    assert signed.returncode == 0
    public_key = signed.stdout.split()[-1]
    assert operator("verify").returncode == 0
    assert operator("forget", "--client", "1").stdout.startswith("1 ")
    assert operator("forget", "--older-than", "400d").stdout.startswith("0 ")
    status = operator("status")
    assert "decisions: 2" in status.stdout
    assert "destroyed client keys: 1" in status.stdout

    file = tmp_path / "export.jsonl"
    file.write_text(operator("export").stdout)
    check = ("verify", "--export", str(file), "--public-key", public_key)
    assert run(*check, PATH=os.environ["PATH"]).returncode == 0
    file.write_text(file.read_text().replace('"decision":"No"', '"decision":"Yes"', 1))
    tampered = run(*check, PATH=os.environ["PATH"])
    assert tampered.returncode == 1
    assert kept[0].id in tampered.stdout

    outcomes = tmp_path / "outcomes.csv"
    outcomes.write_text(f"decision,outcome,date\n{kept[1].id},repaid,2027-11-20\n")
    assert operator("outcomes", str(outcomes)).returncode == 0
    assert reading.get(ledger.database, kept[1].id).outcome
    outcomes.write_text(f"decision,outcome,date\n{kept[1].id},defaulted,2027-11-20\n")
    conflict = operator("outcomes", str(outcomes))
    assert conflict.returncode == 1
    assert "2" in conflict.stderr
    ledger.database.engine.dispose()


@pytest.mark.parametrize(
    ("arguments", "changes", "named"),
    [
        (["status"], {"DATABASE_URL": ""}, "DATABASE_URL"),
        (["status"], {"DATABASE_URL": "mysql://localhost/x"}, "DATABASE_URL"),
        (["status"], {"DATABASE_URL": "no url"}, "DATABASE_URL"),
        (["status"], {"LEDGER_KEY": ""}, "LEDGER_KEY"),
        (["status"], {"LEDGER_KEY": "c2hvcnQ="}, "LEDGER_KEY"),
        (["status"], {"LEDGER": "sometimes"}, "LEDGER"),
        (["status"], {"LEDGER_SPOOL_MB": "much"}, "LEDGER_SPOOL_MB"),
        (["root"], {"LEDGER_SIGNING_KEY": ""}, "LEDGER_SIGNING_KEY"),
        (["status"], {"DATABASE_URL": "postgres://ledger@127.0.0.1:1/none"}, "database"),
        (["outcomes", "/nowhere.csv"], {}, "nowhere.csv"),
        (["verify", "--export", "/nowhere.jsonl"], {}, "nowhere.jsonl"),
        (["verify", "--export", __file__], {}, ""),
        (["verify"], {}, "upgrade"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(tmp_path, arguments, changes, named):
    environ = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": f"sqlite:///{tmp_path}/ledger.db",
        "LEDGER_KEY": base64.b64encode(bytes(32)).decode(),
        "LEDGER_SPOOL": str(tmp_path),
    }
    result = run(*arguments, **(environ | changes))
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert named in result.stderr


@pytest.mark.parametrize(
    "arguments", [["forget"], ["forget", "--older-than", "1y"], ["forget", "--client"], ["burn"]]
)
def test_an_unknown_option_shows_the_usage(arguments):
    result = run(*arguments)
    assert result.returncode == 2
    assert "usage" in result.stderr
