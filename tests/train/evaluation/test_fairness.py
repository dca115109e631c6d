"""Fairness by protected attribute, on groups whose shares are known."""

import numpy as np
import pyarrow as pa
import pytest

from train.evaluation.fairness import fairness, groupings
from train.report.plots import fairness_plot


def table(**columns):
    return {name: pa.chunked_array([pa.array(values)]) for name, values in columns.items()}


def labels(**columns):
    (grouping,) = groupings(table(**columns))
    return list(grouping.labels)


def test_days_before_the_application_become_bands_of_age():
    days = [-int(years * 365.25) - 1 for years in (20, 25, 34, 45, 64, 65, 80)]
    bands = ["under 25", "25 to 34", "25 to 34", "45 to 54", "55 to 64"]
    assert labels(DAYS_BIRTH=days) == [*bands, "65 and over", "65 and over"]


def test_years_become_the_same_bands_and_a_missing_age_a_group_of_its_own():
    assert labels(age=[24, 25, None]) == ["under 25", "25 to 34", "not stated"]


def test_gender_is_read_where_it_is_told_together_with_family_status():
    status = ["male single", "female div/dep/mar", "male mar/wid"]
    found = {
        grouping.attribute: list(grouping.labels)
        for grouping in groupings(table(personal_status=status))
    }
    assert found == {"gender": ["male", "female", "male"], "family status": status}


def test_a_column_with_one_group_or_none_that_is_protected_is_left_out():
    assert groupings(table(CODE_GENDER=["F", "F"], AMT_CREDIT=[1.0, 2.0])) == ()


def test_of_many_groups_the_rarest_are_judged_together():
    many = [f"status {number % 20}" for number in range(60)]
    assert len(set(labels(marital_status=many))) == 8


@pytest.fixture(scope="module")
def measured():
    """400 men of whom half get the loan, 400 women of whom a quarter do; 20 of unknown gender."""
    gender = ["M"] * 400 + ["F"] * 400 + [None] * 20
    lent = np.array([True, False] * 200 + [True, False, False, False] * 100 + [True] * 20)
    defaulted = np.array([0, 0, 0, 1] * 205, dtype=np.int8)
    found = groupings(table(CODE_GENDER=gender))
    return fairness(defaulted, np.full(820, 0.3), lent, found)


def row(measured, group):
    (found,) = measured.table[measured.table["group"] == group].to_dict("records")
    return found


def test_selection_rates_and_their_ratio(measured):
    assert row(measured, "M")["selection_rate"] == 0.5
    assert row(measured, "F")["selection_rate"] == 0.25
    assert (row(measured, "M")["ratio"], row(measured, "F")["ratio"]) == (1, 0.5)
    assert measured.below_four_fifths == {"gender (CODE_GENDER)": 0.5}


def test_false_refusals_are_those_of_clients_who_repaid(measured):
    assert row(measured, "M")["false_refusal_rate"] == pytest.approx(1 / 3)
    assert row(measured, "F")["false_refusal_rate"] == pytest.approx(2 / 3)


def test_calibration_in_each_group(measured):
    assert row(measured, "F")["calibration_gap"] == pytest.approx(0.05)


def test_a_small_group_is_shown_and_flagged_and_not_compared(measured):
    unknown = row(measured, "not stated")
    assert unknown["small"]
    assert unknown["clients"] == 20
    assert np.isnan(unknown["ratio"])


def test_the_table_as_csv(measured):
    assert measured.to_csv().startswith("attribute,column,group,clients,")


def test_the_plot_names_its_basis_and_every_group(measured, tmp_path):
    figure = fairness_plot(measured)
    figure.savefig(tmp_path / "plot.png")
    assert "out of fold" in figure.get_suptitle()
    shown = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert shown == [
        "gender: F, n = 400",
        "gender: M, n = 400",
        "gender: not stated (small), n = 20",
    ]


def test_data_without_protected_columns_has_an_empty_table():
    nothing = fairness(np.zeros(3, dtype=np.int8), np.zeros(3), np.ones(3, dtype=bool), ())
    assert nothing.table.empty
    assert nothing.below_four_fifths == {}
