"""From a saved model to challenger to champion and back, in a real registry."""

from pathlib import Path

import mlflow
import pytest

from tests.train.registry.candidates import CARD, NAME, publish_small
from train.errors import TrainError
from train.registry import versions
from train.registry.registration import roll_back
from train.registry.versions import move_champion
from train.rollback import main as rollback

REFUSED = {"passed": False, "why": "AUC is worse"}


@pytest.fixture
def put(store, workplace, small_artifacts):
    """Registers another small model in an empty registry."""
    assert store.search_registered_models() == []
    return lambda **changes: publish_small(small_artifacts, workplace.export, **changes)


def aliases(store):
    return {
        alias: str(number) for alias, number in store.get_registered_model(NAME).aliases.items()
    }


def test_what_passes_becomes_champion_and_is_exported(put, store, workplace):
    done = put()
    assert done.champion
    assert done.refusal is None
    assert aliases(store) == {"champion": "1"}
    assert (workplace.export / "MLmodel").exists()
    assert (workplace.export / "model_card.md").read_text() == CARD
    assert not Path("kept").exists()


def test_what_is_refused_is_a_challenger_and_a_finished_run(put, store, workplace):
    put()
    exported = (workplace.export / "MLmodel").read_text()
    done = put(**REFUSED)
    assert aliases(store) == {"champion": "1", "challenger": "2"}
    assert "stays challenger: AUC is worse" in done.says
    assert (workplace.export / "MLmodel").read_text() == exported
    run = store.get_run(store.get_model_version(NAME, "2").run_id)
    assert run.info.status == "FINISHED"
    assert run.data.tags["gate"] == "refused"


def test_always_promotes_what_the_gate_refuses_and_never_promotes_nothing(put, store, workplace):
    assert put(promote="never").refusal is None
    assert aliases(store) == {"challenger": "1"}
    assert not workplace.export.exists()
    assert put(promote="always", **REFUSED).champion
    assert aliases(store)["champion"] == "2"


def test_a_version_appears_with_its_verdict_its_card_and_its_digest(put, store):
    put(**REFUSED)
    version = store.get_model_version(NAME, "1")
    assert version.tags["gate"] == "refused"
    assert version.tags["gate.why"] == "AUC is worse"
    assert len(version.tags["model_digest"]) == 64
    assert version.description.endswith(CARD)
    run = store.get_run(version.run_id)
    assert run.data.tags["version"] == "1"
    assert run.data.metrics["auc"] == 0.8
    (output,) = run.outputs.model_outputs
    assert version.source == f"models:/{output.model_id}"


@pytest.mark.parametrize("policy", ["gate", "always"])
def test_nothing_is_promoted_over_a_champion_that_it_was_not_compared_with(put, store, policy):
    put()
    done = put(promote=policy, champion=None)
    assert not done.champion
    assert "from no version to version 1" in done.refusal
    assert aliases(store)["champion"] == "1"
    assert store.get_model_version(NAME, "2").tags["gate"] == "refused"


def test_an_alias_that_another_tool_has_moved_is_left_alone(put, store):
    put()
    with pytest.raises(TrainError, match="should be version 7 and is version 1"):
        move_champion(NAME, "7", "8")
    assert aliases(store)["champion"] == "1"


@pytest.mark.parametrize("policy", ["gate", "always"])
def test_generated_clients_never_replace_real_ones(put, store, workplace, policy):
    put()
    exported = (workplace.export / "MLmodel").read_text()
    elsewhere = str(workplace.folder / "generated")
    done = put(generated=True, promote=policy, export=elsewhere)
    assert "generated" in done.refusal
    assert store.get_model_version(NAME, "2").tags["data"] == "generated"
    assert aliases(store) == {"champion": "1", "challenger": "2"}
    assert (workplace.export / "MLmodel").read_text() == exported


def test_an_export_of_real_clients_is_not_overwritten_by_generated_ones(put, store, workplace):
    put(name="another")
    exported = (workplace.export / "MLmodel").read_text()
    assert "real clients" in put(generated=True).refusal
    assert aliases(store) == {"challenger": "1"}
    assert (workplace.export / "MLmodel").read_text() == exported


def test_generated_clients_replace_generated_ones(put, store):
    put(generated=True)
    assert put(generated=True).champion
    assert versions.champion(NAME).generated
    assert put().champion
    assert aliases(store) == {"champion": "3"}


def test_rolling_back_walks_back_through_the_champions(put, store, workplace):
    for _ in range(3):
        put()
    assert roll_back(NAME, workplace.export, "me", "complaints") == ("3", "2")
    roll_back(NAME, workplace.export, "me", "")
    assert aliases(store) == {"champion": "1"}
    withdrawn = versions.version(NAME, "3").tags
    assert withdrawn["rolled_back"].startswith("to version 2 by me at 20")
    assert withdrawn["rolled_back"].endswith(": complaints")
    assert len(withdrawn) <= 10
    with pytest.raises(TrainError, match="before version 1"):
        roll_back(NAME, workplace.export, "me", "")
    put()
    assert aliases(store) == {"champion": "4"}
    assert roll_back(NAME, workplace.export, "me", "") == ("4", "1")


def test_the_command_exports_what_it_restores(put, store, workplace, capsys):
    put()
    put()
    assert rollback(["--export", "champion", "--why", "it was wrong"]) == 0
    assert "version 1 is champion again instead of 2" in capsys.readouterr().out
    exported = mlflow.models.Model.load(str(workplace.export))
    assert f"models:/{exported.model_id}" == store.get_model_version(NAME, "1").source


@pytest.mark.usefixtures("store")
def test_a_rollback_without_a_champion_is_one_line_and_exit_code_2(capsys):
    assert rollback(["--name", "nobody"]) == 2
    assert "nobody has no champion" in capsys.readouterr().err
    with pytest.raises(TrainError):
        roll_back("nobody", None, "", "")


def test_a_deleted_champion_cannot_be_restored(put, store, capsys):
    put()
    put()
    store.delete_model_version(NAME, "1")
    assert rollback([]) == 2
    assert "has no version 1" in capsys.readouterr().err
    assert aliases(store) == {"champion": "2"}
