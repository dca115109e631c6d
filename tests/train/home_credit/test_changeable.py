import pytest

from scoring_model.contract import Change, Contract, Feature
from train.errors import TrainError
from train.home_credit.directions import changes, check_changes, with_changes


def contract(*columns, id="SK_ID_CURR"):
    return Contract(id, tuple(Feature(name, "number") for name in columns))


def changed(contract):
    return {feature.name: feature.change for feature in contract.features if feature.change}


def test_amounts_of_home_credit_are_changeable_and_nothing_that_a_client_is():
    columns = ("AMT_CREDIT", "AMT_INCOME_TOTAL", "DAYS_BIRTH", "EXT_SOURCE_2", "BUREAU_DEBT_SUM")
    found = changed(with_changes(contract(*columns), {}))

    assert {name: change.direction for name, change in found.items()} == {
        "AMT_CREDIT": "down",
        "AMT_INCOME_TOTAL": "up",
    }


def test_ratios_of_the_model_to_history_follow_the_amount():
    found = changed(with_changes(contract("AMT_CREDIT", "ACROSS_CREDIT_TO_REFUSED_MEAN"), {}))

    assert found["AMT_CREDIT"].proportional == ("ACROSS_CREDIT_TO_REFUSED_MEAN",)


def test_an_amount_is_not_changeable_where_the_model_could_not_score_the_change():
    columns = ("AMT_CREDIT", "AMT_ANNUITY", "ACROSS_ANNUITIES_TO_INCOME")

    assert set(changed(with_changes(contract(*columns), {}))) == {"AMT_CREDIT"}


def test_other_tables_have_what_is_asked_for_alone():
    asked = changes("AMT_CREDIT:both:0.5, a:b:up:10")

    assert asked == {"AMT_CREDIT": Change("both", 0.5), "a:b": Change("up", 10.0)}
    assert changed(with_changes(contract("AMT_CREDIT", id="row"), {})) == {}
    assert changed(with_changes(contract("AMT_CREDIT", "c"), asked)) == {
        "AMT_CREDIT": Change("both", 0.5)
    }


@pytest.mark.parametrize("text", ["AMT", "AMT:down", "AMT:left:1", "AMT:down:0", "AMT:up:x"])
def test_what_is_no_change_is_one_line(text):
    with pytest.raises(TrainError, match="--changeable"):
        changes(text)


@pytest.mark.parametrize("column", ["OTHER", "age"])
def test_a_column_that_no_client_can_change_is_refused(column):
    with pytest.raises(TrainError, match=column):
        check_changes(contract("AMOUNT", "age"), [column])
