"""What holds no trained model, or one that is just being handed over, is one line."""

import pickle

import pytest

from train.registry.kept import given_up_when_done, left_over
from train.resume import main as resume


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file or directory"),
        (b"no pickle", "UnpicklingError while it is read"),
        (pickle.dumps({"a": 1}), "it holds a dict"),
    ],
)
def test_a_file_without_a_model(tmp_path, capsys, content, said):
    file = tmp_path / "x.pickle"
    if content is not None:
        file.write_bytes(content)
    assert resume([str(file)]) == 2
    assert capsys.readouterr().err == (f"resume: {file} holds no trained model: {said}\n")


def test_a_model_that_is_being_handed_over_is_not_named_as_left_over(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "kept/x.pickle"
    file.parent.mkdir()
    file.write_bytes(b"")
    assert [path.name for path in left_over()] == ["x.pickle"]
    with given_up_when_done(file, [].append):
        assert list(left_over()) == []
    assert not file.parent.exists()


def test_what_is_stopped_while_it_is_handed_over_is_kept_and_says_so(tmp_path):
    file, said = tmp_path / "x.pickle", []
    file.write_bytes(b"")
    with pytest.raises(SystemExit), given_up_when_done(file, said.append):
        raise SystemExit(143)
    assert file.exists()
    assert said == [f"the trained model is kept, python -m train.resume {file} hands it over"]
