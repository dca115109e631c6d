"""credit_card_balance: all months and by window."""

from pathlib import Path

import pandas as pd

from tests.train.oracle.grouping import KEY, Wanted, by_client, over, read

SHORT = {
    "MONTHS_BALANCE": "MONTHS",
    "AMT_BALANCE": "BALANCE",
    "AMT_CREDIT_LIMIT_ACTUAL": "LIMIT",
    "AMT_DRAWINGS_CURRENT": "DRAWINGS",
    "AMT_DRAWINGS_ATM_CURRENT": "DRAWINGS_ATM",
    "AMT_DRAWINGS_POS_CURRENT": "DRAWINGS_POS",
    "AMT_DRAWINGS_OTHER_CURRENT": "DRAWINGS_OTHER",
    "AMT_INST_MIN_REGULARITY": "MIN_DUE",
    "AMT_PAYMENT_CURRENT": "PAYMENT",
    "AMT_PAYMENT_TOTAL_CURRENT": "PAYMENT_TOTAL",
    "AMT_RECEIVABLE_PRINCIPAL": "PRINCIPAL",
    "AMT_TOTAL_RECEIVABLE": "RECEIVABLE",
    "CNT_DRAWINGS_CURRENT": "CNT_DRAWINGS",
    "CNT_DRAWINGS_ATM_CURRENT": "CNT_DRAWINGS_ATM",
    "CNT_INSTALMENT_MATURE_CUM": "INSTALMENTS",
    "SK_DPD": "DPD",
    "SK_DPD_DEF": "DPD_DEF",
}
MONEY = (
    "BALANCE LIMIT DRAWINGS DRAWINGS_ATM DRAWINGS_POS DRAWINGS_OTHER MIN_DUE PAYMENT PAYMENT_TOTAL "
    "RECEIVABLE"
)
ALL: Wanted = {
    "count": "ROWS",
    "share": "BELOW_MIN OVER_LIMIT DRAWING LATE_DEF COMPLETED",
    "mean": "BALANCE LIMIT DRAWINGS DRAWINGS_ATM DRAWINGS_POS DRAWINGS_OTHER PAYMENT_TOTAL "
    "RECEIVABLE MIN_DUE PAYMENT CNT_DRAWINGS CNT_DRAWINGS_ATM INSTALMENTS DPD DPD_DEF UTILISATION "
    "DRAWN_SHARE PAYMENT_TO_MIN PAYMENT_TO_BALANCE INTEREST_SHARE",
    "min": "MONTHS BALANCE PAYMENT_TO_MIN",
    "max": "MONTHS BALANCE LIMIT DRAWINGS DRAWINGS_ATM CNT_DRAWINGS CNT_DRAWINGS_ATM INSTALMENTS "
    "DPD DPD_DEF UTILISATION DRAWN_SHARE LATE_MONTH",
    "sum": "LIMIT DRAWINGS DRAWINGS_ATM MIN_DUE PAYMENT DPD_DEF",
    "var": "BALANCE CNT_DRAWINGS CNT_DRAWINGS_ATM",
    "std": "UTILISATION",
}
WINDOWS: dict[int, Wanted] = {
    2: {"mean": "BALANCE UTILISATION DRAWN_SHARE", "max": "UTILISATION"},
    6: {
        "share": "BELOW_MIN OVER_LIMIT",
        "mean": "BALANCE UTILISATION DRAWN_SHARE CNT_DRAWINGS",
        "max": "UTILISATION DPD_DEF",
    },
    12: {"mean": "UTILISATION", "max": "UTILISATION DPD_DEF", "sum": "DRAWINGS DRAWINGS_ATM"},
}


def features(folder: Path) -> list[pd.DataFrame]:
    """The months of the client's credit cards."""
    columns = f"{KEY} {' '.join(SHORT)}"
    rows = read(folder, "credit_card_balance", columns, texts="NAME_CONTRACT_STATUS")
    rows = rows.rename(columns=SHORT)
    for column in ("DRAWINGS", "DRAWINGS_ATM", "DRAWINGS_POS", "DRAWINGS_OTHER"):
        rows[column] = rows[column].mask(rows[column] < 0)
    rows["UTILISATION"] = over(rows.BALANCE, rows.LIMIT)
    rows["DRAWN_SHARE"] = over(rows.DRAWINGS, rows.LIMIT)
    rows["PAYMENT_TO_MIN"] = over(rows.PAYMENT, rows.MIN_DUE)
    rows["PAYMENT_TO_BALANCE"] = over(rows.PAYMENT_TOTAL, rows.BALANCE)
    rows["INTEREST_SHARE"] = over(rows.RECEIVABLE - rows.PRINCIPAL, rows.BALANCE)
    rows["BELOW_MIN"], rows["OVER_LIMIT"] = rows.PAYMENT < rows.MIN_DUE, rows.BALANCE > rows.LIMIT
    rows["DRAWING"], rows["LATE_DEF"] = rows.DRAWINGS > 0, rows.DPD_DEF > 0
    rows["LATE_MONTH"] = rows.MONTHS.where(rows.LATE_DEF)
    rows["COMPLETED"] = rows.NAME_CONTRACT_STATUS == "Completed"
    made = [by_client(rows, "CARD", ALL, money=MONEY)]
    for months, wanted in WINDOWS.items():
        where, window = rows.MONTHS >= -months, f"{months}M"
        made.append(by_client(rows, "CARD", wanted, window=window, where=where, money=MONEY))
    return made
