import numpy as np
import pytest


@pytest.fixture(scope="module")
def app(frames):
    return frames["application_train"]


@pytest.fixture(scope="module")
def previous(frames):
    return frames["previous_application"]


def test_whoever_has_no_employer_has_the_sentinel_and_no_occupation(app):
    idle = app.DAYS_EMPLOYED == 365243
    assert idle.mean() == pytest.approx(0.18, abs=0.01)
    assert (idle == (app.ORGANIZATION_TYPE == "XNA")).all()
    assert (idle == app.NAME_INCOME_TYPE.isin(["Pensioner", "Unemployed"])).all()
    assert app.OCCUPATION_TYPE[idle].isna().all()


def test_nobody_has_worked_since_before_the_age_of_16(app):
    works = app.DAYS_EMPLOYED < 0
    assert (app.DAYS_EMPLOYED[works] >= app.DAYS_BIRTH[works] + 16 * 365).all()


def test_only_owners_of_a_car_have_its_age(app):
    assert (app.OWN_CAR_AGE.notna() == (app.FLAG_OWN_CAR == "Y")).all()


def test_columns_that_come_from_one_source_are_missing_together(app):
    for part in ("AMT_REQ_CREDIT_BUREAU", "SOCIAL_CIRCLE"):
        missing = app.filter(like=part).isna()
        assert (missing.all(axis=1) == missing.any(axis=1)).all()


def test_the_three_statistics_of_a_building_agree(app):
    for measure in ("APARTMENTS", "LIVINGAREA"):
        mean, mode, median = (app[f"{measure}_{kind}"] for kind in ("AVG", "MODE", "MEDI"))
        assert mean.isna().equals(mode.isna())
        assert mean.corr(mode) > 0.97
        assert mean.corr(median) > 0.97


def test_a_credit_covers_the_goods_and_its_annuity_repays_it_in_a_plausible_term(app):
    assert (app.AMT_CREDIT >= app.AMT_GOODS_PRICE).mean() > 0.97
    term = app.AMT_CREDIT / app.AMT_ANNUITY
    assert term.between(2, 60).mean() > 0.99
    assert term.median() == pytest.approx(20, abs=1.5)
    revolving = app.NAME_CONTRACT_TYPE == "Revolving loans"
    assert term[revolving].between(19.9, 20.1).mean() > 0.99


def test_amounts_are_multiples_of_four_and_a_half(app):
    for name in ("AMT_CREDIT", "AMT_ANNUITY", "AMT_GOODS_PRICE", "AMT_INCOME_TOTAL"):
        steps = app[name].dropna() / 4.5
        assert np.allclose(steps, steps.round())


def test_loans_have_days_only_once_they_have_begun(previous):
    begun = previous.DAYS_FIRST_DRAWING.notna()
    assert previous.NAME_CONTRACT_STATUS[begun].eq("Approved").all()
    for name in ("DAYS_FIRST_DUE", "DAYS_LAST_DUE", "DAYS_TERMINATION"):
        assert (previous[name].notna() == begun).all()
    ended = previous[begun & (previous.DAYS_LAST_DUE < 0)]
    assert (ended.DAYS_FIRST_DUE > ended.DAYS_DECISION).all()
    assert (ended.DAYS_LAST_DUE >= ended.DAYS_FIRST_DUE).all()
    assert (ended.DAYS_TERMINATION >= ended.DAYS_LAST_DUE).all()


def test_no_product_means_cancelled_and_without_amounts(previous):
    none = previous.PRODUCT_COMBINATION.isna()
    assert (none == (previous.NAME_CONTRACT_TYPE == "XNA")).all()
    assert previous.NAME_CONTRACT_STATUS[none].eq("Canceled").all()
    assert previous.AMT_CREDIT[none].eq(0).all()
    assert (previous.AMT_ANNUITY.isna() == previous.CNT_PAYMENT.isna()).all()


def test_a_reason_is_given_for_refusals_alone(previous):
    refused = previous.NAME_CONTRACT_STATUS == "Refused"
    assert (refused == ~previous.CODE_REJECT_REASON.isin(["XAP", "CLIENT"])).all()


def test_instalments_fall_due_within_the_life_of_the_loan(frames, previous):
    paid = frames["installments_payments"].merge(previous, on="SK_ID_PREV")
    loan = paid[paid.NAME_CONTRACT_TYPE != "Revolving loans"]
    assert (loan.DAYS_INSTALMENT >= loan.DAYS_FIRST_DUE).all()
    ended = loan[loan.DAYS_LAST_DUE < 0]
    assert (ended.DAYS_INSTALMENT <= ended.DAYS_LAST_DUE).all()


def test_history_goes_back_eight_years_and_no_further(frames):
    assert frames["bureau"].DAYS_CREDIT.between(-2922, 0).all()
    assert frames["installments_payments"].DAYS_INSTALMENT.between(-2922, -1).all()
    assert frames["bureau_balance"].MONTHS_BALANCE.between(-96, 0).all()
    for name in ("POS_CASH_balance", "credit_card_balance"):
        assert frames[name].MONTHS_BALANCE.between(-96, -1).all()


def test_closed_credits_have_ended_and_running_ones_have_not(frames):
    bureau = frames["bureau"]
    closed = bureau.CREDIT_ACTIVE == "Closed"
    assert (closed == bureau.DAYS_ENDDATE_FACT.notna()).all()
    assert (bureau.DAYS_ENDDATE_FACT[closed] >= bureau.DAYS_CREDIT[closed]).all()


def test_a_credit_stays_closed_once_it_is(frames):
    months = frames["bureau_balance"].sort_values(["SK_ID_BUREAU", "MONTHS_BALANCE"])
    closed = months.STATUS.eq("C")
    reopened = closed.shift() & ~closed & months.SK_ID_BUREAU.eq(months.SK_ID_BUREAU.shift())
    assert not reopened.any()
