"""What `app.mlflow_serve` uses of MLflow without MLflow documenting it."""

import pytest
from mlflow.models.cli import commands

OPTIONS = {"--model-uri", "--env-manager", "--timeout"}
UPGRADED = "MLflow's upgrade: mlflow.models.cli is not what app/mlflow_serve.py expects of it"


@pytest.mark.parametrize("option", sorted(OPTIONS))
def test_mlflow_has_the_command_serve_in_this_module_with_the_options_that_are_passed(option):
    serve = commands.commands.get("serve")
    assert serve, UPGRADED
    assert option in {name for param in serve.params for name in param.opts}, UPGRADED
