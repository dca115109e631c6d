"""bureau and bureau_balance: all credits, active, closed, by type, by window, the newest."""

from pathlib import Path

import pandas as pd

from tests.train.oracle.grouping import KEY, Wanted, by_client, newest, over, read

CREDIT = "SK_ID_BUREAU"
NUMBERS = (
    f"{KEY} {CREDIT} DAYS_CREDIT DAYS_CREDIT_ENDDATE DAYS_ENDDATE_FACT DAYS_CREDIT_UPDATE "
    "CREDIT_DAY_OVERDUE AMT_CREDIT_MAX_OVERDUE AMT_CREDIT_SUM AMT_CREDIT_SUM_DEBT "
    "AMT_CREDIT_SUM_LIMIT AMT_CREDIT_SUM_OVERDUE AMT_ANNUITY CNT_CREDIT_PROLONG"
)
SHORT = {
    "DAYS_CREDIT_ENDDATE": "ENDDATE",
    "DAYS_ENDDATE_FACT": "ENDDATE_FACT",
    "DAYS_CREDIT_UPDATE": "UPDATE",
    "CREDIT_DAY_OVERDUE": "DAY_OVERDUE",
    "AMT_CREDIT_MAX_OVERDUE": "MAX_OVERDUE",
    "AMT_CREDIT_SUM": "CREDIT",
    "AMT_CREDIT_SUM_DEBT": "DEBT",
    "AMT_CREDIT_SUM_LIMIT": "LIMIT",
    "AMT_CREDIT_SUM_OVERDUE": "OVERDUE",
    "AMT_ANNUITY": "ANNUITY",
    "CNT_CREDIT_PROLONG": "PROLONG",
}
MONEY = "MAX_OVERDUE CREDIT DEBT LIMIT OVERDUE ANNUITY"
STATUSES = [*"012345CX"]
LATE = [*"12345"]
ALL: Wanted = {
    "count": "ROWS OVERDUE_NOW",
    "share": "ACTIVE CLOSED SOLD BAD_DEBT OVERDUE_EVER",
    "mean": "DAYS_CREDIT ENDDATE UPDATE ENDDATE_FACT TERM_DAYS EARLY_DAYS DAY_OVERDUE MAX_OVERDUE "
    "CREDIT DEBT OVERDUE LIMIT ANNUITY DEBT_SHARE MONTHS LATE_MONTHS STATUS_0 STATUS_1 STATUS_2 "
    "STATUS_3 STATUS_4 STATUS_5 STATUS_C STATUS_X",
    "min": "DAYS_CREDIT ENDDATE MONTHS_FIRST",
    "max": "DAYS_CREDIT ENDDATE ENDDATE_FACT DAY_OVERDUE MAX_OVERDUE CREDIT DEBT OVERDUE ANNUITY "
    "DEBT_SHARE MONTHS_LAST LATE_MONTHS LAST_LATE_MONTH WORST_STATUS WORST_STATUS_12M",
    "sum": "MAX_OVERDUE CREDIT DEBT OVERDUE LIMIT PROLONG MONTHS LATE_MONTHS_12M KNOWN_MONTHS_12M",
    "var": "DAYS_CREDIT",
}
ACTIVE: Wanted = {
    "count": "ROWS",
    "mean": "DAYS_CREDIT ENDDATE UPDATE MAX_OVERDUE CREDIT DEBT DEBT_SHARE",
    "min": "DAYS_CREDIT ENDDATE MONTHS_FIRST",
    "max": "DAYS_CREDIT ENDDATE CREDIT DEBT DEBT_SHARE",
    "sum": "CREDIT DEBT ANNUITY",
}
CLOSED: Wanted = {
    "count": "ROWS",
    "mean": "DAYS_CREDIT UPDATE MAX_OVERDUE CREDIT",
    "min": "DAYS_CREDIT MONTHS_FIRST",
    "max": "DAYS_CREDIT CREDIT",
    "sum": "CREDIT",
}
LARGE: Wanted = {"count": "ROWS", "sum": "CREDIT DEBT"}
SMALL: Wanted = {"count": "ROWS ACTIVE", "sum": "CREDIT DEBT", "max": "DAYS_CREDIT"}
TYPES = {
    "CONSUMER": ("Consumer credit", SMALL),
    "CARD": ("Credit card", SMALL),
    "CAR": ("Car loan", LARGE),
    "MORTGAGE": ("Mortgage", LARGE),
    "MICRO": ("Microloan", SMALL),
}
RECENT: Wanted = {"count": "ROWS", "share": "ACTIVE", "sum": "CREDIT DEBT"}
WINDOWS: dict[str, tuple[int, Wanted]] = {
    "6M": (182, RECENT),
    "12M": (365, {**RECENT, "max": "ENDDATE MAX_OVERDUE"}),
    "24M": (730, {**RECENT, "max": "ENDDATE MAX_OVERDUE", "sum": "CREDIT DEBT OVERDUE"}),
    "36M": (1095, {**RECENT, "max": "MAX_OVERDUE"}),
}
LAST: Wanted = {"value": "CREDIT DEBT DEBT_SHARE ENDDATE UPDATE ACTIVE"}


