"""A process that keeps decisions: `python -m tests.ledger.writer COUNT THREADS`.

Prints the id of each decision once it is kept, and `closed` once the ledger is closed.
"""

import base64
import os
import sys
from concurrent.futures import ThreadPoolExecutor

from ledger.errors import LedgerError
from ledger.ledger import Ledger
from ledger.settings import Settings
from tests.ledger.decisions import decision


def environment(settings: Settings) -> dict[str, str]:
    """The environment variables that give these settings."""
    return os.environ | {
        "DATABASE_URL": settings.database_url,
        "LEDGER_KEY": base64.b64encode(settings.key).decode(),
        "LEDGER": settings.mode,
        "LEDGER_SPOOL": str(settings.spool_directory),
        "LEDGER_SPOOL_SYNC": settings.spool_sync,
    }


def main() -> None:
    count, threads = map(int, sys.argv[1:])
    settings = Settings.from_environment(os.environ)
    assert settings
    with Ledger(settings) as ledger:

        def keep(number: int) -> None:
            new = decision(str(number % 1000))
            try:
                ledger.keep([new])
            except LedgerError:  # the caller gets no answer
                return
            os.write(1, f"{new.id}\n".encode())

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(keep, range(count)))
    print("closed", flush=True)


if __name__ == "__main__":
    main()
