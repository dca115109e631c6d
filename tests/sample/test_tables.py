import numpy as np
import pytest

from sample.facts import TABLES, load

FACTS = load()
KEYS = {
    "application_train": ["SK_ID_CURR"],
    "application_test": ["SK_ID_CURR"],
    "bureau": ["SK_ID_BUREAU"],
    "bureau_balance": ["SK_ID_BUREAU", "MONTHS_BALANCE"],
    "previous_application": ["SK_ID_PREV"],
    "POS_CASH_balance": ["SK_ID_PREV", "SK_ID_CURR", "MONTHS_BALANCE"],
    "credit_card_balance": ["SK_ID_PREV", "SK_ID_CURR", "MONTHS_BALANCE"],
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_the_published_columns_in_order_and_of_their_types(name, tables):
    assert tables[name].schema == FACTS.tables[name].schema


@pytest.mark.parametrize(("name", "key"), KEYS.items())
def test_a_primary_key_names_each_row_once(name, key, frames):
    assert not frames[name].duplicated(key).any()


@pytest.mark.parametrize("name", TABLES)
def test_rows_are_in_proportion_to_the_published_table(name, frames):
    share = len(frames[name]) / FACTS.tables[name].rows
    assert share == pytest.approx(0.02, rel=0.1 if name == "credit_card_balance" else 0.06)


@pytest.mark.parametrize("name", [name for name in TABLES if name != "bureau_balance"])
def test_every_row_belongs_to_a_client_of_train_or_test(name, frames):
    train, test = (frames[f"application_{part}"].SK_ID_CURR for part in ("train", "test"))
    assert not set(train) & set(test)
    assert set(frames[name].SK_ID_CURR) <= set(train) | set(test)


@pytest.mark.parametrize(
    ("child", "parent", "key", "orphans"),
    [
        ("bureau_balance", "bureau", "SK_ID_BUREAU", 0.0527),
        ("POS_CASH_balance", "previous_application", "SK_ID_PREV", 0.0400),
        ("installments_payments", "previous_application", "SK_ID_PREV", 0.0389),
        ("credit_card_balance", "previous_application", "SK_ID_PREV", 0.1090),
    ],
)
def test_a_parent_is_known_for_the_published_share_of_ids(child, parent, key, orphans, frames):
    ids = np.unique(frames[child][key])
    unknown = ~np.isin(ids, frames[parent][key])
    assert unknown.mean() == pytest.approx(orphans, abs=0.02)


@pytest.mark.parametrize("name", ["POS_CASH_balance", "installments_payments"])
def test_a_loan_belongs_to_the_client_who_applied_for_it(name, frames):
    parents = frames["previous_application"][["SK_ID_PREV", "SK_ID_CURR", "NAME_CONTRACT_STATUS"]]
    joined = frames[name][["SK_ID_PREV", "SK_ID_CURR"]].merge(parents, on="SK_ID_PREV")
    assert (joined.SK_ID_CURR_x == joined.SK_ID_CURR_y).all()
    assert joined.NAME_CONTRACT_STATUS.eq("Approved").all()


@pytest.mark.parametrize("name", [name for name in TABLES if name != "application_test"])
def test_missing_rates_are_near_the_published_ones(name, frames):
    published = {c.name: c.missing for c in FACTS.tables[name].columns.values()}
    found = frames[name].isna().mean().to_dict()
    far = {k: (published[k], found[k]) for k in published if abs(published[k] - found[k]) > 0.06}
    assert far == {}


@pytest.mark.parametrize("name", TABLES)
def test_only_published_categories_occur(name, frames):
    for column in FACTS.tables[name].columns.values():
        if column.shares:
            assert set(frames[name][column.name].dropna()) <= set(column.shares), column.name


@pytest.mark.parametrize("name", TABLES)
def test_ids_stay_in_the_published_ranges(name, frames):
    for column in FACTS.tables[name].columns.values():
        if column.name in ("SK_ID_CURR", "SK_ID_PREV", "SK_ID_BUREAU"):
            assert frames[name][column.name].between(100_001, 6_843_457).all()
