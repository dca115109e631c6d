"""`mlflow models serve`, and none of MLflow's other commands: their imports take 20 MB."""

import sys

from mlflow.models.cli import commands

if __name__ == "__main__":
    commands(["serve", *sys.argv[1:]])
