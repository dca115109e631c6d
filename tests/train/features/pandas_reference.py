"""The history features computed again, plainly, in pandas: what the tests hold the project against.

Slow and simple on purpose: one group-by per feature, whose name says what to compute.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

KEY = "SK_ID_CURR"


@dataclass
class Reference:
    """Rows of one client or more, with columns, subsets (masks) and windows (masks) by name."""

    prefix: str
    rows: pd.DataFrame
    columns: dict[str, pd.Series]
    subsets: dict[str, pd.Series] = field(default_factory=dict)
    windows: dict[str, pd.Series] = field(default_factory=dict)

    def compute(self, name: str) -> pd.Series | None:
        """The feature called `name`, by client with rows; None if this reference cannot say."""
        words = name.removeprefix(f"{self.prefix}_")
        window = next((w for w in self.windows if words.endswith(f"_{w}")), None)
        words = words.removesuffix(f"_{window}")
        body, _, statistic = words.rpartition("_")
        if words in self.columns or statistic not in {
            "MEAN",
            "MIN",
            "MAX",
            "SUM",
            "STD",
            "VAR",
            "COUNT",
            "SHARE",
        }:
            body, statistic = words, "VALUE"
        subset = None
        if body not in self.columns:
            subset, _, body = body.partition("_") if body not in self.subsets else (body, "", "")
            subset = subset or None
        if subset is not None and subset not in self.subsets:
            return None
        if (body and body not in self.columns) or (not body and statistic != "COUNT"):
            return None
        return self._aggregate(body, statistic, subset, window)

    def _aggregate(
        self, column: str, statistic: str, subset: str | None, window: str | None
    ) -> pd.Series:
        kept = pd.Series(True, index=self.rows.index)
        if subset:
            kept &= self.subsets[subset]
        if window:
            kept &= self.windows[window]
        clients = self.rows[KEY].unique()
        if not column:
            return kept.groupby(self.rows[KEY]).sum()
        grouped = self.columns[column][kept].astype(float).groupby(self.rows[KEY][kept])
        how = {"SHARE": "mean", "COUNT": "sum", "VALUE": "max"}.get(statistic, statistic.lower())
        result = grouped.agg(how).reindex(clients)
        return result.fillna(0) if statistic == "COUNT" else result


def flag(condition: pd.Series) -> pd.Series:
    return condition.fillna(False).astype(float)


def over(amount: pd.Series, base: pd.Series) -> pd.Series:
    return amount / base.where(base != 0)


def top(rows: pd.DataFrame, order: list[str], count: int) -> pd.DataFrame:
    """The latest `count` rows of each client, with their place from 0 in `rank`."""
    ordered = rows.sort_values(order, ascending=False, na_position="last")
    latest = ordered.groupby(KEY).head(count).copy()
    latest["rank"] = latest.groupby(KEY).cumcount()
    return latest


def read(folder: Path, table: str) -> pd.DataFrame:
    return pd.read_parquet(folder / f"{table}.parquet")


def bureau(folder: Path) -> list[Reference]:
    rows = read(folder, "bureau")
    for column in ("DAYS_CREDIT_ENDDATE", "DAYS_ENDDATE_FACT", "DAYS_CREDIT_UPDATE"):
        rows[column] = rows[column].where(rows[column] >= -40000)
    months = read(folder, "bureau_balance")
    months["late"] = months.STATUS.isin(list("12345"))
    months["severity"] = np.where(months.late, months.STATUS.where(months.late, "0"), "0")
    months["severity"] = months.severity.astype(int)
    year = months[months.MONTHS_BALANCE >= -12]
    grouped = months.groupby("SK_ID_BUREAU")
    by_credit = pd.DataFrame(
        {
            "MONTHS": grouped.size(),
            "MONTHS_FIRST": grouped.MONTHS_BALANCE.min(),
            "MONTHS_LAST": grouped.MONTHS_BALANCE.max(),
            "LATE_MONTHS": grouped.late.mean(),
            "WORST_STATUS": grouped.severity.max(),
            "LAST_LATE_MONTH": months[months.late].groupby("SK_ID_BUREAU").MONTHS_BALANCE.max(),
            "WORST_STATUS_12M": year.groupby("SK_ID_BUREAU").severity.max(),
            **{
                f"STATUS_{s}": (months.STATUS == s).groupby(months.SK_ID_BUREAU).mean()
                for s in "012345CX"
            },
        }
    )
    by_credit["LATE_MONTHS_12M"] = year.groupby("SK_ID_BUREAU").late.sum()
    by_credit["KNOWN_MONTHS_12M"] = year.groupby("SK_ID_BUREAU").size()
    recent = ["LATE_MONTHS_12M", "KNOWN_MONTHS_12M"]
    by_credit[recent] = by_credit[recent].fillna(0)
    rows = rows.join(by_credit, on="SK_ID_BUREAU")
    newest = top(rows, ["DAYS_CREDIT", "SK_ID_BUREAU"], 3)
    kinds = {
        "CONSUMER": "Consumer credit",
        "CARD": "Credit card",
        "CAR": "Car loan",
        "MORTGAGE": "Mortgage",
        "MICRO": "Microloan",
    }
    days = {"6M": 182, "12M": 365, "24M": 730, "36M": 1095}
    return [
        Reference(
            "BUREAU",
            rows,
            _bureau_columns(rows, list(by_credit)),
            subsets={
                **{n: rows.CREDIT_TYPE == v for n, v in kinds.items()},
                "ACTIVE": rows.CREDIT_ACTIVE == "Active",
                "CLOSED": rows.CREDIT_ACTIVE == "Closed",
            },
            windows={n: rows.DAYS_CREDIT >= -d for n, d in days.items()},
        ),
        Reference(
            "BUREAU",
            newest,
            _bureau_columns(newest, []),
            windows={f"LAST{k}": newest["rank"] < k for k in (1, 3)},
        ),
    ]


def _bureau_columns(rows: pd.DataFrame, monthly: list[str]) -> dict[str, pd.Series]:
    return {
        "DAYS_CREDIT": rows.DAYS_CREDIT,
        "ENDDATE": rows.DAYS_CREDIT_ENDDATE,
        "ENDDATE_FACT": rows.DAYS_ENDDATE_FACT,
        "UPDATE": rows.DAYS_CREDIT_UPDATE,
        "DAY_OVERDUE": rows.CREDIT_DAY_OVERDUE,
        "MAX_OVERDUE": rows.AMT_CREDIT_MAX_OVERDUE,
        "CREDIT": rows.AMT_CREDIT_SUM,
        "DEBT": rows.AMT_CREDIT_SUM_DEBT,
        "LIMIT": rows.AMT_CREDIT_SUM_LIMIT,
        "OVERDUE": rows.AMT_CREDIT_SUM_OVERDUE,
        "ANNUITY": rows.AMT_ANNUITY,
        "PROLONG": rows.CNT_CREDIT_PROLONG,
        "DEBT_SHARE": over(rows.AMT_CREDIT_SUM_DEBT, rows.AMT_CREDIT_SUM),
        "TERM_DAYS": rows.DAYS_CREDIT_ENDDATE - rows.DAYS_CREDIT,
        "EARLY_DAYS": rows.DAYS_CREDIT_ENDDATE - rows.DAYS_ENDDATE_FACT,
        "ACTIVE": flag(rows.CREDIT_ACTIVE == "Active"),
        "CLOSED": flag(rows.CREDIT_ACTIVE == "Closed"),
        "SOLD": flag(rows.CREDIT_ACTIVE == "Sold"),
        "BAD_DEBT": flag(rows.CREDIT_ACTIVE == "Bad debt"),
        "OVERDUE_NOW": flag(rows.AMT_CREDIT_SUM_OVERDUE > 0),
        "OVERDUE_EVER": flag(rows.AMT_CREDIT_MAX_OVERDUE > 0),
        **{name: rows[name] for name in monthly},
    }


def previous(folder: Path) -> list[Reference]:
    rows = read(folder, "previous_application")
    rows = rows[rows.FLAG_LAST_APPL_PER_CONTRACT == "Y"].copy()
    for column in ("FIRST_DRAWING", "FIRST_DUE", "LAST_DUE_1ST_VERSION", "LAST_DUE", "TERMINATION"):
        rows[f"DAYS_{column}"] = rows[f"DAYS_{column}"].replace(365243, np.nan)
    for column in ("AMT_CREDIT", "AMT_APPLICATION", "CNT_PAYMENT"):
        rows[column] = rows[column].replace(0, np.nan)
    newest = top(rows, ["DAYS_DECISION", "SK_ID_PREV"], 5)
    days = {"6M": 182, "12M": 365, "24M": 730}
    status = rows.NAME_CONTRACT_STATUS
    kind = rows.NAME_CONTRACT_TYPE
    return [
        Reference(
            "PREV",
            rows,
            _previous_columns(rows),
            subsets={
                "APPROVED": status == "Approved",
                "REFUSED": status == "Refused",
                "CANCELED": status == "Canceled",
                "CASH": kind == "Cash loans",
                "CONSUMER": kind == "Consumer loans",
                "REVOLVING": kind == "Revolving loans",
                "RUNNING": (status == "Approved") & rows.DAYS_LAST_DUE.isna(),
            },
            windows={n: rows.DAYS_DECISION >= -d for n, d in days.items()},
        ),
        Reference(
            "PREV",
            newest,
            _previous_columns(newest),
            windows={f"LAST{k}": newest["rank"] < k for k in (1, 3, 5)},
        ),
    ]


def _previous_columns(rows: pd.DataFrame) -> dict[str, pd.Series]:
    cost = over(rows.AMT_ANNUITY * rows.CNT_PAYMENT, rows.AMT_CREDIT) - 1
    columns = {
        "ANNUITY": rows.AMT_ANNUITY,
        "APPLICATION": rows.AMT_APPLICATION,
        "CREDIT": rows.AMT_CREDIT,
        "DOWN_PAYMENT": rows.AMT_DOWN_PAYMENT,
        "GOODS_PRICE": rows.AMT_GOODS_PRICE,
        "RATE_DOWN_PAYMENT": rows.RATE_DOWN_PAYMENT,
        "DAYS_DECISION": rows.DAYS_DECISION,
        "CNT_PAYMENT": rows.CNT_PAYMENT,
        "HOUR": rows.HOUR_APPR_PROCESS_START,
        "FIRST_DUE": rows.DAYS_FIRST_DUE,
        "LAST_DUE": rows.DAYS_LAST_DUE,
        "TERMINATION": rows.DAYS_TERMINATION,
        "FIRST_DRAWING": rows.DAYS_FIRST_DRAWING,
        "PAID_UP_EARLY_DAYS": rows.DAYS_LAST_DUE_1ST_VERSION - rows.DAYS_LAST_DUE,
        "SELLERPLACE_AREA": rows.SELLERPLACE_AREA,
        "APP_CREDIT": over(rows.AMT_APPLICATION, rows.AMT_CREDIT),
        "TERM": over(rows.AMT_CREDIT, rows.AMT_ANNUITY),
        "CREDIT_GOODS": over(rows.AMT_CREDIT, rows.AMT_GOODS_PRICE),
        "INTEREST": over(cost, rows.CNT_PAYMENT),
        "INSURED": rows.NFLAG_INSURED_ON_APPROVAL,
        "UNUSED": flag(rows.NAME_CONTRACT_STATUS == "Unused offer"),
        "XSELL": flag(rows.NAME_PRODUCT_TYPE == "x-sell"),
        "WALKIN": flag(rows.NAME_PRODUCT_TYPE == "walk-in"),
        "NEW_CLIENT": flag(rows.NAME_CLIENT_TYPE == "New"),
    }
    for value in ("Approved", "Refused", "Canceled"):
        columns[value.upper()] = flag(rows.NAME_CONTRACT_STATUS == value)
    for value in ("Cash", "Consumer", "Revolving"):
        columns[value.upper()] = flag(rows.NAME_CONTRACT_TYPE == f"{value} loans")
    for value in ("HC", "LIMIT", "SCO", "SCOFR", "CLIENT", "VERIF"):
        columns[f"REJECT_{value}"] = flag(rows.CODE_REJECT_REASON == value)
    for value in ("high", "middle", "low_normal", "low_action"):
        columns[f"YIELD_{value.upper()}"] = flag(rows.NAME_YIELD_GROUP == value)
    return columns


def instalments(folder: Path) -> list[Reference]:
    rows = read(folder, "installments_payments")
    order = ["DAYS_ENTRY_PAYMENT", "DAYS_INSTALMENT", "SK_ID_PREV", "NUM_INSTALMENT_NUMBER"]
    newest = top(rows, [*order, "AMT_PAYMENT", "AMT_INSTALMENT"], 5)
    merged = (
        rows.groupby([KEY, "SK_ID_PREV", "NUM_INSTALMENT_NUMBER"])
        .agg(
            day=("DAYS_INSTALMENT", "max"),
            due=("AMT_INSTALMENT", "max"),
            paid=("AMT_PAYMENT", lambda paid: paid.sum(min_count=1)),
        )
        .reset_index()
    )
    merged["paid"] = merged.paid.round(3)
    short = merged.due > merged.paid
    windows = (60, 180, 360, 720)
    return [
        Reference(
            "INSTAL",
            rows,
            _payment_columns(rows),
            windows={f"{d}D": rows.DAYS_INSTALMENT >= -d for d in windows},
        ),
        Reference(
            "INSTAL",
            merged,
            {
                "PAID_SHARE": over(merged.paid, merged.due),
                "SHORTFALL": (merged.due - merged.paid).where(short, 0.0),
                "SHORT": flag(short),
                "SHORT_DAY": merged.day.where(short),
                "OVERPAID": flag(merged.paid > merged.due),
            },
            windows={f"{d}D": merged.day >= -d for d in windows},
        ),
        Reference(
            "INSTAL",
            newest,
            _payment_columns(newest),
            windows={f"LAST{k}": newest["rank"] < k for k in (2, 3, 5)},
        ),
    ]


def _payment_columns(rows: pd.DataFrame) -> dict[str, pd.Series]:
    late = rows.DAYS_ENTRY_PAYMENT - rows.DAYS_INSTALMENT
    weight = np.exp(rows.DAYS_INSTALMENT / 365.25)
    dpd = late.clip(lower=0).fillna(0)
    return {
        "DPD": dpd,
        "DBD": (-late).clip(lower=0).fillna(0),
        "PAYMENT_PERC": over(rows.AMT_PAYMENT, rows.AMT_INSTALMENT),
        "PAYMENT_DIFF": rows.AMT_INSTALMENT - rows.AMT_PAYMENT,
        "AMT_INSTALMENT": rows.AMT_INSTALMENT,
        "AMT_PAYMENT": rows.AMT_PAYMENT,
        "DAYS_ENTRY_PAYMENT": rows.DAYS_ENTRY_PAYMENT,
        "VERSION": rows.NUM_INSTALMENT_VERSION,
        "LATE": flag(late > 0),
        **{f"LATE_{days}": flag(late > days) for days in (7, 15, 30, 60)},
        "UNPAID": flag(rows.DAYS_ENTRY_PAYMENT.isna()),
        "LATE_DAY": rows.DAYS_INSTALMENT.where(late > 0),
        "LATE_30_DAY": rows.DAYS_INSTALMENT.where(late > 30),
        "WEIGHT": weight,
        "DECAYED_DPD": weight * dpd,
        "DECAYED_LATE": weight * flag(late > 0),
    }


def pos(folder: Path) -> list[Reference]:
    rows = read(folder, "POS_CASH_balance")
    status = rows.NAME_CONTRACT_STATUS
    grouped = rows.groupby([KEY, "SK_ID_PREV"])
    loans = pd.DataFrame(
        {
            "months": grouped.size(),
            "span": grouped.MONTHS_BALANCE.max() - grouped.MONTHS_BALANCE.min(),
            "planned": grouped.CNT_INSTALMENT.max(),
            "done": grouped.NAME_CONTRACT_STATUS.agg(lambda s: float((s == "Completed").any())),
        }
    ).reset_index()
    words = ("Active", "Completed", "Signed", "Demand")
    return [
        Reference(
            "POS",
            rows,
            {
                "MONTHS": rows.MONTHS_BALANCE,
                "DPD": rows.SK_DPD,
                "DPD_DEF": rows.SK_DPD_DEF,
                "PLANNED": rows.CNT_INSTALMENT,
                "LEFT": rows.CNT_INSTALMENT_FUTURE,
                "LEFT_SHARE": over(rows.CNT_INSTALMENT_FUTURE, rows.CNT_INSTALMENT),
                "LATE": flag(rows.SK_DPD > 0),
                "LATE_DEF": flag(rows.SK_DPD_DEF > 0),
                "LATE_DEF_MONTH": rows.MONTHS_BALANCE.where(rows.SK_DPD_DEF > 0),
                "RETURNED": flag(status == "Returned to the store"),
                **{word.upper(): flag(status == word) for word in words},
            },
            subsets={"ACTIVE": status == "Active"},
            windows={f"{m}M": rows.MONTHS_BALANCE >= -m for m in (6, 12, 24)},
        ),
        Reference(
            "POS_LOANS",
            loans,
            {
                "MONTHS": loans.months,
                "DONE": loans.done,
                "EARLY": flag((loans.done == 1) & (loans.span < loans.planned)),
                "TOOK": over(loans.span.astype(float), loans.planned),
            },
        ),
    ]


def card(folder: Path) -> list[Reference]:
    rows = read(folder, "credit_card_balance")
    for column in ("CURRENT", "ATM_CURRENT", "OTHER_CURRENT", "POS_CURRENT"):
        drawn = rows[f"AMT_DRAWINGS_{column}"]
        rows[f"AMT_DRAWINGS_{column}"] = drawn.where(~(drawn < 0))
    charged = rows.AMT_TOTAL_RECEIVABLE - rows.AMT_RECEIVABLE_PRINCIPAL
    limit = rows.AMT_CREDIT_LIMIT_ACTUAL.astype(float)
    return [
        Reference(
            "CARD",
            rows,
            {
                "MONTHS": rows.MONTHS_BALANCE,
                "BALANCE": rows.AMT_BALANCE,
                "LIMIT": limit,
                "DRAWINGS": rows.AMT_DRAWINGS_CURRENT,
                "DRAWINGS_ATM": rows.AMT_DRAWINGS_ATM_CURRENT,
                "DRAWINGS_POS": rows.AMT_DRAWINGS_POS_CURRENT,
                "DRAWINGS_OTHER": rows.AMT_DRAWINGS_OTHER_CURRENT,
                "MIN_DUE": rows.AMT_INST_MIN_REGULARITY,
                "PAYMENT": rows.AMT_PAYMENT_CURRENT,
                "PAYMENT_TOTAL": rows.AMT_PAYMENT_TOTAL_CURRENT,
                "RECEIVABLE": rows.AMT_TOTAL_RECEIVABLE,
                "CNT_DRAWINGS": rows.CNT_DRAWINGS_CURRENT,
                "CNT_DRAWINGS_ATM": rows.CNT_DRAWINGS_ATM_CURRENT,
                "INSTALMENTS": rows.CNT_INSTALMENT_MATURE_CUM,
                "DPD": rows.SK_DPD,
                "DPD_DEF": rows.SK_DPD_DEF,
                "UTILISATION": over(rows.AMT_BALANCE, limit),
                "DRAWN_SHARE": over(rows.AMT_DRAWINGS_CURRENT, limit),
                "PAYMENT_TO_MIN": over(rows.AMT_PAYMENT_CURRENT, rows.AMT_INST_MIN_REGULARITY),
                "PAYMENT_TO_BALANCE": over(rows.AMT_PAYMENT_TOTAL_CURRENT, rows.AMT_BALANCE),
                "INTEREST_SHARE": over(charged, rows.AMT_BALANCE),
                "BELOW_MIN": flag(rows.AMT_PAYMENT_CURRENT < rows.AMT_INST_MIN_REGULARITY),
                "OVER_LIMIT": flag(rows.AMT_BALANCE > limit),
                "DRAWING": flag(rows.AMT_DRAWINGS_CURRENT > 0),
                "LATE_DEF": flag(rows.SK_DPD_DEF > 0),
                "LATE_MONTH": rows.MONTHS_BALANCE.where(rows.SK_DPD_DEF > 0),
                "COMPLETED": flag(rows.NAME_CONTRACT_STATUS == "Completed"),
            },
            windows={f"{m}M": rows.MONTHS_BALANCE >= -m for m in (2, 6, 12)},
        )
    ]
