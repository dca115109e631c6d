import lightgbm as lgb
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score


@pytest.fixture(scope="module")
def clients(frames):
    history = {
        "refused": ("previous_application", lambda t: t.NAME_CONTRACT_STATUS.eq("Refused")),
        "late": ("installments_payments", lambda t: t.DAYS_ENTRY_PAYMENT > t.DAYS_INSTALMENT),
        "active": ("bureau", lambda t: t.CREDIT_ACTIVE.eq("Active")),
        "recent": ("bureau", lambda t: t.DAYS_CREDIT),
    }
    app = frames["application_train"].set_index("SK_ID_CURR")
    for name, (table, value) in history.items():
        rows = frames[table]
        app[name] = value(rows).astype(float).groupby(rows.SK_ID_CURR).mean()
    return app


def auc(clients, columns):
    X, y = clients[columns], clients.TARGET
    half = np.arange(len(X)) % 2 == 0
    scores = np.zeros(len(X))
    for fitted, scored in ((half, ~half), (~half, half)):
        model = lgb.LGBMClassifier(
            n_estimators=80,
            learning_rate=0.06,
            num_leaves=6,
            min_child_samples=60,
            colsample_bytree=0.5,
            n_jobs=1,
            verbose=-1,
            random_state=0,
        )
        model.fit(X[fitted], y[fitted])
        scores[scored] = model.predict_proba(X[scored])[:, 1]
    return roc_auc_score(y, scores)


def test_the_share_of_defaulters_is_the_published_one(clients):
    assert clients.TARGET.mean() == pytest.approx(24_825 / 307_511, abs=0.001)


def test_the_application_alone_says_who_defaults_about_as_well_as_the_real_one(clients):
    columns = list(clients.select_dtypes("number").columns.drop("TARGET"))
    assert 0.66 < auc(clients, columns[: columns.index("refused")]) < 0.80


def test_the_history_alone_says_something_too(clients):
    assert 0.57 < auc(clients, ["refused", "late", "active", "recent"]) < 0.75


@pytest.mark.parametrize(
    ("column", "correlation"),
    [
        ("EXT_SOURCE_1", -0.155),
        ("EXT_SOURCE_2", -0.160),
        ("EXT_SOURCE_3", -0.179),
        ("DAYS_BIRTH", 0.078),
        ("recent", 0.090),
        ("active", 0.077),
    ],
)
def test_target_correlates_with_a_column_as_published(column, correlation, clients):
    assert clients[column].corr(clients.TARGET) == pytest.approx(correlation, abs=0.05)
