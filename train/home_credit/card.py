"""Family H: the monthly state of the client's credit cards at this lender (credit_card_balance).

A row per card and month; MONTHS_BALANCE is the month from the application (-1 the latest). Amounts
are in currency units; AMT_INST_MIN_REGULARITY is the least payment due in the month.
"""

from ibis import _

from train.home_credit.family import Family, Line, Pass, flag, over

COLUMNS = {
    "MONTHS": _.MONTHS_BALANCE,
    "BALANCE": _.AMT_BALANCE,
    "LIMIT": _.AMT_CREDIT_LIMIT_ACTUAL,
    "DRAWINGS": _.AMT_DRAWINGS_CURRENT,
    "DRAWINGS_ATM": _.AMT_DRAWINGS_ATM_CURRENT,
    "DRAWINGS_POS": _.AMT_DRAWINGS_POS_CURRENT,
    "DRAWINGS_OTHER": _.AMT_DRAWINGS_OTHER_CURRENT,
    "MIN_DUE": _.AMT_INST_MIN_REGULARITY,
    "PAYMENT": _.AMT_PAYMENT_CURRENT,
    "PAYMENT_TOTAL": _.AMT_PAYMENT_TOTAL_CURRENT,
    "RECEIVABLE": _.AMT_TOTAL_RECEIVABLE,
    "CNT_DRAWINGS": _.CNT_DRAWINGS_CURRENT,
    "CNT_DRAWINGS_ATM": _.CNT_DRAWINGS_ATM_CURRENT,
    "INSTALMENTS": _.CNT_INSTALMENT_MATURE_CUM,
    "DPD": _.SK_DPD,
    "DPD_DEF": _.SK_DPD_DEF,
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
    ratios={
        "CARD_ATM_SHARE": ("CARD_DRAWINGS_ATM_SUM", "CARD_DRAWINGS_SUM"),
        "CARD_ATM_SHARE_12M": ("CARD_DRAWINGS_ATM_SUM_12M", "CARD_DRAWINGS_SUM_12M"),
        "CARD_PAYMENT_TO_MIN_SUMS": ("CARD_PAYMENT_SUM", "CARD_MIN_DUE_SUM"),
        "CARD_BALANCE_2M_TO_ALL": ("CARD_BALANCE_MEAN_2M", "CARD_BALANCE_MEAN"),
        "CARD_BALANCE_6M_TO_LIMIT": ("CARD_BALANCE_MEAN_6M", "CARD_LIMIT_MEAN"),
        "CARD_DRAWINGS_TO_LIMIT": ("CARD_DRAWINGS_SUM", "CARD_LIMIT_SUM"),
    },
)
