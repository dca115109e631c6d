"""A registered version says what its manifest must be, and who fetches it compares."""

import os
import subprocess
import sys
from pathlib import Path

import mlflow.artifacts
import pytest

from app.model_store import fetch
from scoring_model import integrity as manifest
from scoring_model.errors import BrokenModel
from scoring_model.integrity import Manifest
from tests.train.registry.candidates import NAME, publish_small
from tests.trained import ROOT

CHAMPION = f"models:/{NAME}@champion"


@pytest.fixture
def registered(store, workplace, small_artifacts):
    publish_small(small_artifacts, workplace.export)
    return store


@pytest.fixture
def kept(registered):
    """Where the store keeps the files of the champion."""
    version = registered.get_model_version_by_alias(NAME, "champion")
    return Path(mlflow.artifacts.download_artifacts(version.source))


def tamper(folder):
    """As somebody who knows of the manifest, and may write to the files but not to the registry."""
    (folder / "artifacts/best_threshold").write_text("0.001\n")
    Manifest.of(folder).write(folder)


@pytest.mark.usefixtures("registered")
def test_the_version_and_the_export_hold_a_manifest_of_all_their_files(tmp_path, workplace):
    (tmp_path / "fetched").mkdir()
    folder = fetch(CHAMPION, tmp_path / "fetched")

    for model in (folder, workplace.export):
        Manifest.read(model).check(model)
        assert Manifest.read(model) == Manifest.of(model)


def test_a_manifest_that_is_not_as_registered_is_refused(registered, kept, tmp_path):
    (version,) = registered.search_model_versions(f"name = '{NAME}'")
    assert version.tags["manifest_sha256"] == manifest.digest(kept)
    tamper(kept)

    with pytest.raises(BrokenModel, match=r"version 1: manifest\.json is not as registered"):
        fetch(CHAMPION, tmp_path)


def test_the_service_does_not_start_with_it(kept, workplace):
    tamper(kept)
    ran = subprocess.run(
        [sys.executable, "-m", "app"],
        cwd=ROOT,
        env={**os.environ, **workplace.environment, "PORT": "0", "MODEL": CHAMPION},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 2
    assert "version 1: manifest.json is not as registered" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


@pytest.mark.usefixtures("registered")
def test_the_manifest_of_a_folder_changed_by_hand_is_written_anew(workplace, capsys):
    from train.manifest import main

    (workplace.export / "best_threshold").write_text("0.5\n")
    with pytest.raises(BrokenModel, match="best_threshold"):
        Manifest.read(workplace.export).check(workplace.export)

    assert main([str(workplace.export)]) == 0
    assert "manifest.json: " in capsys.readouterr().out
    Manifest.read(workplace.export).check(workplace.export)
