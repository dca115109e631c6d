"""What can go wrong in the ledger. No message repeats a client's data."""


class LedgerError(Exception):
    """The root of this package's errors."""


class InvalidSetting(LedgerError):
    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name} {problem}")
        self.name = name


class InvalidDecision(LedgerError):
    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field} of a decision {problem}")
        self.field = field


class DatabaseUnavailable(LedgerError):
    """The database does not answer, or `credit-scoring ledger upgrade` has not been run."""

    def __init__(self, cause: str) -> None:
        super().__init__(
            f"the database is down, or `credit-scoring ledger upgrade` was not run ({cause})"
        )
        self.cause = cause


class SpoolFull(LedgerError):
    """The spool has reached its limit, or its disk is full. Nothing of this call was kept."""

    def __init__(self, cause: str) -> None:
        super().__init__(f"the spool takes no more decisions ({cause})")
        self.cause = cause


class WrongKey(LedgerError):
    def __init__(self) -> None:
        super().__init__("LEDGER_KEY is not the key that this was encrypted with")


class NoLender(LedgerError):
    def __init__(self) -> None:
        super().__init__("a notice needs LENDER_NAME and LENDER_CONTACT, who to write to")


class UnknownDecision(LedgerError):
    def __init__(self, decision_id: str) -> None:
        super().__init__(f"no decision has the id {decision_id}")
        self.decision_id = decision_id


class AlreadyContested(LedgerError):
    def __init__(self, decision_id: str) -> None:
        super().__init__(f"decision {decision_id} is contested already")
        self.decision_id = decision_id


class AlreadyReviewed(LedgerError):
    """The review is complete, or this author has already given one."""

    def __init__(self, decision_id: str) -> None:
        super().__init__(f"decision {decision_id} is reviewed already")
        self.decision_id = decision_id


class InvalidFile(LedgerError):
    def __init__(self, path: str, line: int, problem: str) -> None:
        super().__init__(f"{path}, line {line}: {problem}")
        self.line = line
