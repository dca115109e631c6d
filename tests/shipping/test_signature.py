"""A service that asks for a signature starts with a signed model alone."""

import shutil
import subprocess
import sys

import pytest

import credit_scoring
from app.errors import CannotStart
from app.model_store import verified_copy
from scoring_model.errors import BrokenModel
from scoring_model.integrity import SIGNATURE, Manifest


def key_pair(folder):
    private, public = folder / "signing.pem", folder / "signing.pub"
    make = ["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", private]
    subprocess.run(make, check=True)
    publish = ["openssl", "ec", "-in", private, "-pubout", "-out", public]
    subprocess.run(publish, check=True, capture_output=True)
    return private, public


@pytest.fixture
def keys(tmp_path):
    """(private key, public key) as files."""
    (tmp_path / "keys").mkdir()
    return key_pair(tmp_path / "keys")


@pytest.fixture
def model(tmp_path, shipped):
    return shutil.copytree(
        shipped, tmp_path / "model", ignore=shutil.ignore_patterns("__pycache__")
    )


@pytest.fixture
def sign(monkeypatch, model):
    """A function: private key -> the exit code of `credit-scoring sign`."""

    def run(private):
        arguments = ["sign", str(model), "--private-key", str(private)]
        monkeypatch.setattr(sys, "argv", ["credit-scoring", *arguments])
        return credit_scoring.main()

    return run


def test_a_signed_model_is_copied_also_after_it_was_signed_again(model, keys, sign, tmp_path):
    private, public = keys
    assert (sign(private), sign(private)) == (0, 0)
    copy = verified_copy(model, tmp_path, True, str(public))
    assert Manifest.read(copy) == Manifest.of(model)


def test_an_unsigned_model_and_a_changed_one_are_refused(model, keys, sign, tmp_path):
    private, public = keys
    with pytest.raises(BrokenModel, match=SIGNATURE):
        verified_copy(model, tmp_path, True, str(public))
    assert sign(private) == 0
    (model / "best_threshold").write_text("0.5")
    Manifest.of(model).write(model)
    with pytest.raises(BrokenModel, match=SIGNATURE):
        verified_copy(model, tmp_path, True, str(public))


def test_a_model_that_another_key_signed_is_refused(model, keys, sign, tmp_path):
    (tmp_path / "other").mkdir()
    private, _ = key_pair(tmp_path / "other")
    assert sign(private) == 0
    with pytest.raises(BrokenModel, match=SIGNATURE):
        verified_copy(model, tmp_path, True, str(keys[1]))


def test_a_file_that_is_no_key_is_one_line(model, keys, sign, tmp_path, capfd):
    no_key = tmp_path / "no-key"
    no_key.write_text("no key")
    assert sign(no_key) == 2
    assert len(capfd.readouterr().err.splitlines()) == 1
    assert sign(keys[0]) == 0
    with pytest.raises(CannotStart, match="REQUIRE_SIGNATURE"):
        verified_copy(model, tmp_path, True, str(no_key))


@pytest.mark.parametrize("name", ["json.py", "numpy/__init__.py", "app/__init__.py"])
def test_code_that_would_replace_an_installed_package_is_refused(model, tmp_path, name):
    (model / "code" / name).parent.mkdir(exist_ok=True)
    (model / "code" / name).write_text("raise SystemExit('imported')")
    Manifest.of(model).write(model)
    with pytest.raises(BrokenModel, match="installed package"):
        verified_copy(model, tmp_path, True)


def test_code_from_another_folder_is_refused(model, tmp_path):
    text = (model / "MLmodel").read_text()
    (model / "MLmodel").write_text(text.replace("code: code", "code: elsewhere"))
    Manifest.of(model).write(model)
    with pytest.raises(BrokenModel, match="elsewhere"):
        verified_copy(model, tmp_path, True)
