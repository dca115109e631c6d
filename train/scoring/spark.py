"""The same answers on Spark, by MLflow's own `spark_udf` wherever the rows are."""

import ast
import json
import re
from pathlib import Path
from typing import Any

from train.data.engines import reading, whole
from train.errors import TrainError, UnreadableTable
from train.options import Scoring
from train.registry import loaded_model
from train.registry.loaded_model import Fetched
from train.scoring.clients import Clients

SAID = re.compile(r"row \d+, column (?P<column>.+?): .+? is not (?P<expected>[^;\n]+)")
"""The sentence of `scoring_model.errors.Problem`."""

ANSWER = "solvency double, threshold double, decision string"


def score_on_spark(clients: Clients, model: Fetched, options: Scoring, ending: str) -> None:
    """Writes a folder of parts (or under a URL, which Spark completes with _SUCCESS) with the
    columns that scoring here writes. Raises TrainErrors."""
    _check_ids(clients)
    answers, out = _answers(clients, model, options), options.out
    try:
        if "://" in out:
            _write(answers, clients.name, out, ending)
            return
        with whole(Path(out)) as part:
            _write(answers, clients.name, str(part.absolute()), ending)
    except UnreadableTable as e:
        raise _said_by_model(e, clients.name) or e from e


def _check_ids(clients: Clients) -> None:
    missing = clients.table.filter(clients.table[clients.id].isnull()).limit(1)
    with reading(clients.name):
        if missing.count().to_pyarrow().as_py():
            raise TrainError(f"a row of {clients.name} has no {clients.id}")


def _answers(clients: Clients, model: Fetched, options: Scoring) -> Any:
    """A Spark frame of answers, not computed yet."""
    from pyspark.sql import functions as f

    session = clients.con._session
    kind = ANSWER + ", reasons string" * bool(options.reasons)
    scored = loaded_model.on_spark(session, model, kind, options.params)
    answer = scored(f.struct(*(f.col(f"`{name}`") for name in clients.features)))
    frame = session.sql(clients.con.compile(clients.table))
    frame = frame.select(f.col(f"`{clients.id}`"), answer.alias("answer"))
    frame = frame.select(f"`{clients.id}`", "answer.*")
    if options.reasons:
        frame = frame.withColumn("reasons", _as_json()("reasons"))
    return frame.withColumn("model_version", f.lit(model.version))


def _as_json() -> Any:
    """Lists and dicts, which `spark_udf` has turned into Python's text of them, to JSON; a lambda,
    whose code Spark sends along: where it runs, `train` is not installed."""
    from pyspark.sql import functions as f

    return f.udf(lambda text: json.dumps(ast.literal_eval(text), ensure_ascii=False))


def _write(answers: Any, name: str, out: str, ending: str) -> None:
    writer = answers.write.mode("overwrite")
    with reading(name):
        if ending == ".parquet":
            writer.parquet(out)
        else:
            compression = "gzip" if ending == ".csv.gz" else "none"
            writer.csv(out, header=True, escape='"', compression=compression)


def _said_by_model(error: UnreadableTable, table: str) -> TrainError | None:
    """What the model said in the depths of Spark's error."""
    if not (said := SAID.search(f"{error.__cause__}")):
        return None
    wanted = said["expected"]
    return TrainError(f"column {said['column']} of {table} holds a value that is not {wanted}")
