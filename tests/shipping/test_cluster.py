"""The commands of docs/cluster.md for tables in a warehouse, as written, on a local Spark.

A folder that is named by a URL stands for object storage, and Spark's own metastore for the
catalogue of a cluster.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from sample import generate
from tests.trained import ROOT

pytestmark = [pytest.mark.process, pytest.mark.long]

FAST = " --folds 2 --threads 1 --max-features 20 --promote always"
CATALOGUE = """
import sys
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.sql("CREATE DATABASE lending")
for path in sys.argv[1:]:
    name = path.rpartition("/")[2].partition(".")[0]
    spark.read.parquet(path).write.saveAsTable(f"lending.{name}")
"""
SNIPPET = """
import sys
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
clients = spark.read.parquet(sys.argv[1])
{snippet}
scored.select("SK_ID_CURR", "score.*").toPandas().to_parquet("snippet.parquet")
"""


def blocks(language):
    """The code of this language under the heading of the warehouse."""
    page = (ROOT / "docs/cluster.md").read_text().partition("## Tables in a warehouse")[2]
    return re.findall(rf"```{language}\n(.*?)```", page, re.S)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A function that runs a shell command in a folder with tables as they are published."""
    folder = tmp_path_factory.mktemp("cluster")
    generate(scale=0.004, out=folder / "csv", seed=1, format_="csv")
    (folder / "conf").mkdir()
    (folder / "conf/spark-defaults.conf").write_text(
        f"""spark.master local[1]
spark.driver.bindAddress 127.0.0.1
spark.driver.host 127.0.0.1
spark.ui.enabled false
spark.sql.shuffle.partitions 1
spark.sql.catalogImplementation hive
spark.sql.warehouse.dir {folder}/warehouse
spark.hadoop.javax.jdo.option.ConnectionURL jdbc:derby:;databaseName={folder}/metastore;create=true
"""
    )
    environ = os.environ | {
        "SPARK_CONF_DIR": str(folder / "conf"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "MLFLOW_TRACKING_URI": f"sqlite:///{folder}/mlflow.db",
    }

    def run(command):
        command = command.replace("s3a://lake", (folder / "lake").as_uri())
        done = subprocess.run(
            command, shell=True, cwd=folder, env=environ, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{command}\n{done.stderr[-3000:]}"
        return folder

    return run


def test_every_command_and_the_program_run_and_give_the_same_scores(cluster):
    commands = [line.partition("#")[0].strip() for line in blocks("sh")[0].splitlines()]
    install, convert, from_lake, from_catalogue, train, score = commands
    assert install.startswith("pip install")  # tests/shipping/test_wheel.py

    folder = cluster(convert)
    lake = folder / "lake"
    shutil.copytree(folder / "data/home_credit", lake / "home-credit")
    cluster(from_lake)
    features = pd.read_parquet(lake / "features.parquet").sort_values("SK_ID_CURR")
    (folder / "catalogue.py").write_text(CATALOGUE)
    cluster("python catalogue.py data/home_credit/*.parquet")
    cluster(from_catalogue)
    again = pd.read_parquet(lake / "features.parquet").sort_values("SK_ID_CURR")
    pd.testing.assert_frame_equal(again, features, check_exact=True)

    shutil.copytree(lake / "features.parquet", folder / "features.parquet")
    cluster(train + FAST)
    cluster(score)
    waiting = from_lake.replace("features.parquet", "waiting.parquet")
    cluster(f"{waiting} --table application_test")
    (folder / "program.py").write_text(SNIPPET.format(snippet=blocks("python")[0]))
    cluster("python program.py lake/waiting.parquet")
    scores = pd.read_parquet(lake / "scores.parquet").set_index("SK_ID_CURR").solvency
    by_program = pd.read_parquet(folder / "snippet.parquet").set_index("SK_ID_CURR").solvency
    assert by_program[scores.index].tolist() == scores.tolist()
