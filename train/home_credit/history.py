"""The rows of the history tables that features are made of, and columns that take a formula.

`families.toml` declares the features and the columns that are raw ones. Amounts are in currency
units, DAYS_* in days and MONTHS_* in months from the application (negative: before it).
"""

import ibis
from ibis import _

from train.home_credit.cleaning import merge_split_payments
from train.home_credit.family import Tables, family, flag, latest, over, recent
from train.home_credit.schema import CLIENT

STATUSES = ("0", "1", "2", "3", "4", "5", "C", "X")
LATE_STATUSES = ("1", "2", "3", "4", "5")
MONTHLY = "bureau_balance_by_credit"


def monthly(balance: ibis.Table) -> ibis.Table:
    """bureau_balance, a row per credit and month, with one row per credit.

    STATUS is C closed, X not known, 0 on time, 1 up to 30 days late, ... 5 over 120 days late or
    sold. Months known, first and last month (0 downwards), the fraction of late months, of the last
    12 months how many are late and known, the last late month, the worst status (0-5), and the
    fraction of each status.
    """
    late = balance.STATUS.isin(LATE_STATUSES)
    year = balance.MONTHS_BALANCE >= -12
    severity = late.ifelse(balance.STATUS, "0").cast("int64").cast("float64")
    return balance.group_by("SK_ID_BUREAU").agg(
        BB_MONTHS=balance.count().cast("float64"),
        BB_FIRST=balance.MONTHS_BALANCE.min(),
        BB_LAST=balance.MONTHS_BALANCE.max(),
        BB_LATE_SHARE=flag(late).mean(),
        BB_LATE_12M=flag(late & year).sum(),
        BB_KNOWN_12M=flag(year).sum(),
        BB_LAST_LATE=balance.MONTHS_BALANCE.max(where=late),
        BB_WORST=severity.max(),
        BB_WORST_12M=severity.max(where=year),
        **{f"BB_{status}": flag(balance.STATUS == status).mean() for status in STATUSES},
    )


def credits(tables: Tables) -> ibis.Table:
    """bureau, a row per credit, with what bureau_balance says of it where that is there."""
    bureau = tables["bureau"]
    if MONTHLY not in tables or "SK_ID_BUREAU" not in bureau.columns:
        return bureau
    return bureau.left_join(tables[MONTHLY], "SK_ID_BUREAU").drop("SK_ID_BUREAU_right")


BUREAU = family(
    "bureau",
    rows={
        "credits": credits,
        "newest_credits": lambda t: latest(t["bureau"], CLIENT, "DAYS_CREDIT SK_ID_BUREAU", 3),
    },
    columns={
        "DEBT_SHARE": over(_.AMT_CREDIT_SUM_DEBT, _.AMT_CREDIT_SUM),
        "TERM_DAYS": _.DAYS_CREDIT_ENDDATE - _.DAYS_CREDIT,
        "EARLY_DAYS": _.DAYS_CREDIT_ENDDATE - _.DAYS_ENDDATE_FACT,
        "OVERDUE_NOW": flag(_.AMT_CREDIT_SUM_OVERDUE > 0),
        "OVERDUE_EVER": flag(_.AMT_CREDIT_MAX_OVERDUE > 0),
    },
)
"""Family D: credits at other lenders, as the credit bureau knows them."""


def newest_applications(tables: Tables) -> ibis.Table:
    """The latest five earlier applications of each client."""
    return latest(tables["previous_application"], CLIENT, "DAYS_DECISION SK_ID_PREV", 5)


PREVIOUS = family(
    "previous_application",
    rows={
        "applications": lambda tables: tables["previous_application"],
        "newest_applications": newest_applications,
    },
    columns={
        "PAID_UP_EARLY_DAYS": _.DAYS_LAST_DUE_1ST_VERSION - _.DAYS_LAST_DUE,
        "APP_CREDIT": over(_.AMT_APPLICATION, _.AMT_CREDIT),
        "TERM": over(_.AMT_CREDIT, _.AMT_ANNUITY),
        "CREDIT_GOODS": over(_.AMT_CREDIT, _.AMT_GOODS_PRICE),
        # What the loan costs per month of its term, as a fraction of the credit: simple interest.
        "INTEREST": over(over(_.AMT_ANNUITY * _.CNT_PAYMENT, _.AMT_CREDIT) - 1, _.CNT_PAYMENT),
    },
    subsets={"RUNNING": (_.NAME_CONTRACT_STATUS == "Approved") & _.DAYS_LAST_DUE.isnull()},
)
"""Family E: the client's earlier applications at this lender, a row each; CNT_PAYMENT in months."""

NEWEST_PAYMENT = (
    "DAYS_ENTRY_PAYMENT DAYS_INSTALMENT SK_ID_PREV NUM_INSTALMENT_NUMBER AMT_PAYMENT AMT_INSTALMENT"
)


def newest_payments(tables: Tables) -> ibis.Table:
    """The latest five payments of each client."""
    payments = tables["installments_payments"]
    few = recent(payments, CLIENT, "DAYS_ENTRY_PAYMENT", 5, days=(90, 180, 365, 730))
    return latest(few, CLIENT, NEWEST_PAYMENT, 5)


