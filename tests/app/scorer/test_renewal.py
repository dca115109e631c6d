"""A new champion takes the old one's place only if it works."""

import json
from dataclasses import replace

import pytest

from app.errors import CannotStart
from app.model_folder import ModelFolder
from app.scorer import Champion, Score
from app.scorer.renewal import Renewal
from app.scorer.source import Alias, Folder, source_of
from scoring_model.expected import NAME, Expected


class Scorer:
    """Scores every client alike; `folder` says how."""

    def __init__(self, folder):
        self.model = ModelFolder.read(folder)
        self.solvency = float((folder / "model.pkl").read_text())

    def score(self, records):
        return [Score(self.solvency, 0.5, "Yes") for _ in records]


def load(folder):
    from pathlib import Path

    try:
        return Scorer(Path(folder))
    except ValueError as error:
        raise CannotStart("the model cannot be loaded") from error


@pytest.fixture
def folder(model_folder):
    (model_folder / "input_example.json").write_text(json.dumps([{"ID": 1, "AGE": 40}]))
    put(model_folder, "1", "0.25")
    return model_folder


def put(folder, version, model):
    (folder / "MLmodel").write_text(f"model_id: m-{version}\n")
    (folder / "model.pkl").write_text(model)


@pytest.fixture
def champion(folder):
    return Champion(load(folder))


@pytest.fixture
def renewal(folder, champion):
    renewal = Renewal(Folder(folder), load, 1)
    renewal.look(champion)
    return renewal


def said(capsys):
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_an_unchanged_model_is_not_loaded_again(renewal, champion, capsys):
    before = champion.scorer
    renewal.look(champion)

    assert champion.scorer is before
    assert not said(capsys)


def test_a_new_version_takes_over_with_all_that_belongs_to_it(renewal, champion, folder, capsys):
    put(folder, "2", "0.75")
    (folder / "best_threshold").write_text("0.75\n")
    renewal.look(champion)

    assert champion.scorer.solvency == 0.75
    assert (champion.scorer.model.version, champion.scorer.model.best_threshold) == ("m-2", 0.75)
    assert said(capsys) == [{"event": "model renewed", "before": "m-1", "after": "m-2"}]


@pytest.mark.parametrize("model", ["no number", "7"])
def test_a_version_that_does_not_work_is_reported_once_and_the_old_one_stays(
    renewal, champion, folder, capsys, model
):
    before = champion.scorer
    put(folder, "2", model)
    renewal.look(champion)
    renewal.look(champion)

    assert champion.scorer is before
    assert [line["event"] for line in said(capsys)] == ["model not renewed"]


def test_a_version_that_scores_otherwise_than_at_training_does_not_work(
    renewal, champion, folder, capsys
):
    (folder / NAME).write_text(Expected([{"ID": 1, "AGE": 40}], [0.5]).to_json())
    put(folder, "2", "0.75")
    renewal.look(champion)
    assert champion.scorer.model.version == "m-1"
    assert "as it did at training" in said(capsys)[0]["why"]

    put(folder, "3", "0.5")
    renewal.look(champion)
    assert champion.scorer.model.version == "m-3"


def test_a_version_that_is_mended_takes_over(renewal, champion, folder):
    put(folder, "2", "no number")
    renewal.look(champion)
    put(folder, "2", "0.5")
    renewal.look(champion)

    assert champion.scorer.solvency == 0.5


def test_a_model_that_goes_away_is_reported_once(renewal, champion, folder, capsys):
    folder.rename(folder.with_name("elsewhere"))
    renewal.look(champion)
    renewal.look(champion)

    assert champion.scorer.solvency == 0.25
    assert len(said(capsys)) == 1


def test_a_report_quotes_no_client(renewal, champion, folder, capsys):
    (folder / "input_example.json").write_text("[1, SECRET")
    renewal.look(champion)

    assert [line["why"] for line in said(capsys)] == ["JSONDecodeError"]


def test_what_can_change_is_watched_and_nothing_else(tmp_path):
    assert source_of(str(tmp_path)) == source_of(tmp_path.as_uri()) == Folder(tmp_path)
    assert source_of("models:/credit-scoring@champion") == Alias("credit-scoring", "champion")
    assert source_of("models:/credit-scoring/3") is None
    assert source_of("runs:/0123/model") is None


def test_the_version_of_a_model_is_the_id_that_mlflow_gave_it(folder):
    assert ModelFolder.read(folder).version == "m-1"
    (folder / "MLmodel").write_text("flavors: {}\n")
    assert ModelFolder.read(folder) == replace(ModelFolder.read(folder), version="unknown")
