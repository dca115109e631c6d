"""What a release states about itself, everywhere the same."""

import re
import subprocess
import tomllib

import pytest
import yaml

from tests.trained import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
VERSION = PROJECT["version"]


def test_the_newest_version_of_the_changelog_is_the_version():
    versions = re.findall(
        r"^## (\S+) - (\d{4}-\d\d-\d\d)$", (ROOT / "CHANGELOG.md").read_text(), re.M
    )
    assert versions[0][0] == VERSION
    assert sorted(versions, key=lambda version: version[1], reverse=True) == versions


def test_a_tag_of_this_commit_is_the_version():
    done = subprocess.run(
        ["git", "tag", "--points-at", "HEAD", "--list", "v*"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if not done.stdout:
        pytest.skip("this commit has no tag")
    assert done.stdout.split() == [f"v{VERSION}"]


def test_the_workflow_tests_every_python_that_the_classifiers_name():
    classified = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))
    workflow = yaml.safe_load((ROOT / ".github/workflows/deploy.yml").read_text())
    assert workflow["jobs"]["wheel"]["strategy"]["matrix"]["python"] == classified


def test_the_licence_is_the_one_in_the_metadata():
    assert PROJECT["license"] == "Apache-2.0"
    head = (ROOT / "LICENSE").read_text().split()[:5]
    assert head == ["Apache", "License", "Version", "2.0,", "January"]
