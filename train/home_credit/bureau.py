"""Family D: credits at other lenders, as the credit bureau knows them (bureau, bureau_balance).

`bureau` has a row per credit. Amounts are in currency units, DAYS_* in days from the application
(negative: before it). `bureau_balance` has a row per credit and month, MONTHS_BALANCE from 0 (the
month of the application) downwards, with a STATUS: C closed, X not known, 0 on time, 1 up to 30
days late, ... 5 over 120 days late or sold.
"""

import ibis
from ibis import _

from train.home_credit.family import (
    Family,
    Line,
    Pass,
    Tables,
    flag,
    flags,
    latest,
    over,
    renamed,
    where,
)
from train.home_credit.schema import CLIENT

STATUSES = ("0", "1", "2", "3", "4", "5", "C", "X")
LATE = ("1", "2", "3", "4", "5")
MONTHLY = "bureau_balance_by_credit"


def monthly(balance: ibis.Table) -> ibis.Table:
    """bureau_balance with one row per credit: months known, first and last month (0 downwards),
    the fraction of late months, and of the last 12 how many are late and known, the last late
    month, the worst status (0-5), and the fraction of each status."""
    late = balance.STATUS.isin(LATE)
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
    """bureau, with what bureau_balance says of each credit where it is there."""
    bureau = tables["bureau"]
    if MONTHLY not in tables or "SK_ID_BUREAU" not in bureau.columns:
        return bureau
    return bureau.left_join(tables[MONTHLY], "SK_ID_BUREAU").drop("SK_ID_BUREAU_right")


