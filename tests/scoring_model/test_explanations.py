"""Reasons of a small model with derived columns, made the way training makes it."""

import re
from dataclasses import replace
from types import SimpleNamespace

import lightgbm as lgb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from mlflow.exceptions import MlflowException

from scoring_model import ScoringModel, artifacts
from scoring_model.artifacts import Artifacts
from scoring_model.contract import Contract
from scoring_model.decision import Calibration, solvency
from scoring_model.derive import Derivation
from scoring_model.encoding import Encoder
from scoring_model.explanations import (
    BLOCK,
    NEAR_BASE,
    Explainer,
    Factor,
    factors_from_json,
    factors_to_json,
)
from train.data.dataset import encode
from train.home_credit.factors import factors

ROWS = 1500


@pytest.fixture(scope="module")
def clients():
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "EXT_SOURCE_1": random.random(ROWS),
            "EXT_SOURCE_2": random.random(ROWS),
            "EXT_SOURCE_3": random.random(ROWS),
            "AMT_CREDIT": random.lognormal(12, 1, ROWS),
            "AMT_ANNUITY": random.lognormal(9, 0.5, ROWS),
            "AMT_INCOME_TOTAL": random.lognormal(11, 0.5, ROWS),
            "DAYS_BIRTH": -random.integers(7000, 25_000, ROWS).astype(float),
            "CODE_GENDER": random.choice(["M", "F"], ROWS),
            "SOMETHING_ELSE": random.random(ROWS),
        }
    )
    gone = random.random(frame.shape) < 0.1
    return frame.mask(gone).assign(SK_ID_CURR=np.arange(ROWS))


@pytest.fixture(scope="module")
def model(clients):
    """The artifacts of a model that learned something from every column."""
    random = np.random.default_rng(1)
    known = clients.drop(columns=["CODE_GENDER"]).fillna(clients.median(numeric_only=True))
    term = np.log(known["AMT_CREDIT"] / known["AMT_ANNUITY"])
    pull = known["EXT_SOURCE_1"] + 2 * known["EXT_SOURCE_3"] - 0.3 * term + known["SOMETHING_ELSE"]
    pull = pull + 0.5 * (clients["CODE_GENDER"] == "F") + random.normal(0, 0.3, ROWS)
    table = pa.Table.from_pandas(clients.assign(y=(pull < pull.quantile(0.3)).astype(int)))
    dataset = encode(table, "SK_ID_CURR", "y", [].append)
    estimator = lgb.LGBMClassifier(n_estimators=60, num_leaves=15, n_jobs=1, verbose=-1)
    estimator.fit(dataset.matrix, dataset.defaulted, categorical_feature=dataset.categories)
    calibration = Calibration("beta", (0.9, 1.2, 0.1))
    grouped = factors(dataset)
    return Artifacts(estimator, dataset.contract, dataset.derivation, calibration, grouped, 0.7)


@pytest.fixture(scope="module")
def scorer(model, tmp_path_factory):
    """The model as MLflow has loaded it."""
    scorer = ScoringModel()
    paths = artifacts.save(model, tmp_path_factory.mktemp("model"))
    scorer.load_context(SimpleNamespace(artifacts=paths, model_config=None))
    return scorer


def explainer(model):
    booster, columns = model.estimator.booster_, model.derivation.columns
    return Explainer(booster, columns, model.contract, model.factors, model.calibration)


def scored(model, clients):
    """What the booster is given, and the solvencies that come of it."""
    encoded = Encoder(model.contract).encode_columns(clients, len(clients))
    derived = model.derivation.apply(encoded)
    raw = model.estimator.booster_.predict(derived, num_threads=1)
    return derived, solvency(model.calibration.apply(raw))


@pytest.fixture(scope="module")
def explanation(model, clients):
    return explainer(model).explain(*scored(model, clients))


def ask(scorer, clients, **params):
    return scorer.predict(None, clients, params)


def records(clients):
    return [
        {k: v for k, v in row.items() if pd.notna(v)} for row in clients.to_dict(orient="records")
    ]


