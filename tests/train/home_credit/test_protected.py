import numpy as np
import pyarrow as pa
import pytest

from train.data.dataset import encode
from train.home_credit.protected import listed, protected, protected_in_use


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ("CODE_GENDER", ("gender",)),
        ("DAYS_BIRTH", ("age",)),
        ("NAME_FAMILY_STATUS", ("family status",)),
        ("SEX", ("gender",)),
        ("Age", ("age",)),
        ("MARRIAGE", ("family status",)),
        ("maritalStatus", ("family status",)),
        ("birth-date", ("age",)),
        ("personal_status", ("gender", "family status")),
    ],
)
def test_protected_attributes_are_known_by_name(column, told):
    assert protected([column]) == {column: told}


@pytest.mark.parametrize(
    "column",
    [
        "OWN_CAR_AGE",
        "CNT_CHILDREN",
        "num_dependents",
        "AVERAGE",
        "language",
        "usage",
        "AMT_CREDIT",
        "mortgage",
        "ORGANIZATION_TYPE",
    ],
)
def test_what_only_sounds_so_is_not_protected(column):
    assert protected([column]) == {}


def test_an_attribute_is_in_use_where_the_model_splits_on_what_is_made_of_it():
    random = np.random.default_rng(0)
    columns = {"EXT_SOURCE_1": random.random(50), "DAYS_BIRTH": -9000 - 999 * random.random(50)}
    table = pa.table({"id": range(50), "y": [0, 1] * 25, **columns, "CODE_GENDER": ["M", "F"] * 25})
    dataset = encode(table, "id", "y", [].append)
    gains = dict.fromkeys(dataset.columns, 0.0)
    assert protected_in_use(dataset, gains | {"EXT_SOURCE_1": 1.0}) == {}
    found = protected_in_use(dataset, gains | {"EXT_SOURCE_1_TO_AGE": 1.0, "CODE_GENDER": 2.0})
    assert listed(found) == "DAYS_BIRTH (age), CODE_GENDER (gender)"
