"""`mlflow models serve` without MLflow's other commands, whose imports take 20 MB.

The one place that uses MLflow's command line from Python, which MLflow does not document.
"""

import sys

from mlflow.models.cli import commands

if __name__ == "__main__":
    commands(["serve", *sys.argv[1:]])