CALIBRATIONS = [
    Calibration(),
    Calibration("platt", (1.5, 1.5, -0.2)),
    Calibration("beta", (0.4, 2.0, 0.3)),
    Calibration("isotonic", knots=((0.1, 0.05), (0.4, 0.5), (0.8, 0.81))),
]


@pytest.mark.parametrize("calibration", CALIBRATIONS, ids=lambda calibration: calibration.method)
def test_the_contributions_of_all_factors_and_the_base_add_up_to_the_solvency(
    model, clients, calibration
):
    model = replace(model, calibration=calibration)
    derived, solvencies = scored(model, clients)
    explanation = explainer(model).explain(derived, solvencies)
    total = explanation.base + explanation.contributions.sum(axis=1)
    assert np.abs(total - solvencies).max() < 1e-13
    columns = explanation.base + explanation.columns.sum(axis=1)
    assert np.abs(columns - solvencies).max() < 1e-13


def test_contributions_are_those_of_tree_shap_in_proportion_and_with_their_sign(
    model, clients, explanation
):
    shap = model.estimator.booster_.predict(scored(model, clients)[0], pred_contrib=True)
    rate = explanation.columns / np.where(shap[:, :-1] == 0, np.nan, shap[:, :-1])
    assert np.nanmax(rate) < 0
    assert np.nanmax(rate, axis=1) == pytest.approx(np.nanmin(rate, axis=1), rel=1e-9)


def test_a_client_at_the_base_is_explained_by_the_slope_there(model):
    """Two factors that cancel out leave the quotient of two zeros."""
    still = [np.array([[2.0, -2.0 + shift, -1.0]]) for shift in (0.0, NEAR_BASE / 2, 3 * NEAR_BASE)]
    contract = Contract("id", model.contract.features[:2])
    names = contract.columns
    grouped = tuple(Factor(name, (name,), (name,), name, name) for name in names)
    found = []
    for shares in still:
        booster = SimpleNamespace(
            predict=lambda *_, shares=shares, **__: shares, num_model_per_iteration=lambda: 2
        )
        explain = Explainer(booster, names, contract, grouped, model.calibration).explain
        margin = np.array([shares.sum()])
        solvencies = solvency(model.calibration.apply(1 / (1 + np.exp(-margin))))
        found.append(explain(np.zeros((1, 2)), solvencies).contributions[0])
    assert found[0][0] < -0.1
    assert found[0].sum() == 0
    assert found[1] == pytest.approx(found[0], rel=1e-6)
    assert found[2] == pytest.approx(found[0], rel=1e-5)


def test_none_of_the_strongest_is_left_out_and_all_push_the_way_of_the_decision(
    scorer, model, clients, explanation
):
    answers = ask(scorer, records(clients), reasons=3)
    codes = np.array([factor.code for factor in model.factors])
    assert {answer["decision"] for answer in answers} == {"Yes", "No"}
    for answer, contributions in zip(answers, explanation.contributions, strict=True):
        push = contributions if answer["decision"] == "Yes" else -contributions
        strongest = [number for number in np.argsort(-push)[:3] if push[number] > 0]
        assert [reason["code"] for reason in answer["reasons"]] == codes[strongest].tolist()
        expected = contributions[strongest].tolist()
        assert [reason["contribution"] for reason in answer["reasons"]] == expected


def test_the_threshold_of_the_request_decides_which_way_reasons_point(scorer, clients):
    for threshold, sign in ((0.0, 1), (1.0, -1)):
        answers = ask(scorer, records(clients.head(50)), reasons=2, threshold=threshold)
        assert all(sign * r["contribution"] > 0 for a in answers for r in a["reasons"])


def test_near_duplicates_speak_once(scorer, clients):
    for answer in ask(scorer, records(clients), reasons=50):
        features = [reason["feature"] for reason in answer["reasons"]]
        assert len(set(features)) == len(features)
        assert sum(name.startswith("EXT_SOURCE") for name in features) <= 1


