"""POS_CASH_balance: all months, by window, and by loan."""

from pathlib import Path

import pandas as pd

from tests.train.oracle.grouping import KEY, Wanted, by_client, over, read

SHORT = {
    "MONTHS_BALANCE": "MONTHS",
    "CNT_INSTALMENT": "PLANNED",
    "CNT_INSTALMENT_FUTURE": "LEFT",
    "SK_DPD": "DPD",
    "SK_DPD_DEF": "DPD_DEF",
}
STATUSES = {
    "ACTIVE": "Active",
    "COMPLETED": "Completed",
    "SIGNED": "Signed",
    "DEMAND": "Demand",
    "RETURNED": "Returned to the store",
}
ALL: Wanted = {
    "count": "ROWS",
    "share": "LATE LATE_DEF ACTIVE COMPLETED SIGNED DEMAND RETURNED",
    "mean": "MONTHS DPD DPD_DEF PLANNED LEFT LEFT_SHARE",
    "max": "MONTHS DPD DPD_DEF PLANNED LEFT LATE_DEF_MONTH",
}
WINDOWS: dict[int, Wanted] = {
    6: {"mean": "DPD DPD_DEF LEFT_SHARE", "max": "DPD DPD_DEF"},
    12: {
        "count": "ROWS",
        "share": "LATE LATE_DEF COMPLETED",
        "mean": "DPD DPD_DEF LEFT_SHARE",
        "max": "DPD DPD_DEF",
    },
    24: {"share": "COMPLETED", "mean": "DPD DPD_DEF", "max": "DPD DPD_DEF"},
}
LOANS: Wanted = {"count": "ROWS", "share": "DONE EARLY", "mean": "MONTHS TOOK"}


def features(folder: Path) -> list[pd.DataFrame]:
    """The months of the client's earlier loans."""
    columns = f"{KEY} SK_ID_PREV {' '.join(SHORT)}"
    rows = read(folder, "POS_CASH_balance", columns, texts="NAME_CONTRACT_STATUS")
    rows = rows.rename(columns=SHORT)
    rows["LEFT_SHARE"] = over(rows.LEFT, rows.PLANNED)
    rows["LATE"], rows["LATE_DEF"] = rows.DPD > 0, rows.DPD_DEF > 0
    rows["LATE_DEF_MONTH"] = rows.MONTHS.where(rows.LATE_DEF)
    for name, value in STATUSES.items():
        rows[name] = rows.NAME_CONTRACT_STATUS == value
    made = [by_client(rows, "POS", ALL)]
    for months, wanted in WINDOWS.items():
        where = rows.MONTHS >= -months
        made.append(by_client(rows, "POS", wanted, window=f"{months}M", where=where))
    running = rows.ACTIVE & (rows.MONTHS >= -6)
    left: Wanted = {"mean": "LEFT", "sum": "LEFT"}
    made.append(by_client(rows, "POS_ACTIVE", left, window="6M", where=running))
    return [*made, by_client(_loans(rows), "POS_LOANS", LOANS)]


def _loans(months: pd.DataFrame) -> pd.DataFrame:
    grouped = months.groupby([KEY, "SK_ID_PREV"], sort=False)
    rows = grouped[["PLANNED", "COMPLETED"]].max().rename(columns={"COMPLETED": "DONE"})
    span = grouped.MONTHS.max() - grouped.MONTHS.min()
    rows["MONTHS"] = grouped.size()
    rows["EARLY"] = rows.DONE & (span < rows.PLANNED)
    rows["TOOK"] = over(span, rows.PLANNED)
    return rows.reset_index()
