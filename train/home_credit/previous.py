"""Family E: the client's earlier applications at this lender (previous_application).

A row per application. Amounts are in currency units, DAYS_* in days from the present application
(negative: before it), CNT_PAYMENT in months.
"""

from ibis import _

from train.home_credit.family import Family, Line, Pass, flags, latest, over, renamed, where
from train.home_credit.schema import CLIENT

# What the loan costs per month of its term, as a fraction of the credit: simple interest.
INTEREST = over(over(_.AMT_ANNUITY * _.CNT_PAYMENT, _.AMT_CREDIT) - 1, _.CNT_PAYMENT)
STATES = where("NAME_CONTRACT_STATUS", APPROVED="Approved", REFUSED="Refused", CANCELED="Canceled")
KINDS = where(
    "NAME_CONTRACT_TYPE",
    CASH="Cash loans",
    CONSUMER="Consumer loans",
    REVOLVING="Revolving loans",
)
REJECTS = ("HC", "LIMIT", "SCO", "SCOFR", "CLIENT", "VERIF")
YIELDS = ("high", "middle", "low_normal", "low_action")
COLUMNS = {
    **renamed(
        "ANNUITY=AMT_ANNUITY APPLICATION=AMT_APPLICATION CREDIT=AMT_CREDIT "
        "DOWN_PAYMENT=AMT_DOWN_PAYMENT RATE_DOWN_PAYMENT=RATE_DOWN_PAYMENT "
        "DAYS_DECISION=DAYS_DECISION CNT_PAYMENT=CNT_PAYMENT HOUR=HOUR_APPR_PROCESS_START "
        "FIRST_DUE=DAYS_FIRST_DUE LAST_DUE=DAYS_LAST_DUE TERMINATION=DAYS_TERMINATION "
        "FIRST_DRAWING=DAYS_FIRST_DRAWING SELLERPLACE_AREA=SELLERPLACE_AREA "
        "INSURED=NFLAG_INSURED_ON_APPROVAL"
    ),
    "PAID_UP_EARLY_DAYS": _.DAYS_LAST_DUE_1ST_VERSION - _.DAYS_LAST_DUE,
    "APP_CREDIT": over(_.AMT_APPLICATION, _.AMT_CREDIT),
    "TERM": over(_.AMT_CREDIT, _.AMT_ANNUITY),
    "CREDIT_GOODS": over(_.AMT_CREDIT, _.AMT_GOODS_PRICE),
    "INTEREST": INTEREST,
    **flags(STATES | KINDS | where("NAME_CONTRACT_STATUS", UNUSED="Unused offer")),
    **flags({f"REJECT_{value}": _.CODE_REJECT_REASON == value for value in REJECTS}),
    **flags({f"YIELD_{value.upper()}": _.NAME_YIELD_GROUP == value for value in YIELDS}),
    **flags(where("NAME_PRODUCT_TYPE", XSELL="x-sell", WALKIN="walk-in")),
    **flags(where("NAME_CLIENT_TYPE", NEW_CLIENT="New")),
}
RUNNING = (_.NAME_CONTRACT_STATUS == "Approved") & _.DAYS_LAST_DUE.isnull()
SUBSETS = {**STATES, **KINDS, "RUNNING": RUNNING}
WINDOWS = {
    f"{months}M": _.DAYS_DECISION >= -days for months, days in ((6, 182), (12, 365), (24, 730))
}
MONEY = "ANNUITY APPLICATION CREDIT DOWN_PAYMENT"
BY_STATE = "ALL APPROVED REFUSED"
BY_KIND = "CASH CONSUMER REVOLVING"
REASONS = " ".join(f"REJECT_{value}" for value in REJECTS)
PRICES = " ".join(f"YIELD_{value.upper()}" for value in YIELDS)
EVER = Pass(
    rows=lambda tables: tables["previous_application"],
    columns=COLUMNS,
    subsets=SUBSETS,
    windows=WINDOWS,
    money=MONEY,
    lines=(
        Line("ALL", "COUNT", f"{BY_STATE} CANCELED {BY_KIND} RUNNING"),
        Line("ALL", "COUNT", windows="6M 12M 24M"),
        Line("APPROVED REFUSED CANCELED UNUSED CASH CONSUMER REVOLVING", "SHARE"),
        Line("REFUSED", "SHARE", windows="6M 12M 24M"),
        Line("REFUSED", "SHARE", "CASH CONSUMER"),
        Line(f"{REASONS} {PRICES} XSELL WALKIN NEW_CLIENT INSURED", "SHARE"),
        Line("ANNUITY", "MEAN MAX", "ALL APPROVED"),
        Line("APPLICATION CREDIT", "MEAN MAX"),
        Line("APPLICATION CREDIT", "MEAN", "APPROVED REFUSED"),
        Line("CREDIT", "MAX", "APPROVED"),
        Line("CREDIT ANNUITY", "SUM", "RUNNING"),
        Line("APP_CREDIT", "MEAN MIN MAX VAR"),
        Line("APP_CREDIT", "MEAN", "APPROVED REFUSED"),
        Line("DOWN_PAYMENT", "MEAN MAX"),
        Line("RATE_DOWN_PAYMENT", "MEAN MIN MAX"),
        Line("DAYS_DECISION", "MEAN MIN MAX"),
        Line("DAYS_DECISION", "MEAN MAX", "APPROVED REFUSED"),
        Line("DAYS_DECISION", "MAX", "CASH REVOLVING"),
        Line("CNT_PAYMENT", "MEAN SUM MAX"),
        Line("CNT_PAYMENT", "MEAN", "APPROVED"),
        Line("TERM", "MEAN MIN MAX"),
        Line("TERM", "MEAN", "APPROVED"),
        Line("INTEREST", "MEAN MIN MAX STD"),
        Line("INTEREST", "MEAN MAX", "APPROVED"),
        Line("CREDIT_GOODS", "MEAN"),
        Line("HOUR", "MEAN"),
        Line("LAST_DUE TERMINATION", "MEAN MAX"),
        Line("FIRST_DUE FIRST_DRAWING", "MAX"),
        Line("PAID_UP_EARLY_DAYS SELLERPLACE_AREA", "MEAN"),
        Line("APPLICATION CREDIT INTEREST CNT_PAYMENT", "MEAN", windows="12M 24M"),
    ),
)
NEWEST_FIRST = "DAYS_DECISION SK_ID_PREV"
NEWEST = Pass(
    rows=lambda tables: latest(tables["previous_application"], CLIENT, NEWEST_FIRST, count=5),
    needs=NEWEST_FIRST,
    columns=COLUMNS,
    windows={f"LAST{k}": _["rank"] < k for k in (1, 3, 5)},
    money=MONEY,
    lines=(
        Line("CREDIT ANNUITY APP_CREDIT TERM CNT_PAYMENT INTEREST", "VALUE", windows="LAST1"),
        Line("RATE_DOWN_PAYMENT REFUSED", "VALUE", windows="LAST1"),
        Line("CREDIT APP_CREDIT INTEREST CNT_PAYMENT", "MEAN", windows="LAST3 LAST5"),
        Line("RATE_DOWN_PAYMENT DAYS_DECISION", "MEAN", windows="LAST3"),
        Line("REFUSED", "SHARE", windows="LAST3 LAST5"),
    ),
)
FAMILY = Family(
    table="previous_application",
    prefix="PREV",
    passes=(EVER, NEWEST),
    quotients={
        "CREDIT_TO_APPROVED_APPLICATION": ("APPROVED_CREDIT_MEAN", "APPROVED_APPLICATION_MEAN"),
        "REFUSED_TO_APPROVED_CREDIT": ("REFUSED_CREDIT_MEAN", "APPROVED_CREDIT_MEAN"),
        "INTEREST_LAST1_TO_MEAN": ("INTEREST_LAST1", "INTEREST_MEAN"),
    },
)
