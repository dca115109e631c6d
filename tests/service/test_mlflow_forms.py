"""The model under MLflow's own commands: every input form gives the same scores to the last bit."""

import contextlib
import io
import json
import signal
import socket
import subprocess

import mlflow
import pandas as pd
import pytest
import urllib3

from tests.service.processes import until
from tests.trained import GERMAN

JSON, CSV = "application/json", "text/csv"
PARQUET = "application/vnd.apache.parquet"


@pytest.fixture(scope="module")
def clients():
    """Fifty past clients as a table, with every tenth value missing."""
    frame = pd.read_csv(GERMAN).drop(columns="class").head(50).rename_axis("row").reset_index()
    for position, column in enumerate(frame.columns[1:]):
        frame[column] = frame[column].mask(frame.index % 10 == position % 10)
    return frame


def records(frame):
    """As a caller would write them: nothing where nothing is known."""
    return [{k: v for k, v in row.items() if pd.notna(v)} for row in frame.to_dict("records")]


def nulls(frame):
    return frame.astype(object).where(frame.notna(), None)


def parquet(frame):
    file = io.BytesIO()
    frame.to_parquet(file)
    return file.getvalue()


FORMS = {
    "inputs": lambda frame: (JSON, {"inputs": records(frame)}),
    "inputs of columns": lambda frame: (JSON, {"inputs": nulls(frame).to_dict("list")}),
    "instances": lambda frame: (JSON, {"instances": nulls(frame).to_dict("records")}),
    "dataframe_records": lambda frame: (JSON, {"dataframe_records": records(frame)}),
    "dataframe_split": lambda frame: (JSON, {"dataframe_split": nulls(frame).to_dict("split")}),
    "csv": lambda frame: (CSV, frame.to_csv(index=False).encode()),
    "parquet": lambda frame: (PARQUET, parquet(frame)),
}


@pytest.fixture(scope="module")
def expected(trained, clients):
    """What the model answers to the DataFrame within this process."""
    model = mlflow.pyfunc.load_model(str(trained.export))
    scored = model.predict(clients)
    assert model.predict(records(clients)) == scored.to_dict("records")
    assert model.predict(nulls(clients).to_dict("list")) == scored.to_dict("records")
    return scored.to_dict("records")


@contextlib.contextmanager
def served(trained, uri):
    """`mlflow models serve` of a model, on a free port of loopback; gives /invocations."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["mlflow", "models", "serve", "-m", uri, "--env-manager", "local", "-p", str(port)]
    with subprocess.Popen(
        [*command, "-h", "127.0.0.1"],
        cwd=trained.folder,
        env=trained.environment,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as server:
        try:
            http = urllib3.PoolManager(retries=False, timeout=60)
            url = f"http://127.0.0.1:{port}"
            until(lambda: _answers(http, url) or server.poll() is not None)
            assert server.poll() is None
            yield lambda body, kind: http.request(
                "POST", f"{url}/invocations", body=body, headers={"Content-Type": kind}
            )
        finally:
            server.send_signal(signal.SIGTERM)


def _answers(http, url):
    with contextlib.suppress(urllib3.exceptions.HTTPError):
        return http.request("GET", f"{url}/ping").status == 200
    return False


@pytest.fixture(scope="module", params=["registered", "exported"])
def invocations(request, trained):
    uri = "models:/credit-scoring@champion"
    with served(trained, uri if request.param == "registered" else str(trained.export)) as ask:
        yield ask


def answer(invocations, kind, body):
    reply = invocations(body if isinstance(body, bytes) else json.dumps(body).encode(), kind)
    assert reply.status == 200, reply.data
    return json.loads(reply.data)["predictions"]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_scores_to_the_last_bit(invocations, clients, expected, form):
    assert answer(invocations, *FORMS[form](clients)) == expected


@pytest.mark.parametrize("form", FORMS)
def test_the_order_of_columns_and_further_columns_do_not_matter(
    invocations, clients, expected, form
):
    turned = clients[clients.columns[::-1]].assign(further=1.5)
    assert answer(invocations, *FORMS[form](turned)) == expected


@pytest.mark.parametrize("form", FORMS)
def test_a_missing_column_is_a_missing_value(invocations, clients, form):
    fewer, gaps = clients.drop(columns="duration"), clients.assign(duration=None)
    assert answer(invocations, *FORMS[form](fewer)) == answer(invocations, *FORMS[form](gaps))


@pytest.mark.parametrize("form", FORMS)
def test_a_category_may_come_as_its_position(invocations, trained, clients, expected, form):
    contract = json.loads((trained.export / "contract.json").read_text())
    coded = clients.copy()
    for feature in contract["features"]:
        if feature["kind"] == "category":
            positions = {name: code for code, name in enumerate(feature["categories"])}
            coded[feature["name"]] = coded[feature["name"]].map(positions)
    assert answer(invocations, *FORMS[form](coded)) == expected


def test_the_threshold_can_be_overridden_for_one_request(invocations, clients):
    body = {"inputs": records(clients), "params": {"threshold": 0.0}}
    assert {client["decision"] for client in answer(invocations, JSON, body)} == {"Yes"}


def test_mlflow_models_predict_scores_a_csv_file(trained, clients, expected):
    clients.to_csv(trained.folder / "clients.csv", index=False)
    command = "mlflow models predict --env-manager local -t csv -i clients.csv -o scores.json -m"
    done = trained.run(*command.split(), "models:/credit-scoring@champion")
    assert done.returncode == 0, done.stderr
    assert json.loads((trained.folder / "scores.json").read_text())["predictions"] == expected
