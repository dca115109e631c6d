"""Family D: credits at other lenders, as the credit bureau knows them (bureau, bureau_balance).

`bureau` has a row per credit. Amounts are in currency units, DAYS_* in days from the application
(negative: before it). `bureau_balance` has a row per credit and month, MONTHS_BALANCE from 0 (the
month of the application) downwards, with a STATUS: C closed, X not known, 0 on time, 1 up to 30
days late, ... 5 over 120 days late or sold.
"""

from collections.abc import Mapping

import ibis
from ibis import _

from train.home_credit.family import Family, Line, Pass, flag, latest, over
from train.home_credit.schema import CLIENT

STATUSES = ("0", "1", "2", "3", "4", "5", "C", "X")
MONTHLY = "bureau_balance_by_credit"
LATE = ("1", "2", "3", "4", "5")


def monthly(balance: ibis.Table) -> ibis.Table:
    """bureau_balance with one row per credit: months known, first and last month (0 downwards),
    the share of each status, of late months ever and in the last 12, the last late month and the
    worst status (0-5)."""
    late = balance.STATUS.isin(LATE)
    year = balance.MONTHS_BALANCE >= -12
    severity = balance.STATUS.isin(LATE).ifelse(balance.STATUS, "0").cast("int64").cast("float64")
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


def credits(tables: Mapping[str, ibis.Table]) -> ibis.Table:
    """bureau, with what bureau_balance says of each credit where it is there."""
    bureau = tables["bureau"]
    if MONTHLY not in tables or "SK_ID_BUREAU" not in bureau.columns:
        return bureau
    months = tables[MONTHLY]
    return bureau.left_join(months, "SK_ID_BUREAU").drop("SK_ID_BUREAU_right")


COLUMNS = {
    "DAYS_CREDIT": _.DAYS_CREDIT,
    "ENDDATE": _.DAYS_CREDIT_ENDDATE,
    "ENDDATE_FACT": _.DAYS_ENDDATE_FACT,
    "UPDATE": _.DAYS_CREDIT_UPDATE,
    "DAY_OVERDUE": _.CREDIT_DAY_OVERDUE,
    "MAX_OVERDUE": _.AMT_CREDIT_MAX_OVERDUE,
    "CREDIT": _.AMT_CREDIT_SUM,
    "DEBT": _.AMT_CREDIT_SUM_DEBT,
    "LIMIT": _.AMT_CREDIT_SUM_LIMIT,
    "OVERDUE": _.AMT_CREDIT_SUM_OVERDUE,
    "ANNUITY": _.AMT_ANNUITY,
    "PROLONG": _.CNT_CREDIT_PROLONG,
    "DEBT_SHARE": over(_.AMT_CREDIT_SUM_DEBT, _.AMT_CREDIT_SUM),
    "TERM_DAYS": _.DAYS_CREDIT_ENDDATE - _.DAYS_CREDIT,
    "EARLY_DAYS": _.DAYS_CREDIT_ENDDATE - _.DAYS_ENDDATE_FACT,
    "ACTIVE": flag(_.CREDIT_ACTIVE == "Active"),
    "CLOSED": flag(_.CREDIT_ACTIVE == "Closed"),
    "SOLD": flag(_.CREDIT_ACTIVE == "Sold"),
    "BAD_DEBT": flag(_.CREDIT_ACTIVE == "Bad debt"),
    "OVERDUE_NOW": flag(_.AMT_CREDIT_SUM_OVERDUE > 0),
    "OVERDUE_EVER": flag(_.AMT_CREDIT_MAX_OVERDUE > 0),
    "MONTHS": _.BB_MONTHS,
    "MONTHS_FIRST": _.BB_FIRST,
    "MONTHS_LAST": _.BB_LAST,
    "LATE_MONTHS": _.BB_LATE_SHARE,
    "LATE_MONTHS_12M": _.BB_LATE_12M,
    "KNOWN_MONTHS_12M": _.BB_KNOWN_12M,
    "LAST_LATE_MONTH": _.BB_LAST_LATE,
    "WORST_STATUS": _.BB_WORST,
    "WORST_STATUS_12M": _.BB_WORST_12M,
    **{f"STATUS_{status}": _[f"BB_{status}"] for status in STATUSES},
}
SUBSETS = {
    "ACTIVE": _.CREDIT_ACTIVE == "Active",
    "CLOSED": _.CREDIT_ACTIVE == "Closed",
    "CONSUMER": _.CREDIT_TYPE == "Consumer credit",
    "CARD": _.CREDIT_TYPE == "Credit card",
    "CAR": _.CREDIT_TYPE == "Car loan",
    "MORTGAGE": _.CREDIT_TYPE == "Mortgage",
    "MICRO": _.CREDIT_TYPE == "Microloan",
}
WINDOWS = {
    "6M": _.DAYS_CREDIT >= -182,
    "12M": _.DAYS_CREDIT >= -365,
    "24M": _.DAYS_CREDIT >= -730,
    "36M": _.DAYS_CREDIT >= -1095,
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
    ratios={
        "BUREAU_DEBT_TO_CREDIT": ("BUREAU_DEBT_SUM", "BUREAU_CREDIT_SUM"),
        "BUREAU_ACTIVE_DEBT_TO_CREDIT": ("BUREAU_ACTIVE_DEBT_SUM", "BUREAU_ACTIVE_CREDIT_SUM"),
        "BUREAU_CARD_DEBT_TO_CREDIT": ("BUREAU_CARD_DEBT_SUM", "BUREAU_CARD_CREDIT_SUM"),
        "BUREAU_OVERDUE_TO_DEBT": ("BUREAU_OVERDUE_SUM", "BUREAU_DEBT_SUM"),
        "BUREAU_CREDIT_12M_TO_ALL": ("BUREAU_CREDIT_SUM_12M", "BUREAU_CREDIT_SUM"),
        "BUREAU_LATE_MONTHS_SHARE_12M": (
            "BUREAU_LATE_MONTHS_12M_SUM",
            "BUREAU_KNOWN_MONTHS_12M_SUM",
        ),
    },
)
