"""From candidate to challenger to champion, in a real registry."""

import mlflow
import pytest

from tests.train.registry.candidates import NAME, REFUSED, publish_small
from train.registry import versions
from train.registry.errors import ChampionMoved, NoChampion, NoPrevious
from train.registry.promotion import move_champion, roll_back
from train.rollback import main as rollback


@pytest.fixture
def put(store, workplace, small_artifacts):
    """Publishes another small model into an empty registry."""
    assert store.search_registered_models() == []
    return lambda *arguments, **named: publish_small(
        small_artifacts, workplace.export, *arguments, **named
    )


def aliases(store):
    return {
        alias: str(number) for alias, number in store.get_registered_model(NAME).aliases.items()
    }


def test_what_passes_becomes_champion_and_is_exported(put, store, workplace):
    published = put()
    assert published.champion
    assert published.refusal is None
    assert aliases(store) == {"champion": "1"}
    assert (workplace.export / "MLmodel").exists()


def test_what_is_refused_stays_challenger_and_is_not_exported(put, store, workplace):
    put()
    exported = (workplace.export / "MLmodel").read_text()
    published = put(verdict=REFUSED)
    assert aliases(store) == {"champion": "1", "challenger": "2"}
    assert published.refusal == "credit-scoring version 2 stays challenger: AUC is worse"
    assert (workplace.export / "MLmodel").read_text() == exported


def test_always_promotes_what_the_gate_refuses_and_never_promotes_nothing(put, store, workplace):
    assert put("never").refusal is None
    assert aliases(store) == {"challenger": "1"}
    assert not workplace.export.exists()
    assert put("always", verdict=REFUSED).champion
    assert aliases(store) == {"champion": "2"}


def test_a_version_appears_with_its_verdict_its_card_and_its_digest(put, store):
    put(verdict=REFUSED)
    version = store.get_model_version(NAME, "1")
    assert version.tags["gate"] == "refused"
    assert version.tags["gate.why"] == "AUC is worse"
    assert version.tags["gate.champion_unchanged"] == "passed"
    assert len(version.tags["model_digest"]) == 64
    assert version.description == "# Card"
    run = store.get_run(version.run_id)
    assert run.data.tags.items() >= {("gate", "refused"), ("version", "1")}
    kept = {artifact.path for artifact in store.list_artifacts(version.run_id)}
    assert kept >= {"verdict.json", "verdict.md", "model_card.md", "model_card.html"}


def test_nothing_is_promoted_over_a_champion_that_it_was_not_compared_with(put, store):
    put()
    for policy in ("gate", "always"):
        published = put(policy, before=None)
        assert not published.champion
        assert "the champion has changed meanwhile, from none to version 1" in published.refusal
    assert aliases(store)["champion"] == "1"


def test_an_alias_that_another_tool_has_moved_is_left_alone(put, store):
    put()
    with pytest.raises(ChampionMoved, match="should be version 7 and is version 1"):
        move_champion(NAME, "7", "8")
    assert aliases(store)["champion"] == "1"


def test_rolling_back_walks_back_through_the_champions(put, store, workplace):
    for _ in range(3):
        put()
    assert aliases(store) == {"champion": "3"}
    done = roll_back(NAME, workplace.export, "me", "complaints")
    assert (done.withdrawn, done.restored) == ("3", "2")
    roll_back(NAME, workplace.export, "me", "")
    assert aliases(store) == {"champion": "1"}
    withdrawn = versions.version(NAME, "3").tags
    assert withdrawn["rolled_back_why"] == "complaints"
    assert withdrawn["rolled_back_to"] == "2"
    with pytest.raises(NoPrevious, match="before version 1"):
        roll_back(NAME, workplace.export, "me", "")


def test_after_a_rollback_the_next_champion_follows_the_restored_one(put, store, workplace):
    put()
    put()
    roll_back(NAME, workplace.export, "me", "")
    put()
    assert aliases(store) == {"champion": "3"}
    assert roll_back(NAME, workplace.export, "me", "").restored == "1"


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
    assert capsys.readouterr().err == "rollback: nobody has no champion\n"
    with pytest.raises(NoChampion):
        roll_back("nobody", None, "", "")


def test_a_deleted_champion_cannot_be_restored(put, store, capsys):
    put()
    put()
    store.delete_model_version(NAME, "1")
    assert rollback([]) == 2
    assert "has no version 1" in capsys.readouterr().err
    assert aliases(store) == {"champion": "2"}
