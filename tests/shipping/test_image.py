"""The steps of the Dockerfile, run without an engine, and the service that they make."""

import re
import shutil
import signal
import subprocess

import pytest

from tests.service.conftest import Service
from tests.service.processes import until
from tests.shipping import image
from tests.shipping.conftest import sources
from tests.shipping.test_dyno import free_port
from tests.trained import ROOT

pytestmark = [
    pytest.mark.process,
    pytest.mark.long,
    pytest.mark.skipif(not image.can_be_built(), reason="needs root and debootstrap"),
]


@pytest.fixture(scope="module")
def built(made_once, tmp_path_factory):
    """What `docker build .` would make, from what .dockerignore lets through."""
    folder = tmp_path_factory.mktemp("image")
    allowed = re.findall(r"^!(.*)$", (ROOT / ".dockerignore").read_text(), re.M)
    whole, context = sources(folder / "whole"), folder / "context"
    context.mkdir()
    for name in filter(lambda name: (whole / name).exists(), allowed):
        (shutil.copytree if (whole / name).is_dir() else shutil.copy)(whole / name, context / name)
    base = made_once("debian", image.base)
    return image.build(ROOT / "Dockerfile", context, base, folder)


@pytest.mark.parametrize("scorer", ["forward", "in-process"])
def test_the_image_serves_as_another_user_from_a_read_only_root(
    built, tmp_path_factory, make_client, scorer
):
    port = str(free_port())
    command = [*built.commands["ENTRYPOINT"], *built.commands["CMD"]]
    inside = built.command(*command, writable=["/tmp"], PORT=port, SCORER=scorer)
    service = Service(tmp_path_factory.mktemp("short") / "log", {}, command=inside)
    try:
        service.ready()
        assert service.ask("POST", "/predict", {"data": make_client(1)}).status == 200
        check = built.command(*built.commands["HEALTHCHECK"], PORT=port)
        assert subprocess.run(check).returncode == 0
        service.process.send_signal(signal.SIGTERM)
        until(lambda: service.process.poll() is not None)
        assert service.process.returncode == 0
        assert subprocess.run(check, capture_output=True).returncode == 1
    finally:
        service.stop()


def test_no_tool_to_build_with_is_left(built):
    assert not [*built.root.glob("venv/bin/pip*")]
    assert not [*built.root.glob("venv/lib/python3.11/site-packages/setuptools")]
    for compiler in ("cc", "gcc", "g++"):
        assert not (built.root / "usr/bin" / compiler).exists()