DELAY = _.DAYS_ENTRY_PAYMENT - _.DAYS_INSTALMENT
# A payment that never came has no delay: it counts as 0 here and in INSTAL_UNPAID_COUNT.
DPD = (DELAY > 0).ifelse(DELAY, 0.0)
# What happened a year earlier counts 1/e as much.
WEIGHT = (_.DAYS_INSTALMENT / 365.25).exp()
INSTALMENTS = family(
    "installments_payments",
    rows={
        "payments": lambda tables: tables["installments_payments"],
        "instalments": lambda tables: merge_split_payments(tables["installments_payments"]),
        "newest_payments": newest_payments,
    },
    columns={
        "DPD": DPD,
        "DBD": (DELAY < 0).ifelse(-DELAY, 0.0),
        "PAYMENT_PERC": over(_.AMT_PAYMENT, _.AMT_INSTALMENT),
        "PAYMENT_DIFF": _.AMT_INSTALMENT - _.AMT_PAYMENT,
        "LATE": flag(DELAY > 0),
        **{f"LATE_{days}": flag(DELAY > days) for days in (7, 15, 30, 60)},
        "UNPAID": flag(_.DAYS_ENTRY_PAYMENT.isnull()),
        "LATE_DAY": (DELAY > 0).ifelse(_.DAYS_INSTALMENT, None),
        "LATE_30_DAY": (DELAY > 30).ifelse(_.DAYS_INSTALMENT, None),
        "WEIGHT": WEIGHT,
        "DECAYED_DPD": WEIGHT * DPD,
        "DECAYED_LATE": WEIGHT * flag(DELAY > 0),
        "PAID_SHARE": over(_.PAID, _.DUE),
        "SHORTFALL": (_.DUE > _.PAID).ifelse(_.DUE - _.PAID, 0.0),
        "SHORT": flag(_.DUE > _.PAID),
        "SHORT_DAY": (_.DUE > _.PAID).ifelse(_.DAYS_INSTALMENT, None),
        "OVERPAID": flag(_.PAID > _.DUE),
    },
)
"""Family F: what was due and what was paid on earlier loans, a row per payment.

DAYS_INSTALMENT is the day a sum was due, DAYS_ENTRY_PAYMENT the day it came; the latter is missing,
like the amount paid, where nothing came.
"""


def loans(tables: Tables) -> ibis.Table:
    """POS_CASH_balance with one row per loan: months known, planned term, whether it was
    completed, and in fewer months than planned, and the fraction of the term that it has run."""
    months = tables["POS_CASH_balance"]
    by_loan = months.group_by("SK_ID_CURR", "SK_ID_PREV").agg(
        MONTHS=months.count().cast("float64"),
        FIRST=months.MONTHS_BALANCE.min(),
        LAST=months.MONTHS_BALANCE.max(),
        PLANNED=months.CNT_INSTALMENT.max(),
        DONE=flag(months.NAME_CONTRACT_STATUS == "Completed").max(),
    )
    early = (_.DONE == 1) & (_.LAST - _.FIRST < _.PLANNED)
    return by_loan.mutate(EARLY=flag(early), TOOK=over(_.LAST - _.FIRST, _.PLANNED))


POS = family(
    "POS_CASH_balance",
    rows={"months_of_loans": lambda tables: tables["POS_CASH_balance"], "loans": loans},
    columns={
        "LEFT_SHARE": over(_.CNT_INSTALMENT_FUTURE, _.CNT_INSTALMENT),
        "LATE": flag(_.SK_DPD > 0),
        "LATE_DEF": flag(_.SK_DPD_DEF > 0),
        "LATE_DEF_MONTH": (_.SK_DPD_DEF > 0).ifelse(_.MONTHS_BALANCE, None),
    },
    subsets={"LOANS": _.MONTHS > 0},
)
"""Family G: the monthly state of earlier shop and cash loans, a row per loan and month.

MONTHS_BALANCE of -1 is the latest, CNT_INSTALMENT the planned number of instalments,
CNT_INSTALMENT_FUTURE those left, SK_DPD the days past due and SK_DPD_DEF the same without small
debts.
"""

CARD = family(
    "credit_card_balance",
    rows={"months_of_cards": lambda tables: tables["credit_card_balance"]},
    columns={
        "UTILISATION": over(_.AMT_BALANCE, _.AMT_CREDIT_LIMIT_ACTUAL),
        "DRAWN_SHARE": over(_.AMT_DRAWINGS_CURRENT, _.AMT_CREDIT_LIMIT_ACTUAL),
        "PAYMENT_TO_MIN": over(_.AMT_PAYMENT_CURRENT, _.AMT_INST_MIN_REGULARITY),
        "PAYMENT_TO_BALANCE": over(_.AMT_PAYMENT_TOTAL_CURRENT, _.AMT_BALANCE),
        "INTEREST_SHARE": over(_.AMT_TOTAL_RECEIVABLE - _.AMT_RECEIVABLE_PRINCIPAL, _.AMT_BALANCE),
        "BELOW_MIN": flag(_.AMT_PAYMENT_CURRENT < _.AMT_INST_MIN_REGULARITY),
        "OVER_LIMIT": flag(_.AMT_BALANCE > _.AMT_CREDIT_LIMIT_ACTUAL),
        "DRAWING": flag(_.AMT_DRAWINGS_CURRENT > 0),
        "LATE_DEF": flag(_.SK_DPD_DEF > 0),
        "LATE_MONTH": (_.SK_DPD_DEF > 0).ifelse(_.MONTHS_BALANCE, None),
    },
)
"""Family H: the monthly state of the client's credit cards at this lender, a row per card and
month.

MONTHS_BALANCE of -1 is the latest; AMT_INST_MIN_REGULARITY is the least payment due in the month.
"""

FAMILIES = (BUREAU, PREVIOUS, INSTALMENTS, POS, CARD)
