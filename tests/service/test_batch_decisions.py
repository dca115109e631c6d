"""`credit-scoring ledger score`: the decisions of a file of clients, each kept once."""

import csv
import json
import subprocess

import pandas as pd
import pytest

from app import batch
from ledger import reading
from tests.ledger.decisions import findings, ids
from tests.service import saved
from tests.service.conftest import PROJECT, environment
from tests.service.keeping import command, environ, ledger, model, server
from tests.service.processes import until

__all__ = ["environ", "model", "server"]

ROWS = 6000
ON_SQLITE = pytest.mark.parametrize("environ", ["sqlite"], indirect=True)


def start(environ, *options):
    return subprocess.Popen(
        command("score", *options), cwd=PROJECT, env=environment(**environ), stdout=subprocess.PIPE
    )


def test_kill_9_and_two_at_once_keep_each_row_once(environ, database, model, tmp_path):
    file = tmp_path / "clients.parquet"
    clients = [{**client, "CODE_GENDER": "F"} for client in saved.clients(ROWS)]
    pd.DataFrame(clients).drop(columns="OWNS_CAR").to_parquet(file)
    killed = start(environ, file, "--model", model)
    until(lambda: ids(database))
    killed.kill()
    killed.communicate()
    before = len(ids(database))
    two = [start(environ, file, "--model", model) for _ in range(2)]
    printed = [process.communicate()[0].decode() for process in two]
    kept = ids(database)

    assert 0 < before < ROWS
    assert [process.returncode for process in two] == [0, 0], printed
    assert len(kept) == len(set(kept)) == ROWS
    assert findings(database) == []
    assert ledger(environ, "verify").returncode == 0
    again = ledger({**environ, "MODEL": model}, "score", file)
    assert f"0 decisions kept, {ROWS} were kept before" in again.stdout
    replayed = ledger({**environ, "MODEL": model}, "replay", "--since", "1d")
    assert replayed.stdout == f"{ROWS} the same to the last bit, 0 not\n"
    [last] = reading.page(database, limit=1).records
    assert last.decision.client == str(clients[-1]["SK_ID_CURR"])
    assert last.decision.request_id.endswith(f":{ROWS - 1}")


@pytest.fixture
def score(environ, database, model, monkeypatch, capsys):  # noqa: ARG001 # has the tables
    """Runs the command in this process: the exit code, stdout, stderr."""
    for name, value in {**environ, "MODEL": model}.items():
        monkeypatch.setenv(name, value)

    def run(file):
        monkeypatch.setattr("sys.argv", ["credit-scoring ledger score", str(file)])
        return batch.main(), *capsys.readouterr()

    return run


@ON_SQLITE
def test_every_format_gives_the_same_decisions(score, database, tmp_path):
    clients = [
        {"SK_ID_CURR": 1, "CODE_GENDER": "M", "AMT_CREDIT": 1000.5, "OWNS_CAR": True},
        {"SK_ID_CURR": 2, "CODE_GENDER": "F", "AMT_CREDIT": None, "OWNS_CAR": False},
        {"SK_ID_CURR": 3, "CODE_GENDER": None, "AMT_CREDIT": 7e5, "OWNS_CAR": None, "MORE": "x"},
    ]
    lines = tmp_path / "clients.jsonl"
    lines.write_text("".join(json.dumps(client) + "\n" for client in clients))
    with (tmp_path / "clients.csv").open("w") as file:
        table = csv.DictWriter(file, [*clients[0], "MORE"])
        table.writeheader()
        table.writerows(clients)
    pd.DataFrame(clients).to_parquet(tmp_path / "clients.parquet")
    for ending in ("jsonl", "csv", "parquet"):
        assert score(tmp_path / f"clients.{ending}")[0] == 0
    made = [record.decision for record in reading.page(database).records]
    scored = {(each.client, each.solvency, each.coverage, each.reasons) for each in made}

    assert len(made) == 9
    assert {each.client: each.inputs for each in made[-3:]} == {
        str(client["SK_ID_CURR"]): json.dumps(client, separators=(",", ":")) for client in clients
    }
    assert len(scored) == 3


@ON_SQLITE
def test_rows_that_cannot_be_scored_are_named_without_their_values(score, database, tmp_path):
    file = tmp_path / "clients.jsonl"
    wrong = [{"SK_ID_CURR": 1, "AMT_CREDIT": "much"}, {"SK_ID_CURR": 2}, {"AMT_CREDIT": 1}, 7]
    good = {"SK_ID_CURR": 3, "AMT_CREDIT": 1}
    file.write_text("".join(json.dumps(client) + "\n" for client in [good, *wrong, good]))
    code, printed, errors = score(file)

    assert (code, len(ids(database))) == (1, 2)
    assert "2 decisions kept, 0 were kept before, 4 rows" in printed
    assert [line.partition(":")[0].split(",")[0] for line in sorted(errors.splitlines())] == [
        f"row {row}" for row in (1, 2, 3, 4)
    ]
    assert "much" not in errors


@ON_SQLITE
@pytest.mark.parametrize("name", ["clients.xlsx", "missing.csv", "broken.jsonl"])
def test_a_file_that_cannot_be_read_is_one_line_and_exit_code_2(score, tmp_path, name):
    if not name.startswith("missing"):
        (tmp_path / name).write_text("{")
    code, _, errors = score(tmp_path / name)

    assert (code, errors.count("\n")) == (2, 1)
