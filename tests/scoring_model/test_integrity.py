"""A model's folder is what its manifest says, or it is named what is not."""

import json
import os
import pickle
import shutil

import pytest

from scoring_model import artifacts
from scoring_model.errors import BrokenModel, PickleForbidden
from scoring_model.integrity import Manifest, digest


@pytest.fixture
def folder(tmp_path, small_artifacts):
    """A model's folder in small: artifacts, code, and a manifest of both."""
    folder = tmp_path / "model"
    (folder / "code/package").mkdir(parents=True)
    artifacts.save(small_artifacts, folder)
    (folder / "MLmodel").write_text("flavors: {}\n")
    (folder / "code/package/__init__.py").write_text("")
    Manifest.of(folder).write(folder)
    return folder


@pytest.fixture
def paths(folder):
    return {name: str(folder / file) for name, file in artifacts.FILES.items()}


def check(folder):
    Manifest.read(folder).check(folder)


def test_an_untouched_folder_passes_here_and_wherever_it_is_copied(folder, tmp_path):
    check(folder)
    check(shutil.copytree(folder, tmp_path / "copied"))


@pytest.mark.parametrize("name", ["model.pkl", "best_threshold", "MLmodel"])
def test_a_file_of_which_one_byte_differs_is_named(folder, name):
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)

    with pytest.raises(BrokenModel, match=f"{name}: is not the file that manifest.json lists"):
        check(folder)


def test_a_file_that_is_missing_is_named(folder):
    (folder / "reasons.json").unlink()

    with pytest.raises(BrokenModel, match=r"reasons\.json: No such file"):
        check(folder)


@pytest.mark.parametrize(
    "name", ["code/sitecustomize.py", "code/package/data.bin", "lightgbm.py", "code/package/x.pyc"]
)
def test_code_that_nobody_listed_is_named(folder, name):
    (folder / name).write_text("")

    with pytest.raises(BrokenModel, match=f"{name}: is code that manifest.json does not list"):
        check(folder)


def test_a_link_among_the_code_is_code(folder, tmp_path):
    (folder / "code/elsewhere").symlink_to(tmp_path)

    with pytest.raises(BrokenModel, match="code/elsewhere"):
        check(folder)


def test_what_mlflow_and_python_add_by_themselves_is_no_difference(folder):
    (folder / "registered_model_meta").write_text("model_name: x\n")
    (folder / "code/package/__pycache__").mkdir()
    (folder / "code/package/__pycache__/x.pyc").write_text("")

    check(folder)


def test_a_copy_holds_what_was_checked_and_nothing_else(folder, tmp_path):
    (folder / "notes.txt").write_text("")
    (folder / "code/package/__pycache__").mkdir()
    (tmp_path / "copy").mkdir()
    Manifest.read(folder).copy(folder, tmp_path / "copy")

    copied = {p.relative_to(tmp_path / "copy").as_posix() for p in (tmp_path / "copy").rglob("*.*")}
    assert {"model.pkl", "manifest.json", "code/package/__init__.py"} <= copied
    assert not copied & {"notes.txt", "code/package/__pycache__"}
    check(tmp_path / "copy")


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"sha256": 1}', '{"sha256": {"../x": "0"}}', '{"sha256": {"/etc/passwd": "0"}}'],
)
def test_what_is_no_manifest_is_refused(folder, text):
    (folder / "manifest.json").write_text(text)

    with pytest.raises(BrokenModel, match=r"manifest\.json"):
        Manifest.read(folder)


@pytest.mark.parametrize("name", ["a\0b", "a\nb", "code/__pycache__/x.pyc", "code/x.pyc"])
def test_names_of_no_file_and_compiled_files_are_refused_in_one_line(folder, name):
    listed = json.loads((folder / "manifest.json").read_text())["sha256"] | {name: "0"}
    (folder / "manifest.json").write_text(json.dumps({"sha256": listed}))

    with pytest.raises(BrokenModel, match=r"manifest\.json: lists") as error:
        Manifest.read(folder)
    assert str(error.value).isprintable()


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_a_listed_name_that_is_no_regular_file_is_refused_without_waiting(folder, tmp_path, make):
    (folder / "reasons.json").unlink()
    make(folder / "reasons.json")

    for action in (check, lambda folder: Manifest.read(folder).copy(folder, tmp_path)):
        with pytest.raises(BrokenModel, match=r"reasons\.json"):
            action(folder)


def test_a_device_is_no_file_of_a_model(folder):
    (folder / "reasons.json").unlink()
    (folder / "reasons.json").symlink_to("/dev/zero")

    with pytest.raises(BrokenModel, match="not a regular file"):
        check(folder)


def test_compiled_files_are_neither_listed_nor_copied(folder, tmp_path):
    cache = folder / "code/package/__pycache__"
    cache.mkdir()
    (cache / "__init__.cpython-311.pyc").write_text("")
    manifest = Manifest.of(folder)
    manifest.write(folder)
    (tmp_path / "copy").mkdir()
    manifest.copy(folder, tmp_path / "copy")

    assert not [name for name in manifest.files if "pyc" in name]
    assert not [*(tmp_path / "copy").rglob("*pyc*")]
    assert digest(tmp_path / "copy") == digest(folder)


def test_the_model_itself_compares_its_artifacts_before_it_unpickles_one(folder, paths):
    artifacts.load(paths)

    class Attack:
        def __reduce__(self):
            return os.mkdir, (str(folder / "attacked"),)

    (folder / "model.pkl").write_bytes(pickle.dumps(Attack()))
    with pytest.raises(BrokenModel, match=r"model\.pkl: is not the file"):
        artifacts.load(paths)
    assert not (folder / "attacked").exists()


def test_artifacts_in_a_folder_of_their_own_are_found_in_the_manifest_above(folder, paths):
    (folder / "artifacts").mkdir()
    moved = {name: shutil.move(path, folder / "artifacts") for name, path in paths.items()}
    Manifest.of(folder).write(folder)
    artifacts.load(moved)
    (folder / "artifacts/best_threshold").write_text("0.1\n")

    with pytest.raises(BrokenModel, match=r"artifacts/best_threshold"):
        artifacts.load(moved)


def test_a_model_of_before_without_manifest_is_loaded(folder, paths):
    (folder / "manifest.json").unlink()

    assert artifacts.load(paths).threshold


@pytest.mark.parametrize("word", ["false", "False", "0", "no"])
def test_where_pickles_are_forbidden_the_model_says_so(paths, monkeypatch, word):
    monkeypatch.setenv("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", word)

    with pytest.raises(PickleForbidden, match=r"model\.pkl.*MLFLOW_ALLOW_PICKLE_DESERIALIZATION"):
        artifacts.load(paths)


def test_the_digest_of_a_manifest_is_another_for_another_model(folder):
    before = digest(folder)
    (folder / "best_threshold").write_text("0.123\n")
    Manifest.of(folder).write(folder)

    assert digest(folder) != before
    assert json.loads((folder / "manifest.json").read_text())["sha256"]["best_threshold"]
