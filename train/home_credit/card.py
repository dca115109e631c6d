"""Family H: the monthly state of the client's credit cards at this lender (credit_card_balance).

A row per card and month; MONTHS_BALANCE is the month from the application (-1 the latest). Amounts
are in currency units; AMT_INST_MIN_REGULARITY is the least payment due in the month.
"""

from ibis import _

from train.home_credit.family import Family, Line, Pass, flag, over, renamed

COLUMNS = {
    **renamed(
        "MONTHS=MONTHS_BALANCE BALANCE=AMT_BALANCE LIMIT=AMT_CREDIT_LIMIT_ACTUAL "
        "DRAWINGS=AMT_DRAWINGS_CURRENT DRAWINGS_ATM=AMT_DRAWINGS_ATM_CURRENT "
        "DRAWINGS_POS=AMT_DRAWINGS_POS_CURRENT DRAWINGS_OTHER=AMT_DRAWINGS_OTHER_CURRENT "
        "MIN_DUE=AMT_INST_MIN_REGULARITY PAYMENT=AMT_PAYMENT_CURRENT "
        "PAYMENT_TOTAL=AMT_PAYMENT_TOTAL_CURRENT RECEIVABLE=AMT_TOTAL_RECEIVABLE "
        "CNT_DRAWINGS=CNT_DRAWINGS_CURRENT CNT_DRAWINGS_ATM=CNT_DRAWINGS_ATM_CURRENT "
        "INSTALMENTS=CNT_INSTALMENT_MATURE_CUM DPD=SK_DPD DPD_DEF=SK_DPD_DEF"
    ),
    "UTILISATION": over(_.AMT_BALANCE, _.AMT_CREDIT_LIMIT_ACTUAL),
    "DRAWN_SHARE": over(_.AMT_DRAWINGS_CURRENT, _.AMT_CREDIT_LIMIT_ACTUAL),
    "PAYMENT_TO_MIN": over(_.AMT_PAYMENT_CURRENT, _.AMT_INST_MIN_REGULARITY),
    "PAYMENT_TO_BALANCE": over(_.AMT_PAYMENT_TOTAL_CURRENT, _.AMT_BALANCE),
    "INTEREST_SHARE": over(_.AMT_TOTAL_RECEIVABLE - _.AMT_RECEIVABLE_PRINCIPAL, _.AMT_BALANCE),
    "BELOW_MIN": flag(_.AMT_PAYMENT_CURRENT < _.AMT_INST_MIN_REGULARITY),
    "OVER_LIMIT": flag(_.AMT_BALANCE > _.AMT_CREDIT_LIMIT_ACTUAL),
    "DRAWING": flag(_.AMT_DRAWINGS_CURRENT > 0),
    "LATE_DEF": flag(_.SK_DPD_DEF > 0),
    "LATE_MONTH": (_.SK_DPD_DEF > 0).ifelse(_.MONTHS_BALANCE, None),
    "COMPLETED": flag(_.NAME_CONTRACT_STATUS == "Completed"),
}
WINDOWS = {f"{months}M": _.MONTHS_BALANCE >= -months for months in (2, 6, 12)}
MONTHLY = Pass(
    rows=lambda tables: tables["credit_card_balance"],
    columns=COLUMNS,
    windows=WINDOWS,
    money=(
        "BALANCE LIMIT DRAWINGS DRAWINGS_ATM DRAWINGS_POS DRAWINGS_OTHER MIN_DUE PAYMENT "
        "PAYMENT_TOTAL RECEIVABLE"
    ),
    lines=(
        Line("ALL", "COUNT"),
        Line("MONTHS", "MIN MAX"),
        Line("BALANCE", "MEAN MAX MIN VAR"),
        Line("BALANCE", "MEAN", windows="2M 6M"),
        Line("LIMIT", "MEAN MAX SUM"),
        Line("DRAWINGS DRAWINGS_ATM", "MEAN MAX SUM"),
        Line("DRAWINGS DRAWINGS_ATM", "SUM", windows="12M"),
        Line("DRAWINGS_POS DRAWINGS_OTHER PAYMENT_TOTAL RECEIVABLE", "MEAN"),
        Line("MIN_DUE PAYMENT", "MEAN SUM"),
        Line("CNT_DRAWINGS CNT_DRAWINGS_ATM", "MEAN MAX VAR"),
        Line("CNT_DRAWINGS", "MEAN", windows="6M"),
        Line("INSTALMENTS", "MEAN MAX"),
        Line("DPD DPD_DEF", "MEAN MAX"),
        Line("DPD_DEF", "SUM"),
        Line("DPD_DEF", "MAX", windows="6M 12M"),
        Line("UTILISATION", "MEAN MAX STD"),
        Line("UTILISATION", "MEAN MAX", windows="2M 6M 12M"),
        Line("DRAWN_SHARE", "MEAN MAX"),
        Line("DRAWN_SHARE", "MEAN", windows="2M 6M"),
        Line("PAYMENT_TO_MIN", "MEAN MIN"),
        Line("PAYMENT_TO_BALANCE INTEREST_SHARE", "MEAN"),
        Line("BELOW_MIN OVER_LIMIT DRAWING LATE_DEF COMPLETED", "SHARE"),
        Line("BELOW_MIN OVER_LIMIT", "SHARE", windows="6M"),
        Line("LATE_MONTH", "MAX"),
    ),
)
FAMILY = Family(
    table="credit_card_balance",
    prefix="CARD",
    passes=(MONTHLY,),
    quotients={
        "ATM_SHARE": ("DRAWINGS_ATM_SUM", "DRAWINGS_SUM"),
        "ATM_SHARE_12M": ("DRAWINGS_ATM_SUM_12M", "DRAWINGS_SUM_12M"),
        "PAYMENT_TO_MIN_SUMS": ("PAYMENT_SUM", "MIN_DUE_SUM"),
        "BALANCE_2M_TO_ALL": ("BALANCE_MEAN_2M", "BALANCE_MEAN"),
        "BALANCE_6M_TO_LIMIT": ("BALANCE_MEAN_6M", "LIMIT_MEAN"),
        "DRAWINGS_TO_LIMIT": ("DRAWINGS_SUM", "LIMIT_SUM"),
    },
)
