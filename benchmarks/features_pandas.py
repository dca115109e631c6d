"""The history features as a careful person writes them in pandas, for the benchmark to run.

`python -m benchmarks.features_pandas --data DIR --out FILE` reads the columns it needs, derives
columns for all rows at once, and groups once per subset or window with pandas' own fast aggregates.
It makes 452 columns where train.features makes 510, over the same rows, windows and subsets. Left
out, in its favour: ratios between features and the rarer statistics of subsets and windows.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

KEY = "SK_ID_CURR"
Spec = Mapping[str, list[str]]
PREVIOUS = [
    "SK_ID_CURR",
    "SK_ID_PREV",
    "NAME_CONTRACT_TYPE",
    "AMT_ANNUITY",
    "AMT_APPLICATION",
    "AMT_CREDIT",
    "AMT_DOWN_PAYMENT",
    "HOUR_APPR_PROCESS_START",
    "FLAG_LAST_APPL_PER_CONTRACT",
    "RATE_DOWN_PAYMENT",
    "NAME_CONTRACT_STATUS",
    "DAYS_DECISION",
    "CODE_REJECT_REASON",
    "NAME_CLIENT_TYPE",
    "NAME_PRODUCT_TYPE",
    "SELLERPLACE_AREA",
    "CNT_PAYMENT",
    "NAME_YIELD_GROUP",
    "DAYS_FIRST_DRAWING",
    "DAYS_FIRST_DUE",
    "DAYS_LAST_DUE_1ST_VERSION",
    "DAYS_LAST_DUE",
    "DAYS_TERMINATION",
]


def read(folder: Path, table: str, columns: list[str] | None = None) -> pd.DataFrame:
    """A table, Parquet or CSV."""
    parquet = folder / f"{table}.parquet"
    if parquet.exists():
        return pd.read_parquet(parquet, columns=columns)
    return pd.read_csv(folder / f"{table}.csv", usecols=columns)


def grouped(rows: pd.DataFrame, prefix: str, spec: Spec, suffix: str = "") -> pd.DataFrame:
    """Statistics of columns by client, named PREFIX_COLUMN_STATISTIC[_SUFFIX], with a count."""
    by_client = rows.groupby(KEY, sort=False)
    made = by_client[list(spec)].agg({column: list(how) for column, how in spec.items()})
    pairs = [(column, how) for column, hows in spec.items() for how in hows]
    made.columns = pd.Index([f"{prefix}_{column}_{how.upper()}{suffix}" for column, how in pairs])
    made[f"{prefix}_COUNT{suffix}"] = by_client.size()
    return made


def bureau(folder: Path) -> list[pd.DataFrame]:
    """bureau with bureau_balance: all, active, closed, by type, by window, the newest."""
    months = read(folder, "bureau_balance")
    status = months.STATUS.astype("category")
    late = status.isin(list("12345"))
    parts = {f"STATUS_{s}": (status == s) for s in status.cat.categories}
    months = months.assign(**parts, LATE=late, LATE_12M=late & (months.MONTHS_BALANCE >= -12))
    months["LAST_LATE"] = months.MONTHS_BALANCE.where(late)
    how: dict[str, list[str]] = {"MONTHS_BALANCE": ["min", "max", "size"], "LAST_LATE": ["max"]}
    how |= {name: ["mean"] for name in (*parts, "LATE")} | {"LATE_12M": ["sum"]}
    by_credit = months.groupby("SK_ID_BUREAU", sort=False).agg(how)
    by_credit.columns = ["_".join(names) for names in by_credit.columns]
    rows = read(folder, "bureau").join(by_credit, on="SK_ID_BUREAU")
    for column in ("DAYS_CREDIT_ENDDATE", "DAYS_ENDDATE_FACT", "DAYS_CREDIT_UPDATE"):
        rows[column] = rows[column].where(rows[column] >= -40000)
    rows["DEBT_SHARE"] = rows.AMT_CREDIT_SUM_DEBT / rows.AMT_CREDIT_SUM.replace(0, np.nan)
    rows["TERM"] = rows.DAYS_CREDIT_ENDDATE - rows.DAYS_CREDIT
    rows["EARLY"] = rows.DAYS_CREDIT_ENDDATE - rows.DAYS_ENDDATE_FACT
    states = {f"IS_{s}": rows.CREDIT_ACTIVE == s for s in ("Active", "Closed", "Sold", "Bad debt")}
    rows = rows.assign(**states)
    state: Spec = {
        "DAYS_CREDIT": ["mean", "min", "max"],
        "DAYS_CREDIT_ENDDATE": ["mean", "min", "max"],
        "DAYS_CREDIT_UPDATE": ["mean"],
        "AMT_CREDIT_MAX_OVERDUE": ["mean", "max"],
        "AMT_CREDIT_SUM": ["mean", "max", "sum"],
        "AMT_CREDIT_SUM_DEBT": ["mean", "max", "sum"],
        "DEBT_SHARE": ["mean", "max"],
        "MONTHS_BALANCE_min": ["min"],
    }
    overall: Spec = {
        **state,
        "DAYS_ENDDATE_FACT": ["mean", "max"],
        "TERM": ["mean"],
        "EARLY": ["mean"],
        "CREDIT_DAY_OVERDUE": ["mean", "max"],
        "AMT_CREDIT_SUM_OVERDUE": ["mean", "max", "sum"],
        "AMT_CREDIT_SUM_LIMIT": ["mean", "sum"],
        "AMT_ANNUITY": ["mean", "max"],
        "CNT_CREDIT_PROLONG": ["sum"],
        **{name: ["mean"] for name in states},
        **{f"{name}_mean": ["mean"] for name in parts},
        "MONTHS_BALANCE_size": ["mean", "sum"],
        "MONTHS_BALANCE_max": ["max"],
        "LATE_mean": ["mean", "max"],
        "LATE_12M_sum": ["sum"],
        "LAST_LATE_max": ["max"],
    }
    brief: Spec = {"AMT_CREDIT_SUM": ["sum"], "AMT_CREDIT_SUM_DEBT": ["sum"], "IS_Active": ["mean"]}
    made = [grouped(rows, "BUREAU", overall)]
    made += [grouped(rows[states[f"IS_{s}"]], f"BUREAU_{s}", state) for s in ("Active", "Closed")]
    for kind in ("Consumer credit", "Credit card", "Car loan", "Mortgage", "Microloan"):
        made.append(grouped(rows[rows.CREDIT_TYPE == kind], f"BUREAU_{kind}", brief))
    for days in (182, 365, 730, 1095):
        window: Spec = {**brief, "AMT_CREDIT_MAX_OVERDUE": ["max"]}
        made.append(grouped(rows[rows.DAYS_CREDIT >= -days], "BUREAU", window, f"_{days}D"))
    newest = rows.sort_values(["DAYS_CREDIT", "SK_ID_BUREAU"], ascending=False)
    last: Spec = {"AMT_CREDIT_SUM": ["max"], "AMT_CREDIT_SUM_DEBT": ["max"], "DEBT_SHARE": ["max"]}
    made.append(grouped(newest.groupby(KEY).head(1), "BUREAU", last, "_LAST1"))
    return made


def previous(folder: Path) -> list[pd.DataFrame]:
    """previous_application: all, by state, by kind, by window, the newest 1, 3 and 5."""
    rows = read(folder, "previous_application", PREVIOUS)
    rows = rows[rows.FLAG_LAST_APPL_PER_CONTRACT == "Y"].copy()
    never = [*rows.filter(like="DAYS_").columns.drop("DAYS_DECISION")]
    rows[never] = rows[never].replace(365243, np.nan)
    nothing = ["AMT_CREDIT", "AMT_APPLICATION", "CNT_PAYMENT"]
    rows[nothing] = rows[nothing].replace(0, np.nan)
    rows["APP_CREDIT"] = rows.AMT_APPLICATION / rows.AMT_CREDIT
    rows["TERM"] = rows.AMT_CREDIT / rows.AMT_ANNUITY.replace(0, np.nan)
    rows["INTEREST"] = (
        rows.AMT_ANNUITY * rows.CNT_PAYMENT / rows.AMT_CREDIT - 1
    ) / rows.CNT_PAYMENT
    rows["PAID_EARLY"] = rows.DAYS_LAST_DUE_1ST_VERSION - rows.DAYS_LAST_DUE
    shares: list[str] = []
    listed = {
        "NAME_CONTRACT_STATUS": ["Approved", "Refused", "Canceled", "Unused offer"],
        "NAME_CONTRACT_TYPE": ["Cash loans", "Consumer loans", "Revolving loans"],
        "CODE_REJECT_REASON": ["HC", "LIMIT", "SCO", "SCOFR", "CLIENT", "VERIF"],
        "NAME_YIELD_GROUP": ["high", "middle", "low_normal", "low_action"],
        "NAME_PRODUCT_TYPE": ["x-sell", "walk-in"],
        "NAME_CLIENT_TYPE": ["New"],
    }
    for column, values in listed.items():
        for value in values:
            rows[f"{column}_{value}"] = rows[column] == value
            shares.append(f"{column}_{value}")
    state: Spec = {
        "AMT_ANNUITY": ["mean", "max"],
        "AMT_APPLICATION": ["mean"],
        "AMT_CREDIT": ["mean", "max"],
        "APP_CREDIT": ["mean"],
        "DAYS_DECISION": ["mean", "max"],
        "CNT_PAYMENT": ["mean"],
        "TERM": ["mean"],
        "INTEREST": ["mean", "max"],
    }
    overall: Spec = {
        **state,
        "AMT_DOWN_PAYMENT": ["mean", "max"],
        "RATE_DOWN_PAYMENT": ["mean", "min", "max"],
        "APP_CREDIT": ["mean", "min", "max", "var"],
        "DAYS_DECISION": ["mean", "min", "max"],
        "CNT_PAYMENT": ["mean", "sum", "max"],
        "TERM": ["mean", "min", "max"],
        "INTEREST": ["mean", "min", "max", "std"],
        "DAYS_LAST_DUE": ["mean", "max"],
        "DAYS_TERMINATION": ["mean", "max"],
        "DAYS_FIRST_DUE": ["max"],
        "PAID_EARLY": ["mean"],
        "HOUR_APPR_PROCESS_START": ["mean"],
        "SELLERPLACE_AREA": ["mean"],
        **{name: ["mean"] for name in shares},
    }
    window: Spec = {name: ["mean"] for name in ("AMT_APPLICATION", "AMT_CREDIT", "INTEREST")}
    last: Spec = {
        name: ["mean"] for name in ("AMT_CREDIT", "APP_CREDIT", "INTEREST", "CNT_PAYMENT")
    }
    made = [grouped(rows, "PREV", overall)]
    for value in ("Approved", "Refused"):
        made.append(grouped(rows[rows.NAME_CONTRACT_STATUS == value], f"PREV_{value}", state))
    for days in (182, 365, 730):
        made.append(grouped(rows[rows.DAYS_DECISION >= -days], "PREV", window, f"_{days}D"))
    newest = rows.sort_values(["DAYS_DECISION", "SK_ID_PREV"], ascending=False)
    for count in (1, 3, 5):
        made.append(grouped(newest.groupby(KEY).head(count), "PREV", last, f"_LAST{count}"))
    return made


def instalments(folder: Path) -> list[pd.DataFrame]:
    """installments_payments: all payments, by window, merged instalments, the newest 2, 3, 5."""
    rows = read(folder, "installments_payments")
    late = rows.DAYS_ENTRY_PAYMENT - rows.DAYS_INSTALMENT
    rows["DPD"] = late.clip(lower=0).fillna(0)
    rows["DBD"] = (-late).clip(lower=0).fillna(0)
    rows["PERC"] = rows.AMT_PAYMENT / rows.AMT_INSTALMENT.replace(0, np.nan)
    rows["DIFF"] = rows.AMT_INSTALMENT - rows.AMT_PAYMENT
    for days in (0, 7, 15, 30, 60):
        rows[f"LATE_{days}"] = late > days
    rows["LATE_DAY"] = rows.DAYS_INSTALMENT.where(late > 0)
    rows["WEIGHT"] = np.exp(rows.DAYS_INSTALMENT / 365.25)
    rows["DECAYED_DPD"] = rows.WEIGHT * rows.DPD
    overall: Spec = {
        "DPD": ["mean", "max", "sum", "std"],
        "DBD": ["mean", "max", "sum", "std"],
        "PERC": ["mean", "max", "sum", "var"],
        "DIFF": ["mean", "max", "sum", "var"],
        "AMT_INSTALMENT": ["mean", "max", "sum"],
        "AMT_PAYMENT": ["mean", "min", "max", "sum"],
        "DAYS_ENTRY_PAYMENT": ["mean", "max"],
        "NUM_INSTALMENT_VERSION": ["mean", "max"],
        **{f"LATE_{days}": ["mean"] for days in (0, 7, 15, 30, 60)},
        "LATE_DAY": ["max"],
        "WEIGHT": ["sum"],
        "DECAYED_DPD": ["sum"],
    }
    window: Spec = {
        "DPD": ["mean", "max"],
        "DBD": ["mean"],
        "LATE_0": ["mean"],
        "LATE_7": ["mean"],
        "LATE_30": ["mean"],
        "PERC": ["mean"],
        "AMT_PAYMENT": ["sum"],
    }
    last: Spec = {"DPD": ["mean", "max"], "DBD": ["mean"], "LATE_0": ["mean"], "PERC": ["mean"]}
    made = [grouped(rows, "INSTAL", overall)]
    for days in (60, 180, 360, 720):
        made.append(grouped(rows[rows.DAYS_INSTALMENT >= -days], "INSTAL", window, f"_{days}D"))
    order = ["DAYS_ENTRY_PAYMENT", "DAYS_INSTALMENT", "SK_ID_PREV", "NUM_INSTALMENT_NUMBER"]
    newest = rows.sort_values(order, ascending=False).groupby(KEY).head(5)
    for count in (2, 3, 5):
        made.append(grouped(newest.groupby(KEY).head(count), "INSTAL", last, f"_LAST{count}"))
    due = rows.groupby([KEY, "SK_ID_PREV", "NUM_INSTALMENT_NUMBER"], sort=False).agg(
        DUE=("AMT_INSTALMENT", "max"),
        PAID=("AMT_PAYMENT", "sum"),
        DAY=("DAYS_INSTALMENT", "max"),
    )
    due = due.reset_index()
    due["SHARE"] = due.PAID / due.DUE.replace(0, np.nan)
    due["SHORT"] = due.PAID < due.DUE
    due["SHORTFALL"] = (due.DUE - due.PAID).clip(lower=0)
    merged: Spec = {
        "SHARE": ["mean", "min", "std"],
        "SHORT": ["mean", "sum"],
        "SHORTFALL": ["mean", "max", "sum"],
    }
    made.append(grouped(due, "INSTAL_MERGED", merged))
    return made


def monthly(folder: Path) -> list[pd.DataFrame]:
    """POS_CASH_balance and credit_card_balance: all months and by window."""
    pos = read(folder, "POS_CASH_balance")
    pos["LEFT_SHARE"] = pos.CNT_INSTALMENT_FUTURE / pos.CNT_INSTALMENT.replace(0, np.nan)
    pos["LATE"], pos["LATE_DEF"] = pos.SK_DPD > 0, pos.SK_DPD_DEF > 0
    words = ("Active", "Completed", "Signed", "Demand", "Returned to the store")
    pos = pos.assign(**{word: word == pos.NAME_CONTRACT_STATUS for word in words})
    dpd: Spec = {"SK_DPD": ["mean", "max"], "SK_DPD_DEF": ["mean", "max"]}
    late: Spec = {**dpd, "LATE": ["mean"], "LATE_DEF": ["mean"], "LEFT_SHARE": ["mean"]}
    counts: Spec = {"CNT_INSTALMENT": ["mean", "max"], "CNT_INSTALMENT_FUTURE": ["mean", "max"]}
    overall: Spec = {**late, **counts, "MONTHS_BALANCE": ["mean", "max"]}
    made = [grouped(pos, "POS", {**overall, **{word: ["mean"] for word in words}})]
    for length in (6, 12, 24):
        made.append(grouped(pos[pos.MONTHS_BALANCE >= -length], "POS", late, f"_{length}M"))
    loans = pos.groupby([KEY, "SK_ID_PREV"], sort=False).agg(
        MONTHS=("MONTHS_BALANCE", "size"),
        PLANNED=("CNT_INSTALMENT", "max"),
        DONE=("Completed", "max"),
    )
    loans = loans.reset_index()
    loans["EARLY"] = loans.DONE & (loans.MONTHS <= loans.PLANNED)
    made.append(
        grouped(loans, "POS_LOANS", {"DONE": ["mean"], "EARLY": ["mean"], "MONTHS": ["mean"]})
    )
    del pos, loans
    return made + card(read(folder, "credit_card_balance"))


def card(rows: pd.DataFrame) -> list[pd.DataFrame]:
    """credit_card_balance: all months and by window."""
    drawn = [*rows.filter(like="AMT_DRAWINGS").columns]
    rows[drawn] = rows[drawn].where(~(rows[drawn] < 0))
    limit = rows.AMT_CREDIT_LIMIT_ACTUAL.replace(0, np.nan)
    rows["UTILISATION"] = rows.AMT_BALANCE / limit
    rows["DRAWN_SHARE"] = rows.AMT_DRAWINGS_CURRENT / limit
    rows["PAYMENT_TO_MIN"] = rows.AMT_PAYMENT_CURRENT / rows.AMT_INST_MIN_REGULARITY.replace(
        0, np.nan
    )
    rows["BELOW_MIN"] = rows.AMT_PAYMENT_CURRENT < rows.AMT_INST_MIN_REGULARITY
    rows["OVER_LIMIT"] = rows.AMT_BALANCE > rows.AMT_CREDIT_LIMIT_ACTUAL
    rows["DRAWING"] = rows.AMT_DRAWINGS_CURRENT > 0
    money = ("AMT_DRAWINGS_CURRENT", "AMT_DRAWINGS_ATM_CURRENT", "AMT_PAYMENT_CURRENT")
    overall: Spec = {
        "MONTHS_BALANCE": ["min", "max"],
        "AMT_BALANCE": ["mean", "max", "min", "var"],
        "AMT_CREDIT_LIMIT_ACTUAL": ["mean", "max", "sum"],
        **{name: ["mean", "max", "sum"] for name in money},
        "AMT_DRAWINGS_POS_CURRENT": ["mean"],
        "AMT_DRAWINGS_OTHER_CURRENT": ["mean"],
        "AMT_PAYMENT_TOTAL_CURRENT": ["mean"],
        "AMT_INST_MIN_REGULARITY": ["mean", "sum"],
        "AMT_TOTAL_RECEIVABLE": ["mean"],
        "CNT_DRAWINGS_CURRENT": ["mean", "max", "var"],
        "CNT_DRAWINGS_ATM_CURRENT": ["mean", "max", "var"],
        "CNT_INSTALMENT_MATURE_CUM": ["mean", "max"],
        "SK_DPD": ["mean", "max"],
        "SK_DPD_DEF": ["mean", "max", "sum"],
        "UTILISATION": ["mean", "max", "std"],
        "DRAWN_SHARE": ["mean", "max"],
        "PAYMENT_TO_MIN": ["mean", "min"],
        **{name: ["mean"] for name in ("BELOW_MIN", "OVER_LIMIT", "DRAWING")},
    }
    window: Spec = {
        "UTILISATION": ["mean", "max"],
        "DRAWN_SHARE": ["mean"],
        "AMT_BALANCE": ["mean"],
    }
    made = [grouped(rows, "CARD", overall)]
    for length in (2, 6, 12):
        made.append(grouped(rows[rows.MONTHS_BALANCE >= -length], "CARD", window, f"_{length}M"))
    return made


def main() -> None:
    """Builds and writes the table, one row per client."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.features_pandas")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    clients = read(arguments.data, "application_train").set_index(KEY)
    raw = len(clients.columns)
    for family in (bureau, previous, instalments, monthly):
        made = [part.reindex(clients.index) for part in family(arguments.data)]
        clients = pd.concat([clients, *made], axis=1)
    clients.reset_index().to_parquet(arguments.out)
    print(f"{len(clients.columns) - raw} features")


if __name__ == "__main__":
    main()
