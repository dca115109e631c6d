"""previous_application: all, by state, by kind, by window, the newest 1, 3 and 5."""

from pathlib import Path

import pandas as pd

from tests.train.oracle.grouping import KEY, Wanted, by_client, newest, over, read

NEVER = 365_243
NUMBERS = (
    f"{KEY} SK_ID_PREV AMT_ANNUITY AMT_APPLICATION AMT_CREDIT AMT_DOWN_PAYMENT AMT_GOODS_PRICE "
    "HOUR_APPR_PROCESS_START RATE_DOWN_PAYMENT DAYS_DECISION SELLERPLACE_AREA CNT_PAYMENT "
    "DAYS_FIRST_DRAWING DAYS_FIRST_DUE DAYS_LAST_DUE_1ST_VERSION DAYS_LAST_DUE DAYS_TERMINATION "
    "NFLAG_INSURED_ON_APPROVAL"
)
TEXTS = (
    "FLAG_LAST_APPL_PER_CONTRACT NAME_CONTRACT_STATUS NAME_CONTRACT_TYPE CODE_REJECT_REASON "
    "NAME_YIELD_GROUP NAME_PRODUCT_TYPE NAME_CLIENT_TYPE"
)
SHORT = {
    "AMT_ANNUITY": "ANNUITY",
    "AMT_APPLICATION": "APPLICATION",
    "AMT_CREDIT": "CREDIT",
    "AMT_DOWN_PAYMENT": "DOWN_PAYMENT",
    "HOUR_APPR_PROCESS_START": "HOUR",
    "DAYS_FIRST_DUE": "FIRST_DUE",
    "DAYS_LAST_DUE": "LAST_DUE",
    "DAYS_TERMINATION": "TERMINATION",
    "DAYS_FIRST_DRAWING": "FIRST_DRAWING",
    "NFLAG_INSURED_ON_APPROVAL": "INSURED",
}
FLAGS = {
    "NAME_CONTRACT_STATUS": {
        "APPROVED": "Approved",
        "REFUSED": "Refused",
        "CANCELED": "Canceled",
        "UNUSED": "Unused offer",
    },
    "NAME_CONTRACT_TYPE": {
        "CASH": "Cash loans",
        "CONSUMER": "Consumer loans",
        "REVOLVING": "Revolving loans",
    },
    "CODE_REJECT_REASON": {
        f"REJECT_{reason}": reason for reason in ("HC", "LIMIT", "SCO", "SCOFR", "CLIENT", "VERIF")
    },
    "NAME_YIELD_GROUP": {
        f"YIELD_{group.upper()}": group for group in ("high", "middle", "low_normal", "low_action")
    },
    "NAME_PRODUCT_TYPE": {"XSELL": "x-sell", "WALKIN": "walk-in"},
    "NAME_CLIENT_TYPE": {"NEW_CLIENT": "New"},
}
MONEY = "ANNUITY APPLICATION CREDIT DOWN_PAYMENT"
ALL: Wanted = {
    "count": "ROWS",
    "share": " ".join([*(name for names in FLAGS.values() for name in names), "INSURED"]),
    "mean": "ANNUITY APPLICATION CREDIT APP_CREDIT DOWN_PAYMENT RATE_DOWN_PAYMENT DAYS_DECISION "
    "CNT_PAYMENT TERM INTEREST CREDIT_GOODS HOUR LAST_DUE TERMINATION PAID_UP_EARLY_DAYS "
    "SELLERPLACE_AREA",
    "min": "APP_CREDIT RATE_DOWN_PAYMENT DAYS_DECISION TERM INTEREST",
    "max": "ANNUITY APPLICATION CREDIT APP_CREDIT DOWN_PAYMENT RATE_DOWN_PAYMENT DAYS_DECISION "
    "CNT_PAYMENT TERM INTEREST LAST_DUE TERMINATION FIRST_DUE FIRST_DRAWING",
    "sum": "CNT_PAYMENT",
    "var": "APP_CREDIT",
    "std": "INTEREST",
}
SUBSETS: dict[str, Wanted] = {
    "APPROVED": {
        "count": "ROWS",
        "mean": "ANNUITY APPLICATION CREDIT APP_CREDIT DAYS_DECISION CNT_PAYMENT TERM INTEREST",
        "max": "ANNUITY CREDIT DAYS_DECISION INTEREST",
    },
    "REFUSED": {
        "count": "ROWS",
        "mean": "APPLICATION CREDIT APP_CREDIT DAYS_DECISION",
        "max": "DAYS_DECISION",
    },
    "CANCELED": {"count": "ROWS"},
    "CASH": {"count": "ROWS", "share": "REFUSED", "max": "DAYS_DECISION"},
    "CONSUMER": {"count": "ROWS", "share": "REFUSED"},
    "REVOLVING": {"count": "ROWS", "max": "DAYS_DECISION"},
    "RUNNING": {"count": "ROWS", "sum": "CREDIT ANNUITY"},
}
RECENT: Wanted = {"count": "ROWS", "share": "REFUSED"}
MORE: Wanted = {**RECENT, "mean": "APPLICATION CREDIT INTEREST CNT_PAYMENT"}
WINDOWS = {"6M": (182, RECENT), "12M": (365, MORE), "24M": (730, MORE)}
LAST: dict[int, Wanted] = {
    1: {"value": "CREDIT ANNUITY APP_CREDIT TERM CNT_PAYMENT INTEREST RATE_DOWN_PAYMENT REFUSED"},
    3: {
        "mean": "CREDIT APP_CREDIT INTEREST CNT_PAYMENT RATE_DOWN_PAYMENT DAYS_DECISION",
        "share": "REFUSED",
    },
    5: {"mean": "CREDIT APP_CREDIT INTEREST CNT_PAYMENT", "share": "REFUSED"},
}


