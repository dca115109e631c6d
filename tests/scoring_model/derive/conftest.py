"""Made-up clients of the Home Credit kind, as a contract encodes them: categories as positions."""

import numpy as np
import pandas as pd
import pytest

from train.data.application import DOCUMENTS, GAPS

SHARE_MISSING = 0.15


def clients(rows, seed=0):
    """A frame of `rows` clients; every column has gaps, and each quirk of the table occurs."""
    random = np.random.default_rng(seed)
    credit = random.integers(10_000, 400_000, rows) * 4.5
    terms = np.append(
        random.uniform(4, 70, rows // 2), random.choice([8.5, 24.3], rows - rows // 2)
    )
    columns = {
        **{name: random.random(rows) for name in GAPS},
        **{name: random.integers(0, 2, rows).astype(float) for name in DOCUMENTS},
        "AMT_CREDIT": credit,
        "AMT_ANNUITY": credit / terms,
        "AMT_GOODS_PRICE": random.integers(10_000, 400_000, rows) * 4.5,
        "AMT_INCOME_TOTAL": random.lognormal(12, 2, rows),
        "DAYS_BIRTH": -random.integers(7_500, 25_000, rows).astype(float),
        "DAYS_EMPLOYED": random.choice([365_243.0, 0.0, -100.0, -3000.0], rows),
        "DAYS_ID_PUBLISH": -random.integers(0, 6_000, rows).astype(float),
        "DAYS_REGISTRATION": -random.integers(0, 20_000, rows).astype(float),
        "DAYS_LAST_PHONE_CHANGE": -random.choice([0.0, 1.0, 900.0], rows),
        "OWN_CAR_AGE": random.choice([0.0, 5.0, 80.0, 91.0], rows),
        "CNT_FAM_MEMBERS": random.integers(0, 5, rows).astype(float),
        "CNT_CHILDREN": random.integers(-1, 4, rows).astype(float),
        "NAME_EDUCATION_TYPE": random.integers(0, 2, rows).astype(float),
        "OCCUPATION_TYPE": random.integers(0, 3, rows).astype(float),
        "OBS_30_CNT_SOCIAL_CIRCLE": random.choice([0.0, 40.0, 348.0], rows),
        "OBS_60_CNT_SOCIAL_CIRCLE": random.choice([0.0, 40.0, 344.0], rows),
        "AMT_REQ_CREDIT_BUREAU_QRT": random.choice([0.0, 10.0, 261.0], rows),
        "REGION_RATING_CLIENT_W_CITY": random.choice([-1.0, 1.0, 3.0], rows),
        "PREV_COUNT": random.integers(0, 9, rows).astype(float),
    }
    frame = pd.DataFrame(columns)
    return frame.mask(random.random(frame.shape) < SHARE_MISSING)


@pytest.fixture(scope="session")
def frame():
    return clients(1_500)


@pytest.fixture(scope="session")
def matrix(frame):
    return frame.to_numpy()
