"""Nothing of a model runs that its manifest does not list: the start stops with one line."""

import shutil

import pytest


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


def test_what_python_left_beside_the_code_is_not_run(serving, model_copy):
    """A cached module is run without a look at its source: it must not be there at all."""
    cache = model_copy / "code/scoring_model/__pycache__"
    cache.mkdir()
    for name in ("decision", "model", "artifacts"):
        (cache / f"{name}.cpython-311.pyc").write_bytes(b"attack")
    with serving(MODEL=str(model_copy), SCORER="in-process") as service:
        service.ready()

        assert {file.read_bytes() for file in cache.iterdir()} == {b"attack"}
