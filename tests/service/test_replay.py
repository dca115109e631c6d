"""`credit-scoring ledger replay`: decisions of several versions of a model, scored again."""

import shutil
from dataclasses import replace

import pytest
from mlflow.artifacts import download_artifacts

from ledger import reading
from tests.ledger.decisions import ids
from tests.service import saved
from tests.service.keeping import SHOP, environ, ledger, model, save, server
from tests.service.processes import until
from tests.train.registry.candidates import NAME, publish_small

__all__ = ["environ", "model", "server"]

CLIENTS = list(saved.clients(200))
ON_SQLITE = pytest.mark.parametrize("environ", ["sqlite"], indirect=True)


def replay(environ, *options):
    return ledger(environ, "replay", *options)


@ON_SQLITE
def test_decisions_of_two_versions_are_scored_again_to_the_last_bit(
    serving, environ, database, tmp_path, small_artifacts
):
    first, second, current = tmp_path / "first", tmp_path / "second", tmp_path / "model"
    save(small_artifacts, first)
    calibration = replace(small_artifacts.calibration, coefficients=(1.0, 1.0, 0.0))
    save(replace(small_artifacts, threshold=0.9, calibration=calibration), second)
    current.symlink_to(first)
    environ |= {"MODEL": str(current), "RELOAD_SECONDS": "0.2", "MAX_ROWS": "300"}
    with serving(**environ) as it:
        it.ready()
        body = {"data": CLIENTS[:100]}
        it.ask("POST", "/predict", body, **SHOP)
        it.ask(
            "POST", "/invocations", {"inputs": body["data"], "params": {"threshold": 0.3}}, **SHOP
        )
        promoted = tmp_path / "promoted"
        promoted.symlink_to(second)
        promoted.rename(current)
        until(lambda: it.event("model renewed"))
        [made, *_] = it.ask("POST", "/decisions", {"data": CLIENTS[100:]}, **SHOP).json()
        until(lambda: len(ids(database)) == 300)
    one = replay(environ, made["id"])
    without = replay(environ, "--since", "1d")
    both = replay(environ, "--since", "1d", "--model", str(first))

    assert (one.returncode, one.stdout) == (0, "1 the same to the last bit, 0 not\n")
    assert without.returncode == 1
    assert "100 the same to the last bit, 200 not" in without.stdout
    assert "is not found" in without.stdout
    assert (both.returncode, both.stdout) == (0, "300 the same to the last bit, 0 not\n")
    assert (
        len({record.decision.model_digest for record in reading.page(database, limit=300).records})
        == 2
    )


@ON_SQLITE
def test_versions_of_the_registry_are_found_until_they_are_gone(
    serving, environ, database, store, workplace, small_artifacts
):
    environ |= {
        "MODEL": f"models:/{NAME}@champion",
        "MLFLOW_TRACKING_URI": workplace.tracking_uri,
        "RELOAD_SECONDS": "0.2",
    }
    publish_small(small_artifacts, workplace.export)
    with serving(**environ) as it:
        it.ready()
        [first, *_] = it.ask("POST", "/decisions", {"data": CLIENTS[:20]}, **SHOP).json()
        publish_small(replace(small_artifacts, threshold=0.9), workplace.export)
        until(lambda: it.event("model renewed"))
        [second, *_] = it.ask("POST", "/decisions", {"data": CLIENTS[:20]}, **SHOP).json()
        until(lambda: len(ids(database)) == 40)
    each = [replay(environ, made["id"]) for made in (first, second)]
    every = replay(environ, "--since", "7d")

    assert store.get_model_version_by_alias(NAME, "champion").version == 2
    assert (first["threshold"], second["threshold"]) == (small_artifacts.threshold, 0.9)
    assert {ran.stdout for ran in each} == {"1 the same to the last bit, 0 not\n"}
    assert (every.returncode, every.stdout) == (0, "40 the same to the last bit, 0 not\n")

    store.delete_model_version(NAME, "1")
    shutil.rmtree(download_artifacts(store.get_model_version(NAME, "2").source))
    gone = replay(environ, "--since", "7d")
    exported = replay(environ, "--since", "7d", "--model", str(workplace.export))

    assert (gone.returncode, gone.stdout.count("is not found")) == (1, 40)
    assert f"models:/{NAME}@champion cannot be used" in gone.stdout
    assert (exported.returncode, exported.stdout.count("is not found")) == (1, 20)
    assert f"{first['id']}: model " in exported.stdout


@ON_SQLITE
def test_a_replay_says_what_differs(environ, database, model, serving):
    with serving(**environ, MODEL=model) as it:
        it.ready()
        [made] = it.ask("POST", "/decisions", {"data": CLIENTS[0]}, **SHOP).json()
        until(lambda: ids(database))
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE decisions SET solvency = 0.25")
    ran = replay({**environ, "MODEL": model}, made["id"])

    assert ran.returncode == 1
    assert f"{made['id']}: solvency was 0.25, is {made['solvency']!r}" in ran.stdout


def test_no_database_means_nothing_to_replay_or_to_upgrade():
    upgraded = ledger({"DATABASE_URL": ""}, "upgrade")
    assert (upgraded.returncode, upgraded.stdout.count("\n")) == (0, 1)
    assert replay({"DATABASE_URL": ""}, "--since", "7d").returncode == 2
