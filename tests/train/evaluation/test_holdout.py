import numpy as np
import pyarrow as pa
import pytest

from tests.train.made import dataset, plan, silent, table
from train.data.dataset import encode
from train.errors import MissingColumn, MissingValues, TrainError
from train.evaluation.holdout import Setting, divide
from train.fitting.fit import fit

DAYS = np.random.default_rng(5).permutation(400)


def ids(part):
    return set(part["id"].to_pylist())


def test_without_a_share_nobody_is_set_aside():
    clients = table()
    assert divide(clients, "y", Setting()) == (clients, None)


@pytest.mark.parametrize("fraction", [0.15, 0.25, 0.3, 0.4, 0.5])
def test_the_fraction_asked_for_is_set_aside_stratified_by_outcome(fraction):
    training, aside = divide(table(), "y", Setting(fraction))
    assert ids(training) | ids(aside) == set(range(400))
    assert not ids(training) & ids(aside)
    assert aside.num_rows == pytest.approx(400 * fraction, abs=1)
    shares = [np.mean(part["y"].to_numpy()) for part in (training, aside)]
    assert shares[0] == pytest.approx(shares[1], abs=0.02)


def test_the_latest_clients_are_set_aside_by_time():
    training, aside = divide(table(day=DAYS), "y", Setting(0.25, "day"))
    assert aside.num_rows == 100
    assert max(training["day"].to_pylist()) < min(aside["day"].to_pylist())


def test_times_may_be_dates_or_text():
    dates = pa.array(DAYS.astype("datetime64[D]"))
    text = [f"2020-{1 + day // 31:02d}-{1 + day % 31:02d}" for day in DAYS]
    by_number, by_date, by_text = (
        ids(divide(table(day=days), "y", Setting(0.25, "day"))[1]) for days in (DAYS, dates, text)
    )
    assert by_number == by_date == by_text


@pytest.mark.parametrize("time", [None, "day"])
def test_nobody_is_on_both_sides(time):
    persons = np.arange(400) // 2
    clients = table(day=DAYS, person=persons)
    training, aside = divide(clients, "y", Setting(0.25, time, "person"))
    assert not set(training["person"].to_pylist()) & set(aside["person"].to_pylist())


def test_the_model_is_the_same_whatever_became_of_the_clients_set_aside():
    clients = table(day=DAYS)
    late = DAYS >= 300
    other = np.where(late, 1 - clients["y"].to_numpy(), clients["y"].to_numpy())
    models = []
    for outcomes in (clients["y"], pa.array(other)):
        changed = clients.set_column(1, "y", outcomes)
        training, _ = divide(changed, "y", Setting(0.25, "day"))
        made = encode(training, "id", "y", [].append, None, ["day"])
        models.append(fit(made, plan(), silent).estimator.booster_.model_to_string())
    assert models[0] == models[1]


def test_neither_time_nor_person_is_a_feature():
    made = dataset(group="person", ignored=["day"], person=np.arange(400), day=DAYS)
    assert set(made.columns) == {f"c{number}" for number in range(6)}


def test_columns_that_are_not_there_and_times_that_are_not_known():
    with pytest.raises(MissingColumn, match="day"):
        divide(table(), "y", Setting(0.2, "day"))
    with pytest.raises(MissingColumn, match="person"):
        divide(table(), "y", Setting(0.0, group="person"))
    with pytest.raises(MissingValues, match="1 row"):
        divide(table(day=[None, *range(399)]), "y", Setting(0.2, "day"))


def test_a_holdout_with_one_outcome_alone_says_nothing():
    clients = table().drop(["y"]).append_column("y", pa.array([0] * 398 + [1] * 2))
    with pytest.raises(TrainError):
        divide(clients, "y", Setting(0.25))
