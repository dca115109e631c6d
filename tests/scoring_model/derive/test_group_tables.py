import numpy as np
import pandas as pd
import pytest

from scoring_model.derive.program import GroupTable
from train.data import derive
from train.data.application import GROUPED
from train.data.derive import fit_groups

NAN = float("nan")
KINDS = {"MEAN": "mean", "MEDIAN": "median", "STD": "std"}


@pytest.fixture(scope="module")
def fitted(frame, matrix):
    return derive.fit(tuple(frame), matrix)


def looked_up(table, *keys):
    out = np.empty((len(table.columns), len(keys)))
    table.lookup(np.array(keys, dtype=float), out)
    return out


def in_pandas(frame, fitted, grouping):
    """The grouped values and each client's group, by pandas' own means."""
    made = pd.DataFrame(fitted.apply(frame.to_numpy()), columns=fitted.columns)
    made["AGE"] = made.DAYS_BIRTH / -365.25
    if grouping == "TERM":
        return made, made.TERM.mul(10).round()
    stated = made.NAME_EDUCATION_TYPE.astype(str) + "/" + made.OCCUPATION_TYPE.astype(str)
    decade = (made.AGE // 10).astype(str)
    return made, (stated + "/" + decade).where(made.AGE.notna())


@pytest.mark.parametrize("grouping", ["PEERS", "TERM"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", GROUPED)
def test_group_statistics_equal_those_of_pandas(frame, fitted, grouping, kind, value):
    made, group = in_pandas(frame, fitted, grouping)
    values = made[value].groupby(group)
    expected = values.transform(KINDS[kind]).where(values.transform("count") >= 10)
    assert expected.notna().any()
    name = f"{value}_{kind}_BY_{grouping}"
    np.testing.assert_allclose(made[name], expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("grouping", ["PEERS", "TERM"])
@pytest.mark.parametrize("value", GROUPED)
def test_a_client_is_held_against_the_mean_of_the_group(frame, fitted, grouping, value):
    made, _ = in_pandas(frame, fitted, grouping)
    expected = made[value] - made[f"{value}_MEAN_BY_{grouping}"]
    np.testing.assert_allclose(made[f"{value}_MINUS_MEAN_BY_{grouping}"], expected, atol=1e-9)


def test_a_group_of_less_than_ten_clients_is_missing():
    keys = np.array([1.0] * 10 + [2.0] * 9 + [NAN] * 20)
    table = fit_groups("G", "A", keys, {"A": np.arange(39.0)})
    assert table.columns == ("A_MEAN_BY_G", "A_MEDIAN_BY_G", "A_STD_BY_G")
    assert table.keys == (1.0,)
    known, few, none = looked_up(table, 1, 2, NAN).T
    assert known == pytest.approx([4.5, 4.5, np.std(range(10), ddof=1)])
    assert np.isnan([few, none]).all()


def test_a_statistic_of_less_than_ten_known_values_is_missing():
    sparse, full = np.full(12, NAN), np.ones(12)
    sparse[:9] = 1
    table = fit_groups("G", "A", np.zeros(12), {"A": sparse, "B": full})
    assert np.array_equal(looked_up(table, 0)[:, 0], [NAN, NAN, NAN, 1, 1, 0], equal_nan=True)


@pytest.mark.parametrize("key", [-1, 0.5, 3, 1e300, NAN, float("inf"), -float("inf")])
def test_a_group_that_training_did_not_see_is_missing(key):
    table = GroupTable("A", ("S",), (0.0, 1.0, 2.0), ((5.0, 6.0, None),))
    assert np.isnan(looked_up(table, key)).all()
    assert looked_up(table, 1, key)[0, 0] == 6


def test_a_table_without_a_group_is_missing_for_everyone():
    table = fit_groups("G", "A", np.arange(5.0), {"A": np.arange(5.0)})
    assert table.keys == ()
    assert np.isnan(looked_up(table, 0, 4, NAN)).all()


def test_not_stated_is_a_group_of_its_own(fitted):
    row = dict.fromkeys(fitted.inputs, NAN)
    row |= {"DAYS_BIRTH": -12_000.0, "NAME_EDUCATION_TYPE": 0.0}
    made = fitted.apply(np.array([[row[name] for name in fitted.inputs]]))[0]
    assert made[fitted.columns.index("AGE_MEAN_BY_PEERS")] == pytest.approx(33, abs=3)


def test_groups_know_nothing_of_values_that_the_data_set_lacks(frame):
    kept = frame.drop(columns=["EXT_SOURCE_1", "DAYS_EMPLOYED"])
    fitted = derive.fit(tuple(kept), kept.to_numpy())
    assert "AMT_CREDIT_MEAN_BY_TERM" in fitted.columns
    assert not [name for name in fitted.columns if "EXT_SOURCE_1" in name or "EMPLOYED" in name]