def features(folder: Path) -> list[pd.DataFrame]:
    """What the bureau knows of each client."""
    rows = _credits(folder)
    made = [
        by_client(rows, "BUREAU", ALL, money=MONEY),
        by_client(rows, "BUREAU_ACTIVE", ACTIVE, where=rows.ACTIVE, money=MONEY),
        by_client(rows, "BUREAU_CLOSED", CLOSED, where=rows.CLOSED, money=MONEY),
    ]
    for name, (kind, wanted) in TYPES.items():
        where = rows.CREDIT_TYPE == kind
        made.append(by_client(rows, f"BUREAU_{name}", wanted, where=where, money=MONEY))
    for name, (days, wanted) in WINDOWS.items():
        where = rows.DAYS_CREDIT >= -days
        made.append(by_client(rows, "BUREAU", wanted, window=name, where=where, money=MONEY))
    last = newest(rows, f"DAYS_CREDIT {CREDIT}", 3)
    made.append(by_client(last, "BUREAU", LAST, window="LAST1", where=last.place < 1))
    return [*made, by_client(last, "BUREAU", {"mean": "CREDIT"}, window="LAST3", money=MONEY)]


def _credits(folder: Path) -> pd.DataFrame:
    rows = read(folder, "bureau", NUMBERS, texts="CREDIT_ACTIVE CREDIT_TYPE").rename(columns=SHORT)
    for column in ("ENDDATE", "ENDDATE_FACT", "UPDATE"):
        rows[column] = rows[column].where(rows[column] >= -40_000)
    rows["DEBT_SHARE"] = over(rows.DEBT, rows.CREDIT)
    rows["TERM_DAYS"] = rows.ENDDATE - rows.DAYS_CREDIT
    rows["EARLY_DAYS"] = rows.ENDDATE - rows.ENDDATE_FACT
    for value in ("Active", "Closed", "Sold", "Bad debt"):
        rows[value.upper().replace(" ", "_")] = rows.CREDIT_ACTIVE == value
    rows["OVERDUE_NOW"] = rows.OVERDUE > 0
    rows["OVERDUE_EVER"] = rows.MAX_OVERDUE > 0
    return rows.join(_months(folder), on=CREDIT)


def _months(folder: Path) -> pd.DataFrame:
    """bureau_balance by credit: shares and the worst status come of one count by status."""
    rows = read(folder, "bureau_balance", f"{CREDIT} MONTHS_BALANCE", texts="STATUS")
    grouped = rows.groupby(CREDIT, sort=False).MONTHS_BALANCE
    made = pd.DataFrame({"MONTHS": grouped.size()})
    made["MONTHS_FIRST"], made["MONTHS_LAST"] = grouped.min(), grouped.max()
    statuses = _statuses(rows)
    shares = statuses.div(made.MONTHS, axis=0)
    made = made.join(shares.add_prefix("STATUS_"))
    made["LATE_MONTHS"] = statuses[LATE].sum(axis=1) / made.MONTHS
    made["WORST_STATUS"] = _worst(statuses)
    late = rows[rows.STATUS.isin(LATE)]
    made["LAST_LATE_MONTH"] = late.groupby(CREDIT, sort=False).MONTHS_BALANCE.max()
    year = rows[rows.MONTHS_BALANCE >= -12]
    statuses = _statuses(year)
    made["WORST_STATUS_12M"] = _worst(statuses)
    made["LATE_MONTHS_12M"] = statuses[LATE].sum(axis=1)
    made["KNOWN_MONTHS_12M"] = year.groupby(CREDIT, sort=False).size()
    recent = ["LATE_MONTHS_12M", "KNOWN_MONTHS_12M"]
    made[recent] = made[recent].fillna(0)
    return made


def _statuses(rows: pd.DataFrame) -> pd.DataFrame:
    """How many months of each status a credit has."""
    sizes = rows.groupby([CREDIT, "STATUS"], sort=False, observed=True).size()
    return sizes.unstack(fill_value=0).reindex(columns=STATUSES, fill_value=0)


def _worst(statuses: pd.DataFrame) -> "pd.Series[int]":
    return ((statuses[LATE] > 0) * [int(status) for status in LATE]).max(axis=1)
