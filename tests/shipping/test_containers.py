"""Dockerfile, compose file and Kubernetes manifests, checked as far as that goes without an engine.

What the manifests make two containers of one pod run is run here as two processes.
"""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import kubernetes_validate
import pytest
import urllib3
import yaml

from tests.service.conftest import Service, environment
from tests.service.processes import until
from tests.trained import ROOT

BIN = Path(sys.executable).parent
KUBERNETES = ROOT / "deploy/kubernetes"
VERSIONS = ("1.32", "1.37")
"""The oldest that the manifests are for, and the newest."""

DOCKERFILES = ("Dockerfile", "deploy/compose/mlflow.Dockerfile")


def manifests():
    listed = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text())["resources"]
    return {name: yaml.safe_load((KUBERNETES / name).read_text()) for name in listed}


DEPLOYMENT = manifests()["deployment.yaml"]["spec"]["template"]


@pytest.mark.parametrize("file", DOCKERFILES)
def test_a_dockerfile_passes_hadolint_and_runs_as_another_user_than_root(file):
    done = subprocess.run([BIN / "hadolint", ROOT / file], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    last = (ROOT / file).read_text().rpartition("\nFROM ")[2]
    assert re.search(r"^USER 10001$", last, re.M)


def test_what_the_image_copies_exists_and_is_not_ignored():
    copied = re.findall(r"^COPY (\S+) \.$", (ROOT / "Dockerfile").read_text(), re.M)
    allowed = re.findall(r"^!(.*)$", (ROOT / ".dockerignore").read_text(), re.M)
    project = (ROOT / "pyproject.toml").read_text()
    packages = re.findall(r'"(\w+)\*"', re.search(r"include = \[(.*)\]", project)[1])
    assert {*copied} - {"."} <= {*allowed}
    assert {*packages} <= {*allowed}
    assert all((ROOT / name).exists() for name in allowed if name != "monitor")


def test_the_compose_file_names_only_what_is_there():
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())
    services, volumes = compose["services"], compose["volumes"]
    for service in services.values():
        assert {*service.get("depends_on", {})} <= services.keys()
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert source in volumes or (ROOT / source).exists()
    assert services["scoring"]["read_only"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", manifests())
def test_a_manifest_is_what_the_schema_of_kubernetes_says(name, version):
    kubernetes_validate.validate(manifests()[name], version, strict=True)


def test_every_selector_finds_the_pods():
    found = manifests()
    labels = DEPLOYMENT["metadata"]["labels"]
    assert found["deployment.yaml"]["spec"]["selector"]["matchLabels"] == labels
    assert found["service.yaml"]["spec"]["selector"] == labels
    assert found["disruption-budget.yaml"]["spec"]["selector"]["matchLabels"] == labels
    assert found["network-policy.yaml"]["spec"]["podSelector"]["matchLabels"] == labels
    assert found["autoscaler.yaml"]["spec"]["scaleTargetRef"]["name"] == "credit-scoring"


def test_no_container_may_write_or_gain_rights():
    for container in (*DEPLOYMENT["spec"]["initContainers"], *DEPLOYMENT["spec"]["containers"]):
        context = container["securityContext"]
        assert context["readOnlyRootFilesystem"]
        assert not context["allowPrivilegeEscalation"]
        assert container["resources"]["limits"].keys() == {"memory"}  # no throttling of processors


def test_version_and_settings_are_those_of_the_project():
    from app.settings import variables
    from tests.shipping.test_release import VERSION

    kustomization = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text())
    assert kustomization["images"] == [{"name": "credit-scoring", "newTag": VERSION}]
    (service,) = DEPLOYMENT["spec"]["containers"]
    ledger = {"LEDGER_SPOOL", "LEDGER_KEY", "DATABASE_URL"}
    named = {entry["name"] for entry in service["env"]}
    named |= manifests()["secret.yaml"]["stringData"].keys()
    assert named <= {*variables()} | ledger


@pytest.fixture(scope="module")
def scorer(shipped):
    """The address of the pod's scorer, run as its manifest says."""
    (container,) = DEPLOYMENT["spec"]["initContainers"]
    arguments = [str(shipped) if "mlruns_reduced" in text else text for text in container["args"]]
    probe = container["startupProbe"]["exec"]["command"]
    process = subprocess.Popen(
        [sys.executable, "-m", "app.mlflow_serve", *arguments],
        cwd=ROOT,
        env=environment(PATH=f"{BIN}:/usr/bin:/bin")
        | {entry["name"]: entry["value"] for entry in container["env"]},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )

    def is_up():
        return subprocess.run([BIN / probe[0], *probe[1:]], capture_output=True).returncode == 0

    try:
        until(is_up)
        (service,) = DEPLOYMENT["spec"]["containers"]
        yield next(entry["value"] for entry in service["env"] if entry["name"] == "SCORER_URL")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)


@pytest.mark.process
def test_the_two_containers_of_the_pod_score_together(scorer, tmp_path, make_client):
    (container,) = DEPLOYMENT["spec"]["containers"]
    settings = {entry["name"]: entry["value"] for entry in container["env"]}
    settings |= {"PORT": "0", "LEDGER_SPOOL": str(tmp_path), "SCORER_URL": scorer}
    service = Service(tmp_path / "log", settings)
    try:
        ready = container["readinessProbe"]["httpGet"]["path"]
        until(lambda: service.status(ready) == 200)
        assert service.ask("POST", "/predict", {"data": make_client(1)}).status == 200
        assert not service.find("mlflow")
    finally:
        service.stop()


def _split(clients):
    columns = [*clients[0]]
    rows = [[client[column] for column in columns] for client in clients]
    return {"index": [*range(len(rows))], "columns": columns, "data": rows}


PLATFORMS = {
    "KServe, V1 protocol": lambda clients: {"instances": clients},
    "Databricks, dataframe_split": lambda clients: {"dataframe_split": _split(clients)},
    "Databricks, dataframe_records": lambda clients: {"dataframe_records": clients},
    "Databricks, instances and params": lambda clients: {"instances": clients, "params": {}},
    "Databricks, inputs": lambda clients: {"inputs": clients},
}


@pytest.mark.process
@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_payload_of_another_platform_is_scored_unchanged(scorer, platform):
    golden = json.loads((ROOT / "tests/data/golden.json").read_text())
    names = {name for client in golden["clients"] for name in client}
    clients = [{name: client.get(name) for name in names} for client in golden["clients"]]
    answer = urllib3.request("POST", f"{scorer}/invocations", json=PLATFORMS[platform](clients))
    assert answer.status == 200, answer.data
    assert answer.json()["predictions"] == golden["scores"]
