"""A record of every decision: append-only, tamper-evident, with reviews and outcomes.

`Ledger.keep` keeps decisions; the functions of `reading`, `reviews` and `outcomes` take
`Ledger.database`. `python -m ledger --help` lists what an operator can do.
"""

from ledger import errors, outcomes, reading, reviews
from ledger.database import Database
from ledger.decision import Decision, new_id
from ledger.ledger import Ledger, Status
from ledger.settings import Settings

__all__ = [
    "Database",
    "Decision",
    "Ledger",
    "Settings",
    "Status",
    "errors",
    "new_id",
    "outcomes",
    "reading",
    "reviews",
]