STATES = where("CREDIT_ACTIVE", ACTIVE="Active", CLOSED="Closed")
COLUMNS = {
    **renamed(
        "DAYS_CREDIT=DAYS_CREDIT ENDDATE=DAYS_CREDIT_ENDDATE ENDDATE_FACT=DAYS_ENDDATE_FACT "
        "UPDATE=DAYS_CREDIT_UPDATE DAY_OVERDUE=CREDIT_DAY_OVERDUE "
        "MAX_OVERDUE=AMT_CREDIT_MAX_OVERDUE CREDIT=AMT_CREDIT_SUM DEBT=AMT_CREDIT_SUM_DEBT "
        "LIMIT=AMT_CREDIT_SUM_LIMIT OVERDUE=AMT_CREDIT_SUM_OVERDUE ANNUITY=AMT_ANNUITY "
        "PROLONG=CNT_CREDIT_PROLONG MONTHS=BB_MONTHS MONTHS_FIRST=BB_FIRST MONTHS_LAST=BB_LAST "
        "LATE_MONTHS=BB_LATE_SHARE LATE_MONTHS_12M=BB_LATE_12M KNOWN_MONTHS_12M=BB_KNOWN_12M "
        "LAST_LATE_MONTH=BB_LAST_LATE WORST_STATUS=BB_WORST WORST_STATUS_12M=BB_WORST_12M"
    ),
    "DEBT_SHARE": over(_.AMT_CREDIT_SUM_DEBT, _.AMT_CREDIT_SUM),
    "TERM_DAYS": _.DAYS_CREDIT_ENDDATE - _.DAYS_CREDIT,
    "EARLY_DAYS": _.DAYS_CREDIT_ENDDATE - _.DAYS_ENDDATE_FACT,
    **flags(STATES | where("CREDIT_ACTIVE", SOLD="Sold", BAD_DEBT="Bad debt")),
    "OVERDUE_NOW": flag(_.AMT_CREDIT_SUM_OVERDUE > 0),
    "OVERDUE_EVER": flag(_.AMT_CREDIT_MAX_OVERDUE > 0),
    **{f"STATUS_{status}": _[f"BB_{status}"] for status in STATUSES},
}
SUBSETS = STATES | where(
    "CREDIT_TYPE",
    CONSUMER="Consumer credit",
    CARD="Credit card",
    CAR="Car loan",
    MORTGAGE="Mortgage",
    MICRO="Microloan",
)
WINDOWS = {
    f"{months}M": _.DAYS_CREDIT >= -days
    for months, days in ((6, 182), (12, 365), (24, 730), (36, 1095))
}
MONEY = "MAX_OVERDUE CREDIT DEBT LIMIT OVERDUE ANNUITY"
BY_STATE = "ALL ACTIVE CLOSED"
BY_TYPE = "CONSUMER CARD CAR MORTGAGE MICRO"
EVER = Pass(
    rows=credits,
    columns=COLUMNS,
    subsets=SUBSETS,
    windows=WINDOWS,
    money=MONEY,
    lines=(
        Line("ALL", "COUNT", f"{BY_STATE} {BY_TYPE}"),
        Line("ALL", "COUNT", windows="6M 12M 24M 36M"),
        Line("ACTIVE CLOSED SOLD BAD_DEBT OVERDUE_EVER", "SHARE"),
        Line("ACTIVE", "SHARE", windows="6M 12M 24M 36M"),
        Line("ACTIVE", "COUNT", "CONSUMER CARD MICRO"),
        Line("OVERDUE_NOW", "COUNT"),
        Line("DAYS_CREDIT", "MEAN MIN MAX", BY_STATE),
        Line("DAYS_CREDIT", "VAR"),
        Line("DAYS_CREDIT", "MAX", "CONSUMER CARD MICRO"),
        Line("ENDDATE", "MEAN MIN MAX", "ALL ACTIVE"),
        Line("ENDDATE", "MAX", windows="12M 24M"),
        Line("UPDATE", "MEAN", BY_STATE),
        Line("ENDDATE_FACT TERM_DAYS EARLY_DAYS", "MEAN"),
        Line("ENDDATE_FACT", "MAX"),
        Line("DAY_OVERDUE", "MEAN MAX"),
        Line("MAX_OVERDUE", "MEAN MAX SUM"),
        Line("MAX_OVERDUE", "MEAN", "ACTIVE CLOSED"),
        Line("MAX_OVERDUE", "MAX", windows="12M 24M 36M"),
        Line("CREDIT DEBT", "MEAN MAX SUM", "ALL ACTIVE"),
        Line("CREDIT", "MEAN MAX SUM", "CLOSED"),
        Line("CREDIT DEBT", "SUM", BY_TYPE),
        Line("CREDIT DEBT", "SUM", windows="6M 12M 24M 36M"),
        Line("OVERDUE", "MEAN MAX SUM"),
        Line("OVERDUE", "SUM", windows="24M"),
        Line("LIMIT", "MEAN SUM"),
        Line("ANNUITY", "MEAN MAX"),
        Line("ANNUITY", "SUM", "ACTIVE"),
        Line("PROLONG", "SUM"),
        Line("DEBT_SHARE", "MEAN MAX", "ALL ACTIVE"),
        Line("MONTHS", "MEAN SUM"),
        Line("MONTHS_FIRST", "MIN", BY_STATE),
        Line("MONTHS_LAST", "MAX"),
        Line(" ".join(f"STATUS_{status}" for status in STATUSES), "MEAN"),
        Line("LATE_MONTHS", "MEAN MAX"),
        Line("LATE_MONTHS_12M KNOWN_MONTHS_12M", "SUM"),
        Line("LAST_LATE_MONTH WORST_STATUS WORST_STATUS_12M", "MAX"),
    ),
)
NEWEST_FIRST = "DAYS_CREDIT SK_ID_BUREAU"
NEWEST = Pass(
    rows=lambda tables: latest(tables["bureau"], CLIENT, NEWEST_FIRST, count=3),
    needs=NEWEST_FIRST,
    columns=COLUMNS,
    windows={"LAST1": _["rank"] < 1, "LAST3": _["rank"] < 3},
    money=MONEY,
    lines=(
        Line("CREDIT DEBT DEBT_SHARE ENDDATE UPDATE ACTIVE", "VALUE", windows="LAST1"),
        Line("CREDIT", "MEAN", windows="LAST3"),
    ),
)
FAMILY = Family(
    table="bureau",
    prefix="BUREAU",
    passes=(EVER, NEWEST),
    quotients={
        "DEBT_TO_CREDIT": ("DEBT_SUM", "CREDIT_SUM"),
        "ACTIVE_DEBT_TO_CREDIT": ("ACTIVE_DEBT_SUM", "ACTIVE_CREDIT_SUM"),
        "CARD_DEBT_TO_CREDIT": ("CARD_DEBT_SUM", "CARD_CREDIT_SUM"),
        "OVERDUE_TO_DEBT": ("OVERDUE_SUM", "DEBT_SUM"),
        "CREDIT_12M_TO_ALL": ("CREDIT_SUM_12M", "CREDIT_SUM"),
        "LATE_MONTHS_SHARE_12M": ("LATE_MONTHS_12M_SUM", "KNOWN_MONTHS_12M_SUM"),
    },
)