def test_a_reason_shows_what_the_client_sent(scorer, clients):
    sent = records(clients)
    missing = 0
    for client, answer in zip(sent, ask(scorer, sent, reasons=20), strict=True):
        for reason in answer["reasons"]:
            assert reason["value"] == client.get(reason["feature"])
            missing += reason["value"] is None
            assert ("not stated" in reason["sentence"]["en"]) == (reason["value"] is None)
            assert ("non renseignée" in reason["sentence"]["fr"]) == (reason["value"] is None)
    assert missing


def test_sentences_are_whole_in_both_languages_and_name_no_column_that_has_a_name(scorer, clients):
    for answer in ask(scorer, records(clients.head(200)), reasons=20):
        for reason in answer["reasons"]:
            raised = reason["contribution"] > 0
            english, french = reason["sentence"]["en"], reason["sentence"]["fr"]
            assert re.fullmatch(r"Solvency is (raised|lowered) by .+\.", english)
            assert re.fullmatch(r"Le niveau de solvabilité est (relevé|abaissé) par .+\.", french)
            assert ("raised" in english) == ("relevé" in french) == raised
            named = "SOMETHING_ELSE" in english
            assert named == ("SOMETHING_ELSE" in french) == (reason["code"] == "SOMETHING_ELSE")
            if not named:
                assert not re.search(r"[A-Z]_|_[A-Z]", english + french)


def test_one_client_alone_gets_the_same_bits_as_among_many(scorer, clients):
    assert len(clients) > BLOCK
    sent = records(clients)
    together = ask(scorer, sent, reasons=4)
    for row in (0, 1, BLOCK - 1, BLOCK, ROWS - 1):
        assert ask(scorer, [sent[row]], reasons=4) == together[row : row + 1]


def test_a_data_frame_gets_a_column_of_reasons_that_records_get_too(scorer, clients):
    frame = ask(scorer, clients, reasons=2)
    assert list(frame) == ["SK_ID_CURR", "solvency", "threshold", "decision", "reasons"]
    assert frame["reasons"].tolist() == [
        a["reasons"] for a in ask(scorer, records(clients), reasons=2)
    ]


def test_reasons_change_nothing_else(scorer, clients):
    plain = ask(scorer, clients)
    assert list(plain) == ["SK_ID_CURR", "solvency", "threshold", "decision"]
    pd.testing.assert_frame_equal(ask(scorer, clients, reasons=2).drop(columns="reasons"), plain)
    pd.testing.assert_frame_equal(ask(scorer, clients, reasons=0), plain)


def test_more_reasons_than_factors_are_all_that_there_are(scorer, model, clients):
    (answer,) = ask(scorer, records(clients.head(1)), reasons=10**9)
    assert 0 < len(answer["reasons"]) <= len(model.factors)


def test_no_clients_have_no_reasons(scorer, clients):
    assert ask(scorer, [], reasons=2) == []
    assert ask(scorer, clients.head(0), reasons=2).empty


@pytest.mark.parametrize("count", [-1, 1.5, "2", True, [1]])
def test_a_number_of_reasons_that_is_none_is_refused(scorer, clients, count):
    with pytest.raises(MlflowException, match="reasons must be a whole number, 0 or more"):
        ask(scorer, clients, reasons=count)


def test_factors_survive_their_json(model):
    assert factors_from_json(factors_to_json(model.factors)) == model.factors


def test_a_model_of_another_data_set_is_explained_by_its_columns(small_artifacts):
    derivation = small_artifacts.derivation
    assert isinstance(derivation, Derivation)
    derived, solvencies = scored(
        small_artifacts, pd.DataFrame({"AMT_CREDIT": [1e5, 2e5], "CODE_GENDER": ["M", None]})
    )
    explanation = explainer(small_artifacts).explain(derived, solvencies)
    total = explanation.base + explanation.contributions.sum(axis=1)
    assert np.abs(total - solvencies).max() < 1e-14
