"""`python -m ledger`, as an operator runs it."""

import base64
import os
import subprocess
import sys

import pytest

from ledger import reading
from ledger.__main__ import main
from ledger.ledger import Ledger
from tests.ledger.decisions import decision
from tests.ledger.writer import environment


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs a command in an environment: the exit code, stdout, stderr."""

    def run(arguments, environ):
        for name in [name for name in os.environ if name.startswith(("LEDGER", "DATABASE"))]:
            monkeypatch.delenv(name)
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        try:
            code = main(arguments)
        except SystemExit as exit:
            code = exit.code
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def operator(run, settings):
    environ = environment(settings)
    environ["LEDGER_SIGNING_KEY"] = base64.b64encode(settings.signing_key).decode()
    return lambda *arguments: run(arguments, environ)


def test_from_upgrade_to_a_checked_export(operator, run, settings, tmp_path):
    assert operator("upgrade")[0] == 0
    kept = [decision("1"), decision("2")]
    with Ledger(settings) as ledger:
        ledger.keep(kept)
    code, signed, _ = operator("root")
    assert code == 0
    public_key = signed.split()[-1]
    assert operator("verify")[0] == 0
    assert operator("forget", "--client", "1")[1].startswith("1 ")
    assert operator("forget", "--older-than", "400d")[1].startswith("0 ")
    _, status, _ = operator("status")
    assert "decisions: 2" in status
    assert "destroyed client keys: 1" in status

    file = tmp_path / "export.jsonl"
    file.write_text(operator("export")[1])
    check = ("verify", "--export", str(file), "--public-key", public_key)
    assert run(check, {})[0] == 0
    file.write_text(file.read_text().replace('"decision":"No"', '"decision":"Yes"', 1))
    code, found, _ = run(check, {})
    assert code == 1
    assert kept[0].id in found or kept[1].id in found

    outcomes = tmp_path / "outcomes.csv"
    outcomes.write_text(f"decision,outcome,date\n{kept[1].id},repaid,2027-11-20\n")
    assert operator("outcomes", str(outcomes))[0] == 0
    assert reading.get(ledger.database, kept[1].id).outcome
    outcomes.write_text(f"decision,outcome,date\n{kept[1].id},defaulted,2027-11-20\n")
    code, _, left = operator("outcomes", str(outcomes))
    assert code == 1
    assert "2" in left
    ledger.database.close()


def test_it_runs_as_a_module():
    command = [sys.executable, "-m", "ledger", "--help"]
    assert "upgrade" in subprocess.run(command, capture_output=True, text=True, check=True).stdout


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
def test_a_mistake_is_one_line_and_exit_code_2(run, tmp_path, arguments, changes, named):
    environ = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/ledger.db",
        "LEDGER_KEY": base64.b64encode(bytes(32)).decode(),
        "LEDGER_SPOOL": str(tmp_path),
    }
    code, _, error = run(arguments, environ | changes)
    assert code == 2
    assert len(error.splitlines()) == 1
    assert named in error


@pytest.mark.parametrize(
    "arguments", [["forget"], ["forget", "--older-than", "1y"], ["forget", "--client"], ["burn"]]
)
def test_an_unknown_option_shows_the_usage(run, arguments):
    code, _, error = run(arguments, {})
    assert code == 2
    assert "usage" in error
