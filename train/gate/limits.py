"""What the gate lets pass."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """How much worse than the champion, and how far from ideal, a new champion may be.

    A check fails where the whole 95 % interval lies beyond its limit: luck in who is judged refuses
    no model, and a small holdout refuses few. A loss against the champion that measures more than
    the gross one (or than the limit, if that is larger) refuses however wide its interval is.

    - `cost`: share of the champion's business cost by which the new cost may exceed it.
    - `auc`: by how much the AUC may fall below the champion's.
    - `gross_cost`, `gross_auc`: the same, of the measured values themselves.
    - `calibration`: mean distance of predicted and observed default rate, over tenths of the
      clients or as many parts as hold 500 each.
    - `group_calibration`: the same distance in the worst group of a protected attribute.
    - `ratio`: least acceptance of a group over that of the most accepted one. The default is below
      the four fifths that the report flags: base rates differ, and a limit is the lender's to set.
    - `ratio_drop`: by how much that ratio may fall below the champion's.
    """

    cost: float = 0.01
    auc: float = 0.002
    gross_cost: float = 0.05
    gross_auc: float = 0.01
    calibration: float = 0.05
    group_calibration: float = 0.1
    ratio: float = 0.4
    ratio_drop: float = 0.05
