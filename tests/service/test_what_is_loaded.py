"""Nothing of a model runs that its manifest does not list: the start stops with one line."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from scoring_model.integrity import Manifest
from tests.service.processes import until


@pytest.fixture
def model_copy(shipped, tmp_path):
    return shutil.copytree(shipped, tmp_path / "model")


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def one_line(said):
    (line,) = [line for line in said.splitlines() if not line.startswith("{")]
    return line


DAMAGES = {
    "model.pkl": flip,
    "code/scoring_model/decision.py": flip,
    "MLmodel": lambda path: path.write_text(path.read_text() + "\n"),
    "reasons.json": lambda path: path.unlink(),
    "entry.py": lambda path: path.write_text("raise SystemExit('attacked')"),
    "code/sitecustomize.py": lambda path: path.write_text("raise SystemExit('attacked')"),
    "code/scoring_model/decision.pyc": lambda path: path.write_bytes(b"attack"),
}


@pytest.mark.parametrize("file", DAMAGES)
def test_a_file_that_is_not_as_written_stops_the_start_with_one_line(refused, model_copy, file):
    DAMAGES[file](model_copy / file)
    code, said = refused(MODEL=str(model_copy))

    assert code == 2
    assert f"{model_copy / file}: " in one_line(said)
    assert "attacked" not in said


def test_a_truncated_estimator_stops_the_start_in_process_too(refused, model_copy):
    estimator = model_copy / "model.pkl"
    estimator.write_bytes(estimator.read_bytes()[: estimator.stat().st_size // 2])
    code, said = refused(MODEL=str(model_copy), SCORER="in-process")

    assert code == 2
    assert "model.pkl: is not the file that manifest.json lists" in one_line(said)


def test_a_model_without_manifest_is_refused_unless_a_setting_says_otherwise(
    refused, serving, model_copy
):
    (model_copy / "manifest.json").unlink()
    code, said = refused(MODEL=str(model_copy))
    assert code == 2
    assert "has no manifest.json" in one_line(said)
    assert "MANIFEST=optional" in one_line(said)

    with serving(MODEL=str(model_copy), MANIFEST="optional", SCORER="in-process") as service:
        service.ready()
        assert service.event("model not verified")


@pytest.mark.parametrize("scorer", ["forward", "in-process"])
def test_where_pickles_are_forbidden_the_start_stops_with_one_line(refused, scorer):
    code, said = refused(MLFLOW_ALLOW_PICKLE_DESERIALIZATION="false", SCORER=scorer)

    assert code == 2
    assert "model.pkl" in one_line(said)
    assert "MLFLOW_ALLOW_PICKLE_DESERIALIZATION" in one_line(said)


def listed(name):
    """A function: model -> its manifest lists `name` too."""

    def change(model):
        file = model / "manifest.json"
        manifest = json.loads(file.read_text())
        manifest["sha256"][name] = "0" * 64
        file.write_text(json.dumps(manifest))

    return change


def replaced_by_a_fifo(model):
    (model / "entry.py").unlink()
    os.mkfifo(model / "entry.py")


ODD = {
    "a name with a NUL": listed("a\0b"),
    "a name outside": listed("../b"),
    "a FIFO": replaced_by_a_fifo,
    "no JSON": lambda model: (model / "manifest.json").write_text("{"),
    "a FIFO as the manifest": lambda model: (
        (model / "manifest.json").unlink(),
        os.mkfifo(model / "manifest.json"),
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_manifest_stops_the_start_with_one_line(refused, model_copy, name):
    ODD[name](model_copy)
    code, said = refused(MODEL=str(model_copy))

    assert code == 2
    assert one_line(said).startswith("credit-scoring: ")


PLANTED = """
import importlib.util, marshal, sys
from importlib._bootstrap_external import _code_to_timestamp_pyc
source, target, mark = sys.argv[1:]
code = compile(open(source).read() + f"\\nopen({mark!r}, 'w')", source, "exec")
import os
stat = os.stat(source)
open(target, "wb").write(_code_to_timestamp_pyc(code, int(stat.st_mtime), stat.st_size))
"""


def plant(model, mark):
    """A compiled module that Python would take for that of decision.py, and that writes `mark`."""
    cache = model / "code/scoring_model/__pycache__"
    cache.mkdir()
    source = model / "code/scoring_model/decision.py"
    target = cache / f"decision.{sys.implementation.cache_tag}.pyc"
    subprocess.run([sys.executable, "-c", PLANTED, source, target, mark], check=True)
    return target


def test_a_compiled_file_beside_the_code_is_never_run_at_start_or_reload(
    serving, model_copy, tmp_path
):
    mark = tmp_path / "ran"
    planted = plant(model_copy, mark)
    with serving(MODEL=str(model_copy), SCORER="in-process", RELOAD_SECONDS="0.2") as service:
        service.ready()
        before = planted.read_bytes()
        threshold = model_copy / "best_threshold"
        threshold.write_text("0.5\n")
        Manifest.of(model_copy).write(model_copy)
        until(lambda: service.event("model renewed"))

        assert service.ask("GET", "/best_threshold").json() == {"best_threshold": 0.5}
        assert planted.read_bytes() == before
    assert not mark.exists()
