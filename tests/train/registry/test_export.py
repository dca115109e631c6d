"""One folder takes the place of another."""

import pytest

from train.registry import model_folder
from train.registry.export import export, recover


@pytest.fixture
def model(small_artifacts, tmp_path):
    model_folder.save(small_artifacts, int, tmp_path / "model")
    return tmp_path / "model"


@pytest.fixture
def champion(tmp_path):
    folder = tmp_path / "champion"
    folder.mkdir()
    (folder / "content").write_text("old")
    return folder


def hidden(champion):
    return [path for path in champion.parent.iterdir() if path.name.startswith(".")]


def test_an_export_replaces_the_last_one_and_leaves_nothing(model, champion):
    export(model, champion)
    assert (champion / "best_threshold").exists()
    assert not (champion / "content").exists()
    assert hidden(champion) == []


def test_a_folder_that_a_killed_export_took_away_is_given_back(champion):
    champion.rename(champion.with_name(".champion.old"))
    champion.with_name(".champion.new").mkdir()
    recover(champion)
    assert (champion / "content").read_text() == "old"
    assert hidden(champion) == []
