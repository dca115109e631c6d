"""installments_payments: all payments, by window, by instalment, the newest 2, 3 and 5."""

from pathlib import Path

import numpy as np
import pandas as pd

from tests.train.oracle.grouping import KEY, Wanted, by_client, newest, over, read

INSTALMENT = [KEY, "SK_ID_PREV", "NUM_INSTALMENT_NUMBER"]
NUMBERS = (
    f"{KEY} SK_ID_PREV NUM_INSTALMENT_NUMBER NUM_INSTALMENT_VERSION DAYS_INSTALMENT "
    "DAYS_ENTRY_PAYMENT AMT_INSTALMENT AMT_PAYMENT"
)
NEWEST_FIRST = (
    "DAYS_ENTRY_PAYMENT DAYS_INSTALMENT SK_ID_PREV NUM_INSTALMENT_NUMBER AMT_PAYMENT AMT_INSTALMENT"
)
MONEY = "PAYMENT_DIFF AMT_INSTALMENT AMT_PAYMENT SHORTFALL"
ALL: Wanted = {
    "count": "ROWS LATE UNPAID",
    "share": "LATE LATE_7 LATE_15 LATE_30 LATE_60",
    "mean": "DPD DBD PAYMENT_PERC PAYMENT_DIFF AMT_INSTALMENT AMT_PAYMENT DAYS_ENTRY_PAYMENT "
    "VERSION",
    "min": "AMT_PAYMENT",
    "max": "DPD DBD PAYMENT_PERC PAYMENT_DIFF AMT_INSTALMENT AMT_PAYMENT DAYS_ENTRY_PAYMENT "
    "VERSION LATE_DAY LATE_30_DAY",
    "sum": "DPD DBD PAYMENT_PERC PAYMENT_DIFF AMT_INSTALMENT AMT_PAYMENT WEIGHT DECAYED_DPD "
    "DECAYED_LATE",
    "std": "DPD DBD",
    "var": "PAYMENT_PERC PAYMENT_DIFF",
}
WINDOWS: dict[int, Wanted] = {
    60: {"count": "ROWS", "mean": "DPD DBD", "max": "DPD", "share": "LATE", "sum": "AMT_PAYMENT"},
    180: {
        "mean": "DPD DBD PAYMENT_PERC PAYMENT_DIFF",
        "max": "DPD",
        "share": "LATE",
        "sum": "AMT_PAYMENT",
    },
    360: {
        "count": "ROWS",
        "mean": "DPD DBD PAYMENT_PERC PAYMENT_DIFF",
        "max": "DPD",
        "share": "LATE LATE_7 LATE_30",
        "sum": "AMT_PAYMENT",
    },
    720: {"mean": "DPD", "max": "DPD", "share": "LATE LATE_7 LATE_30"},
}
LAST: dict[int, Wanted] = {
    2: {"mean": "DPD DBD"},
    3: {"mean": "DPD DBD AMT_PAYMENT PAYMENT_PERC"},
    5: {"mean": "DPD DBD AMT_PAYMENT PAYMENT_PERC", "max": "DPD", "share": "LATE"},
}
MERGED: Wanted = {
    "count": "SHORT",
    "share": "SHORT OVERPAID",
    "mean": "PAID_SHARE SHORTFALL",
    "min": "PAID_SHARE",
    "max": "SHORTFALL SHORT_DAY",
    "sum": "SHORTFALL",
    "std": "PAID_SHARE",
}


def features(folder: Path) -> list[pd.DataFrame]:
    """How the client has paid back."""
    rows = _payments(folder)
    made = [by_client(rows, "INSTAL", ALL, money=MONEY)]
    for days, wanted in WINDOWS.items():
        where, window = rows.DAYS_INSTALMENT >= -days, f"{days}D"
        made.append(by_client(rows, "INSTAL", wanted, window=window, where=where, money=MONEY))
    last = newest(rows, NEWEST_FIRST, 5)
    for count, wanted in LAST.items():
        where, window = last.place < count, f"LAST{count}"
        made.append(by_client(last, "INSTAL", wanted, window=window, where=where, money=MONEY))
    rows = _merged(rows)
    made.append(by_client(rows, "INSTAL", MERGED, money=MONEY))
    for days in (180, 360):
        where = rows.DAYS_INSTALMENT >= -days
        made.append(by_client(rows, "INSTAL", {"share": "SHORT"}, window=f"{days}D", where=where))
    return made


def _payments(folder: Path) -> pd.DataFrame:
    rows = read(folder, "installments_payments", NUMBERS)
    rows = rows.rename(columns={"NUM_INSTALMENT_VERSION": "VERSION"})
    delay = rows.DAYS_ENTRY_PAYMENT - rows.DAYS_INSTALMENT
    rows["DPD"] = delay.clip(lower=0).fillna(0)
    rows["DBD"] = (-delay).clip(lower=0).fillna(0)
    rows["PAYMENT_PERC"] = over(rows.AMT_PAYMENT, rows.AMT_INSTALMENT)
    rows["PAYMENT_DIFF"] = rows.AMT_INSTALMENT - rows.AMT_PAYMENT
    rows["LATE"] = delay > 0
    for days in (7, 15, 30, 60):
        rows[f"LATE_{days}"] = delay > days
    rows["UNPAID"] = rows.DAYS_ENTRY_PAYMENT.isna()
    rows["LATE_DAY"] = rows.DAYS_INSTALMENT.where(rows.LATE)
    rows["LATE_30_DAY"] = rows.DAYS_INSTALMENT.where(rows.LATE_30)
    rows["WEIGHT"] = np.exp(rows.DAYS_INSTALMENT / 365.25)
    rows["DECAYED_DPD"] = rows.WEIGHT * rows.DPD
    rows["DECAYED_LATE"] = rows.WEIGHT * rows.LATE
    return rows


def _merged(payments: pd.DataFrame) -> pd.DataFrame:
    """A row per instalment, where one paid in parts has a row per part."""
    grouped = payments.groupby(INSTALMENT, sort=False)
    rows = grouped[["DAYS_INSTALMENT", "AMT_INSTALMENT"]].max()
    paid = grouped.AMT_PAYMENT.sum(min_count=1).round(3)
    due = rows.AMT_INSTALMENT
    rows["PAID_SHARE"] = over(paid, due)
    rows["SHORT"], rows["OVERPAID"] = due > paid, paid > due
    rows["SHORTFALL"] = (due - paid).where(rows.SHORT, 0.0)
    rows["SHORT_DAY"] = rows.DAYS_INSTALMENT.where(rows.SHORT)
    return rows.reset_index()
