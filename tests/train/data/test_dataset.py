import numpy as np
import pyarrow as pa
import pytest

from train.data.dataset import encode

NAN = float("nan")


def table(**columns):
    rows = len(next(iter(columns.values())))
    return pa.table({"id": range(rows), "y": [0, 1] * (rows // 2), **columns})


def dataset(**columns):
    return encode(table(**columns), "id", "y", [].append)


@pytest.mark.parametrize(
    ("column", "word"),
    [("CODE_GENDER", "XNA"), ("ORGANIZATION_TYPE", "XNA"), ("NAME_FAMILY_STATUS", "Unknown")],
)
def test_a_word_for_not_known_is_no_category_and_counts_as_missing(column, word):
    made = dataset(**{column: ["M", word, "F", None]})
    (feature,) = made.contract.features
    assert set(feature.categories) == {"M", "F"}
    assert feature.seen == {"missing": 0.5}
    assert np.isnan(made.matrix[:, 0]).tolist() == [False, True, False, True]


def test_the_same_word_is_a_category_elsewhere():
    (feature,) = dataset(OTHER=["XNA", "Unknown"]).contract.features
    assert feature.categories == ("Unknown", "XNA")


def test_a_column_that_says_nothing_but_not_known_is_left_out():
    lines = []
    made = encode(table(ORGANIZATION_TYPE=["XNA"] * 2, A=[1, 2]), "id", "y", lines.append)
    assert made.contract.columns == ["A"]
    assert lines == ["column ORGANIZATION_TYPE is left out: it is empty"]


def test_a_column_with_one_value_is_left_out_but_not_one_that_is_known_or_not():
    lines = []
    clients = table(same=[3, 3], word=["a", "a"], known=[3, None], A=[1, 2])
    made = encode(clients, "id", "y", lines.append)
    assert made.contract.columns == ["known", "A"]
    assert made.contract.unused == ("same", "word")
    assert [line.split(" is left out")[0] for line in lines] == ["column same", "column word"]


def test_integers_that_are_categories_have_their_own_value_as_position():
    (feature,) = dataset(rooms=["3", "1"]).contract.features
    assert feature.categories == ("0", "1", "2", "3")


def test_the_model_sees_derived_columns_that_the_contract_does_not_ask_for():
    made = dataset(
        AMT_CREDIT=[100.0, 200.0], AMT_ANNUITY=[10, 8], NAME_HOUSING_TYPE=["With parents", None]
    )
    assert made.contract.columns == ["AMT_CREDIT", "AMT_ANNUITY", "NAME_HOUSING_TYPE"]
    assert made.columns[:4] == (*made.contract.columns, "TERM")
    assert made.matrix[:, 3].tolist() == [10, 25]
    assert made.matrix.shape == (2, len(made.columns))
    assert made.categories == [2]


def test_training_and_scoring_derive_the_same_numbers():
    random = np.random.default_rng(0)
    columns = {
        "AMT_CREDIT": random.integers(1, 9, 200) * 100.0,
        "AMT_ANNUITY": random.integers(1, 4, 200) * 10.0,
        "EXT_SOURCE_1": random.random(200),
        "DAYS_EMPLOYED": random.choice([365_243, -100], 200),
        "DAYS_BIRTH": random.integers(-20_000, -8_000, 200),
    }
    made = dataset(**columns)
    assert "EXT_SOURCE_1_MEAN_BY_TERM" in made.columns
    for row in range(0, 200, 50):
        record = {name: values[row] for name, values in columns.items()}
        scored = made.derivation.apply(made.contract.encode_records([record]))
        assert scored[0].tobytes() == made.matrix[row].tobytes()


def test_another_data_set_stays_as_it_is():
    made = dataset(amount=[1.0, NAN], purpose=["car", "tv"])
    assert made.columns == ("amount", "purpose")
    assert np.array_equal(made.matrix, [[1, 0], [NAN, 1]], equal_nan=True)


def test_equal_data_have_an_equal_digest_and_other_data_another():
    assert dataset(A=[1, 2]).digest == dataset(A=[1, 2]).digest
    assert dataset(A=[1, 2]).digest != dataset(A=[1, 3]).digest
