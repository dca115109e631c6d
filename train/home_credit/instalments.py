"""Family F: what was due and what was paid on earlier loans (installments_payments).

A row per payment. DAYS_INSTALMENT is the day a sum was due, DAYS_ENTRY_PAYMENT the day it came, in
days from the application (negative: before it); the latter is missing, like the amount paid, where
nothing came. Amounts are in currency units.
"""

import ibis
from ibis import _

from train.home_credit.cleaning import merge_split_payments
from train.home_credit.family import (
    Family,
    Line,
    Pass,
    Tables,
    flag,
    flags,
    latest,
    over,
    recent,
    renamed,
)
from train.home_credit.schema import CLIENT

DELAY = _.DAYS_ENTRY_PAYMENT - _.DAYS_INSTALMENT
# A payment that never came has no delay: it counts as 0 here and in INSTAL_UNPAID_COUNT.
DPD = (DELAY > 0).ifelse(DELAY, 0.0)
DBD = (DELAY < 0).ifelse(-DELAY, 0.0)
# What happened a year earlier counts 1/e as much.
WEIGHT = (_.DAYS_INSTALMENT / 365.25).exp()

COLUMNS = {
    **renamed(
        "AMT_INSTALMENT=AMT_INSTALMENT AMT_PAYMENT=AMT_PAYMENT VERSION=NUM_INSTALMENT_VERSION "
        "DAYS_ENTRY_PAYMENT=DAYS_ENTRY_PAYMENT"
    ),
    "DPD": DPD,
    "DBD": DBD,
    "PAYMENT_PERC": over(_.AMT_PAYMENT, _.AMT_INSTALMENT),
    "PAYMENT_DIFF": _.AMT_INSTALMENT - _.AMT_PAYMENT,
    "LATE": flag(DELAY > 0),
    **flags({f"LATE_{days}": DELAY > days for days in (7, 15, 30, 60)}),
    "UNPAID": flag(_.DAYS_ENTRY_PAYMENT.isnull()),
    "LATE_DAY": (DELAY > 0).ifelse(_.DAYS_INSTALMENT, None),
    "LATE_30_DAY": (DELAY > 30).ifelse(_.DAYS_INSTALMENT, None),
    "WEIGHT": WEIGHT,
    "DECAYED_DPD": WEIGHT * DPD,
    "DECAYED_LATE": WEIGHT * flag(DELAY > 0),
}
WINDOWS = {f"{days}D": _.DAYS_INSTALMENT >= -days for days in (60, 180, 360, 720)}
EVERY = "ALL 60D 180D 360D 720D"
PAYMENTS = Pass(
    rows=lambda tables: tables["installments_payments"],
    columns=COLUMNS,
    windows=WINDOWS,
    money="PAYMENT_DIFF AMT_INSTALMENT AMT_PAYMENT",
    lines=(
        Line("ALL", "COUNT", windows="ALL 60D 360D"),
        Line("DPD", "MEAN MAX", windows=EVERY),
        Line("DPD DBD", "SUM STD"),
        Line("DBD", "MEAN MAX"),
        Line("DBD", "MEAN", windows="60D 180D 360D"),
        Line("LATE", "SHARE", windows=EVERY),
        Line("LATE", "COUNT"),
        Line("LATE_7 LATE_15 LATE_30 LATE_60", "SHARE"),
        Line("LATE_7 LATE_30", "SHARE", windows="360D 720D"),
        Line("UNPAID", "COUNT"),
        Line("PAYMENT_PERC PAYMENT_DIFF", "MEAN MAX SUM VAR"),
        Line("PAYMENT_PERC PAYMENT_DIFF", "MEAN", windows="180D 360D"),
        Line("AMT_INSTALMENT", "MEAN MAX SUM"),
        Line("AMT_PAYMENT", "MEAN MIN MAX SUM"),
        Line("AMT_PAYMENT", "SUM", windows="60D 180D 360D"),
        Line("DAYS_ENTRY_PAYMENT", "MEAN MAX"),
        Line("VERSION", "MAX MEAN"),
        Line("LATE_DAY LATE_30_DAY", "MAX"),
        Line("WEIGHT DECAYED_DPD DECAYED_LATE", "SUM"),
    ),
)
INSTALMENTS = Pass(
    rows=lambda tables: merge_split_payments(tables["installments_payments"]),
    needs="SK_ID_PREV NUM_INSTALMENT_NUMBER DAYS_INSTALMENT AMT_INSTALMENT AMT_PAYMENT",
    columns={
        "PAID_SHARE": over(_.PAID, _.DUE),
        "SHORTFALL": (_.DUE > _.PAID).ifelse(_.DUE - _.PAID, 0.0),
        "SHORT": flag(_.DUE > _.PAID),
        "SHORT_DAY": (_.DUE > _.PAID).ifelse(_.DAYS_INSTALMENT, None),
        "OVERPAID": flag(_.PAID > _.DUE),
    },
    windows=WINDOWS,
    money="SHORTFALL",
    lines=(
        Line("PAID_SHARE", "MEAN MIN STD"),
        Line("SHORTFALL", "MEAN MAX SUM"),
        Line("SHORT", "COUNT"),
        Line("SHORT", "SHARE", windows="ALL 180D 360D"),
        Line("OVERPAID", "SHARE"),
        Line("SHORT_DAY", "MAX"),
    ),
)
NEWEST_FIRST = (
    "DAYS_ENTRY_PAYMENT DAYS_INSTALMENT SK_ID_PREV NUM_INSTALMENT_NUMBER AMT_PAYMENT AMT_INSTALMENT"
)


def newest(tables: Tables) -> ibis.Table:
    """The latest five payments of each client."""
    payments = tables["installments_payments"]
    few = recent(payments, CLIENT, "DAYS_ENTRY_PAYMENT", 5, days=(90, 180, 365, 730))
    return latest(few, CLIENT, NEWEST_FIRST, count=5)


NEWEST = Pass(
    rows=newest,
    needs=NEWEST_FIRST,
    columns=COLUMNS,
    windows={f"LAST{k}": _["rank"] < k for k in (2, 3, 5)},
    money="PAYMENT_DIFF AMT_INSTALMENT AMT_PAYMENT",
    lines=(
        Line("DPD DBD", "MEAN", windows="LAST2 LAST3 LAST5"),
        Line("DPD", "MAX", windows="LAST5"),
        Line("LATE", "SHARE", windows="LAST5"),
        Line("AMT_PAYMENT PAYMENT_PERC", "MEAN", windows="LAST3 LAST5"),
    ),
)
FAMILY = Family(
    table="installments_payments",
    prefix="INSTAL",
    passes=(PAYMENTS, INSTALMENTS, NEWEST),
    quotients={
        "PAID_TO_DUE": ("AMT_PAYMENT_SUM", "AMT_INSTALMENT_SUM"),
        "DPD_DECAYED_MEAN": ("DECAYED_DPD_SUM", "WEIGHT_SUM"),
        "LATE_DECAYED_SHARE": ("DECAYED_LATE_SUM", "WEIGHT_SUM"),
        "DPD_360D_TO_ALL": ("DPD_MEAN_360D", "DPD_MEAN"),
        "AMT_PAYMENT_360D_TO_ALL": ("AMT_PAYMENT_SUM_360D", "AMT_PAYMENT_SUM"),
        "DPD_LAST5_TO_ALL": ("DPD_MEAN_LAST5", "DPD_MEAN"),
    },
)
