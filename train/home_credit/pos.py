"""Family G: the monthly state of earlier shop and cash loans (POS_CASH_balance).

A row per loan and month; MONTHS_BALANCE is the month from the application (-1 the latest),
CNT_INSTALMENT the planned number of instalments, CNT_INSTALMENT_FUTURE those left, SK_DPD the days
past due and SK_DPD_DEF the same without small debts.
"""

import ibis
from ibis import _

from train.home_credit.family import Family, Line, Pass, Tables, flag, flags, over, renamed, where


def loans(tables: Tables) -> ibis.Table:
    """POS_CASH_balance with one row per loan: months known, planned term, whether it was
    completed, and in fewer months than planned, and the fraction of the term that it has run."""
    months = tables["POS_CASH_balance"]
    by_loan = months.group_by("SK_ID_CURR", "SK_ID_PREV").agg(
        MONTHS=months.count().cast("float64"),
        FIRST=months.MONTHS_BALANCE.min(),
        LAST=months.MONTHS_BALANCE.max(),
        PLANNED=months.CNT_INSTALMENT.max(),
        DONE=flag(months.NAME_CONTRACT_STATUS == "Completed").max(),
    )
    early = (_.DONE == 1) & (_.LAST - _.FIRST < _.PLANNED)
    return by_loan.mutate(EARLY=flag(early), TOOK=over(_.LAST - _.FIRST, _.PLANNED))


COLUMNS = {
    **renamed(
        "MONTHS=MONTHS_BALANCE DPD=SK_DPD DPD_DEF=SK_DPD_DEF PLANNED=CNT_INSTALMENT "
        "LEFT=CNT_INSTALMENT_FUTURE"
    ),
    "LEFT_SHARE": over(_.CNT_INSTALMENT_FUTURE, _.CNT_INSTALMENT),
    "LATE": flag(_.SK_DPD > 0),
    "LATE_DEF": flag(_.SK_DPD_DEF > 0),
    "LATE_DEF_MONTH": (_.SK_DPD_DEF > 0).ifelse(_.MONTHS_BALANCE, None),
    **flags(where("NAME_CONTRACT_STATUS", ACTIVE="Active", COMPLETED="Completed")),
    **flags(where("NAME_CONTRACT_STATUS", SIGNED="Signed", DEMAND="Demand")),
    **flags(where("NAME_CONTRACT_STATUS", RETURNED="Returned to the store")),
}
WINDOWS = {f"{months}M": _.MONTHS_BALANCE >= -months for months in (6, 12, 24)}
MONTHLY = Pass(
    rows=lambda tables: tables["POS_CASH_balance"],
    columns=COLUMNS,
    subsets=where("NAME_CONTRACT_STATUS", ACTIVE="Active"),
    windows=WINDOWS,
    lines=(
        Line("ALL", "COUNT", windows="ALL 12M"),
        Line("MONTHS", "MEAN MAX"),
        Line("DPD DPD_DEF", "MEAN MAX", windows="ALL 6M 12M 24M"),
        Line("LATE LATE_DEF", "SHARE", windows="ALL 12M"),
        Line("LATE_DEF_MONTH", "MAX"),
        Line("ACTIVE COMPLETED SIGNED DEMAND RETURNED", "SHARE"),
        Line("COMPLETED", "SHARE", windows="12M 24M"),
        Line("PLANNED LEFT", "MEAN MAX"),
        Line("LEFT", "MEAN SUM", "ACTIVE", "6M"),
        Line("LEFT_SHARE", "MEAN", windows="ALL 6M 12M"),
    ),
)
BY_LOAN = Pass(
    rows=loans,
    needs="SK_ID_PREV MONTHS_BALANCE CNT_INSTALMENT NAME_CONTRACT_STATUS",
    columns=renamed("MONTHS=MONTHS DONE=DONE EARLY=EARLY TOOK=TOOK"),
    lines=(
        Line("ALL", "COUNT", "LOANS"),
        Line("DONE EARLY", "SHARE", "LOANS"),
        Line("MONTHS TOOK", "MEAN", "LOANS"),
    ),
    subsets={"LOANS": _.MONTHS > 0},
)
FAMILY = Family(
    table="POS_CASH_balance",
    prefix="POS",
    passes=(MONTHLY, BY_LOAN),
    quotients={"DPD_12M_TO_ALL": ("DPD_MEAN_12M", "DPD_MEAN")},
)
