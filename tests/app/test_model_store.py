"""What is loaded are the very bytes that were verified, at the start and at a reload."""

import os

import pytest

from app.errors import CannotStart
from app.model_folder import ModelFolder
from app.model_store import CURRENT, Watcher, is_uri, link_current, state_of, verified_copy
from scoring_model import integrity
from scoring_model.errors import BrokenModel


@pytest.fixture
def listed(model_folder):
    """A model with code, a planted compiled file and a manifest."""
    code = model_folder / "code" / "package"
    (code / "__pycache__").mkdir(parents=True)
    (code / "module.py").write_text("VALUE = 1\n")
    (code / "__pycache__" / "module.cpython-311.pyc").write_bytes(b"planted")
    integrity.Manifest.of(model_folder).write(model_folder)
    return model_folder


@pytest.fixture
def directory(tmp_path):
    (tmp_path / "run").mkdir()
    return tmp_path / "run"


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("required", [True, False])
def test_a_copy_holds_what_the_manifest_lists_and_no_compiled_file(listed, directory, required):
    (listed / "notes.txt").write_text("not listed")
    copy = verified_copy(listed, directory, required)

    assert files(copy) == {
        "MLmodel", "best_threshold", "contract.json", "code/package/module.py", integrity.NAME,
    }  # fmt: skip
    assert copy.is_relative_to(directory)
    assert ModelFolder.read(copy) == ModelFolder.read(listed)


def test_a_model_without_manifest_is_copied_without_compiled_files_where_allowed(
    listed, directory, log
):
    (listed / integrity.NAME).unlink()
    with pytest.raises(CannotStart, match=integrity.NAME):
        verified_copy(listed, directory, required=True)
    copy = verified_copy(listed, directory, required=False)

    assert "code/package/module.py" in files(copy)
    assert not any("__pycache__" in name for name in files(copy))
    assert [line["event"] for line in log()] == ["model not verified"]


def test_a_changed_extra_or_missing_file_is_refused_and_leaves_nothing(listed, directory):
    (listed / "best_threshold").write_text("0.9\n")
    with pytest.raises(BrokenModel, match="best_threshold"):
        verified_copy(listed, directory, required=True)
    (listed / "best_threshold").write_text("0.5\n")
    (listed / "code" / "more.py").write_text("")
    with pytest.raises(BrokenModel, match=r"more\.py"):
        verified_copy(listed, directory, required=False)
    (listed / "code" / "more.py").unlink()
    (listed / "contract.json").unlink()
    with pytest.raises(BrokenModel, match=r"contract\.json"):
        verified_copy(listed, directory, required=True)

    assert not [*directory.iterdir()]


def test_a_fifo_and_a_name_with_a_nul_are_refused_at_once(listed, directory):
    (listed / "best_threshold").unlink()
    os.mkfifo(listed / "best_threshold")
    with pytest.raises(BrokenModel, match="best_threshold"):
        verified_copy(listed, directory, required=True)
    (listed / integrity.NAME).write_text('{"sha256": {"a\\u0000": "0"}}')
    with pytest.raises(BrokenModel, match=integrity.NAME):
        verified_copy(listed, directory, required=True)


def test_the_link_to_the_current_model_is_replaced(directory):
    for name in ("first", "second"):
        (directory / name).mkdir()
        link_current(directory / name, directory, "state")
    link = directory / CURRENT

    assert link.resolve().name == "second"


@pytest.mark.parametrize(
    ("model", "expected"),
    [("models:/a@champion", True), ("file:///x", True), ("mlruns_reduced", False), ("/x", False)],
)
def test_a_uri_is_told_from_a_folder(model, expected):
    assert is_uri(model) == expected


class Loads:
    """Keeps the copies that were loaded, as files and contents; `fault` is raised once set."""

    def __init__(self):
        self.thresholds, self.copies, self.fault = [], [], None

    def __call__(self, copy):
        if self.fault:
            raise self.fault
        self.copies.append(copy)
        self.thresholds.append((copy / "best_threshold").read_text())


class EndOfTest(BaseException):
    """Ends a watcher, which otherwise runs as long as its process."""


@pytest.fixture
def watch(listed, directory, monkeypatch):
    """A function: what happens to the model before each look -> what was loaded."""

    def run(*steps, model=None, fault=None, before=nothing):
        loads, remaining = Loads(), iter(steps)
        served = verified_copy(listed, directory, True)
        link_current(served, directory, state_of(model or str(listed)))
        before()
        loads.fault = fault

        def sleep(seconds):
            assert seconds == 5
            step = next(remaining, None)
            if step is None:
                raise EndOfTest
            step()

        monkeypatch.setattr("app.model_store.time.sleep", sleep)
        with pytest.raises(EndOfTest):
            Watcher(model or str(listed), served, True, 5, loads).run()
        return loads

    return run


@pytest.fixture
def put(listed):
    """A function: a threshold -> a step that makes it the new version."""

    def make(threshold, manifest=True):
        def step():
            (listed / "best_threshold").write_text(threshold)
            if manifest:
                integrity.Manifest.of(listed).write(listed)

        return step

    return make


def nothing():
    """Leaves the model as it is."""


def test_a_folder_that_does_not_change_is_not_loaded_again(watch):
    assert watch(nothing, nothing).thresholds == []


def test_a_new_version_is_loaded_once_from_a_verified_copy(watch, put, directory):
    loads = watch(put("0.75"), nothing, put("0.875"), nothing)

    assert loads.thresholds == ["0.75", "0.875"]
    assert not any("__pycache__" in name for name in files(loads.copies[-1]))
    assert (directory / CURRENT).resolve() == loads.copies[-1]


def test_a_version_put_in_place_before_the_first_look_is_new_too(watch, put):
    """As in a worker that starts with the old copy just before."""
    assert watch(nothing, before=put("0.75")).thresholds == ["0.75"]


def test_of_renewed_models_two_copies_are_kept(watch, put):
    loads = watch(put("0.75"), put("0.875"), put("0.625"))

    assert [copy.exists() for copy in loads.copies] == [False, True, True]


def test_a_file_uri_is_a_folder(watch, put, listed):
    assert watch(put("0.75"), model=listed.as_uri()).thresholds == ["0.75"]


def test_a_version_that_is_not_verified_is_logged_once_until_it_is_complete(watch, put, log):
    loads = watch(put("0.75", manifest=False), nothing, put("0.75"))

    assert loads.thresholds == ["0.75"]
    assert [line["event"] for line in log()] == ["model not renewed"]


def test_a_version_that_cannot_be_loaded_changes_nothing_and_quotes_no_client(
    watch, put, directory, log
):
    watch(put("0.75"), nothing, fault=ValueError("SECRET"))
    [line] = log()

    assert (line["event"], line["reason"]) == ("model not renewed", "ValueError")
    assert [*directory.glob("model-*/")] == [(directory / CURRENT).resolve()]


def test_a_model_that_goes_away_is_no_new_version(watch, listed, directory):
    away = directory / "away"
    loads = watch(lambda: listed.rename(away), nothing, lambda: away.rename(listed), nothing)

    assert loads.thresholds == []
