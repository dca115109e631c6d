"""The families of published aggregates: which rows each is over, and the columns it derives."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sample.facts import Table


def _over(amount: str, base: str) -> str:
    """amount / base; infinite over 0 and missing for 0 over 0, whatever the engine makes of it."""
    infinite = f"WHEN {base} = 0 AND {amount} <> 0 THEN sign({amount}) * 'infinity'::DOUBLE"
    return f"CASE WHEN {base} <> 0 THEN {amount}::DOUBLE / {base} {infinite} END"


def _late(days: str) -> str:
    """The days where positive, else 0, also where they are not known."""
    return f"coalesce(greatest({days}, 0), 0)"


@dataclass(frozen=True, eq=False)
class Family:
    """Aggregates whose names begin with `prefix`, over the rows of a table where `rows` holds.

    `derived` names SQL expressions that stand beside, or in place of, the table's columns, and
    `ratios` those of them that may be infinite. Aggregates are per `key`; a family without one has
    one row per client already. `child` is the family of a table whose rows are first rolled up to
    one per key of its own, and joined by it.
    """

    prefix: str
    table: str
    rows: str = "true"
    key: str | None = "SK_ID_CURR"
    derived: Mapping[str, str] = field(default_factory=dict)
    ratios: tuple[str, ...] = ()
    child: "Family | None" = None

    def texts(self, columns: Table) -> list[str]:
        """The columns with categories, the longest name first."""
        texts = [c.name for c in columns.columns.values() if c.type == "string"]
        return sorted((name for name in texts if name not in self.derived), key=len, reverse=True)


EMPLOYED = "nullif(DAYS_EMPLOYED, 365243)"  # the code of pensioners

# The baseline numbers binary categories by their first appearance in the published file.
APPLICATION = Family(
    prefix="",
    table="application",
    key=None,
    derived={
        "CODE_GENDER": "CASE CODE_GENDER WHEN 'M' THEN 0 WHEN 'F' THEN 1 END",
        "FLAG_OWN_CAR": "CASE FLAG_OWN_CAR WHEN 'N' THEN 0 WHEN 'Y' THEN 1 END",
        "FLAG_OWN_REALTY": "CASE FLAG_OWN_REALTY WHEN 'Y' THEN 0 WHEN 'N' THEN 1 END",
        "DAYS_EMPLOYED": EMPLOYED,
        "DAYS_EMPLOYED_PERC": _over(EMPLOYED, "DAYS_BIRTH"),
        "INCOME_CREDIT_PERC": _over("AMT_INCOME_TOTAL", "AMT_CREDIT"),
        "INCOME_PER_PERSON": _over("AMT_INCOME_TOTAL", "CNT_FAM_MEMBERS"),
        "ANNUITY_INCOME_PERC": _over("AMT_ANNUITY", "AMT_INCOME_TOTAL"),
        "PAYMENT_RATE": _over("AMT_ANNUITY", "AMT_CREDIT"),
    },
)


MONTHS = Family(prefix="", table="bureau_balance", key="SK_ID_BUREAU")


def _bureau(prefix: str, rows: str = "true") -> Family:
    return Family(prefix, "bureau", rows, child=MONTHS)


def _previous(prefix: str, rows: str = "true") -> Family:
    perc = {"APP_CREDIT_PERC": _over("AMT_APPLICATION", "AMT_CREDIT")}
    return Family(prefix, "previous_application", rows, derived=perc, ratios=tuple(perc))


HISTORY = (
    _bureau("BURO_"),
    _bureau("ACTIVE_", "CREDIT_ACTIVE = 'Active'"),
    _bureau("CLOSED_", "CREDIT_ACTIVE = 'Closed'"),
    _previous("PREV_"),
    _previous("APPROVED_", "NAME_CONTRACT_STATUS = 'Approved'"),
    _previous("REFUSED_", "NAME_CONTRACT_STATUS = 'Refused'"),
    Family("POS_", "POS_CASH_balance"),
    Family(
        "INSTAL_",
        "installments_payments",
        derived={
            "PAYMENT_PERC": _over("AMT_PAYMENT", "AMT_INSTALMENT"),
            "PAYMENT_DIFF": "AMT_INSTALMENT - AMT_PAYMENT",
            "DPD": _late("DAYS_ENTRY_PAYMENT - DAYS_INSTALMENT"),
            "DBD": _late("DAYS_INSTALMENT - DAYS_ENTRY_PAYMENT"),
        },
        ratios=("PAYMENT_PERC",),
    ),
    Family("CC_", "credit_card_balance"),
)

FAMILIES = (*HISTORY, APPLICATION)
"""The application comes last: its names have no prefix."""