def features(folder: Path) -> list[pd.DataFrame]:
    """The client's earlier applications."""
    rows = _applications(folder)
    made = [by_client(rows, "PREV", ALL, money=MONEY)]
    for name, wanted in SUBSETS.items():
        made.append(by_client(rows, f"PREV_{name}", wanted, where=rows[name], money=MONEY))
    for name, (days, wanted) in WINDOWS.items():
        where = rows.DAYS_DECISION >= -days
        made.append(by_client(rows, "PREV", wanted, window=name, where=where, money=MONEY))
    last = newest(rows, "DAYS_DECISION SK_ID_PREV", 5)
    for count, wanted in LAST.items():
        where, window = last.place < count, f"LAST{count}"
        made.append(by_client(last, "PREV", wanted, window=window, where=where, money=MONEY))
    return made


def _applications(folder: Path) -> pd.DataFrame:
    rows = read(folder, "previous_application", NUMBERS, texts=TEXTS).rename(columns=SHORT)
    rows = rows[rows.FLAG_LAST_APPL_PER_CONTRACT == "Y"].copy()
    for column in (
        "FIRST_DRAWING",
        "FIRST_DUE",
        "DAYS_LAST_DUE_1ST_VERSION",
        "LAST_DUE",
        "TERMINATION",
    ):
        rows[column] = rows[column].where(rows[column] != NEVER)
    for column in ("CREDIT", "APPLICATION", "CNT_PAYMENT"):
        rows[column] = rows[column].where(rows[column] != 0)
    for column, values in FLAGS.items():
        for name, value in values.items():
            rows[name] = rows[column] == value
    cost = over(rows.ANNUITY * rows.CNT_PAYMENT, rows.CREDIT) - 1
    rows["INTEREST"] = over(cost, rows.CNT_PAYMENT)
    rows["APP_CREDIT"] = over(rows.APPLICATION, rows.CREDIT)
    rows["TERM"] = over(rows.CREDIT, rows.ANNUITY)
    rows["CREDIT_GOODS"] = over(rows.CREDIT, rows.AMT_GOODS_PRICE)
    rows["PAID_UP_EARLY_DAYS"] = rows.DAYS_LAST_DUE_1ST_VERSION - rows.LAST_DUE
    rows["RUNNING"] = rows.APPROVED & rows.LAST_DUE.isna()
    return rows
