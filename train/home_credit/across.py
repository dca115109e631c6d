"""Families E and I: the present application held against the client's history.

Expressions over one client's row after all tables are joined to it: raw columns of the application
and the features of the other families. Amounts are in currency units.
"""

from typing import Any

from ibis import _

from train.home_credit.family import over

INCOME = _.AMT_INCOME_TOTAL
PREFIX = "ACROSS"
# What is owed each month: this loan, the bureau's active credits and loans still running here. A
# client without the latter owes nothing on them.
BUREAU_ANNUITY = _.BUREAU_ACTIVE_ANNUITY_SUM.fill_null(0.0)
RUNNING_ANNUITY = _.PREV_RUNNING_ANNUITY_SUM.fill_null(0.0)
BUREAU_CREDIT = _.BUREAU_ACTIVE_CREDIT_SUM.fill_null(0.0)
BUREAU_DEBT = _.BUREAU_ACTIVE_DEBT_SUM.fill_null(0.0)
RUNNING_CREDIT = _.PREV_RUNNING_CREDIT_SUM.fill_null(0.0)

FEATURES: dict[str, Any] = {
    "ANNUITIES_TO_INCOME": over(_.AMT_ANNUITY + BUREAU_ANNUITY + RUNNING_ANNUITY, INCOME),
    "ACTIVE_CREDIT_TO_INCOME": over(BUREAU_CREDIT + RUNNING_CREDIT, INCOME),
    "ACTIVE_DEBT_TO_INCOME": over(BUREAU_DEBT, INCOME),
    "ALL_CREDIT_TO_INCOME": over(_.AMT_CREDIT + BUREAU_CREDIT + RUNNING_CREDIT, INCOME),
    "CREDIT_TO_ACTIVE_CREDIT": over(_.AMT_CREDIT, _.BUREAU_ACTIVE_CREDIT_SUM),
    "CREDIT_TO_BUREAU_CREDIT_MEAN": over(_.AMT_CREDIT, _.BUREAU_CREDIT_MEAN),
    "CREDIT_TO_BUREAU_CREDIT_MAX": over(_.AMT_CREDIT, _.BUREAU_CREDIT_MAX),
    "CREDIT_TO_APPROVED_MEAN": over(_.AMT_CREDIT, _.PREV_APPROVED_CREDIT_MEAN),
    "CREDIT_TO_APPROVED_MAX": over(_.AMT_CREDIT, _.PREV_APPROVED_CREDIT_MAX),
    "ANNUITY_TO_APPROVED_MEAN": over(_.AMT_ANNUITY, _.PREV_APPROVED_ANNUITY_MEAN),
    "ANNUITY_TO_APPROVED_MAX": over(_.AMT_ANNUITY, _.PREV_APPROVED_ANNUITY_MAX),
    "CREDIT_TO_REFUSED_MEAN": over(_.AMT_CREDIT, _.PREV_REFUSED_CREDIT_MEAN),
    "TERM_TO_APPROVED_MEAN": over(over(_.AMT_CREDIT, _.AMT_ANNUITY), _.PREV_APPROVED_TERM_MEAN),
    "ANNUITY_TO_INSTALMENT_MEAN": over(_.AMT_ANNUITY, _.INSTAL_AMT_INSTALMENT_MEAN),
    "ANNUITY_TO_INSTALMENT_MAX": over(_.AMT_ANNUITY, _.INSTAL_AMT_INSTALMENT_MAX),
    "PAID_360D_TO_INCOME": over(_.INSTAL_AMT_PAYMENT_SUM_360D, INCOME),
    "CARD_BALANCE_TO_INCOME": over(_.CARD_BALANCE_MEAN_2M, INCOME),
    "CARD_LIMIT_TO_INCOME": over(_.CARD_LIMIT_MEAN, INCOME),
    "SHORTFALL_TO_INCOME": over(_.INSTAL_SHORTFALL_SUM, INCOME),
}
