"""1: the LightGBM flavor with its inferred signature, in the stock server."""

from pathlib import Path

import orjson

from benchmarks.serving.contestants.contestant import Contestant, Record, mlflow_serve
from benchmarks.serving.models import ID


def contestant(models: Path) -> Contestant:
    return Contestant(
        "mlflow, lightgbm flavor", mlflow_serve(models / "stock"), "/invocations", _body
    )


def _body(clients: list[Record]) -> bytes:
    """Without the id, which is no column of the signature."""
    rows = [{name: value for name, value in one.items() if name != ID} for one in clients]
    return orjson.dumps({"dataframe_records": rows})
