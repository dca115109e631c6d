"""The options of every command that may promote a version."""

import argparse

from train.gate import Limits
from train.promotion.publish import POLICIES, Policy
from train.readers import share


def add_gate(parser: argparse.ArgumentParser, promote: Policy) -> None:
    """Adds `--promote`, with its default, and the limits of the gate."""
    add = parser.add_argument
    add("--promote", choices=POLICIES, default=promote, help="whether the gate decides on champion")
    add("--cost-tolerance", type=share, default=Limits.cost, help="share of cost more allowed")
    add("--auc-tolerance", type=share, default=Limits.auc, help="AUC less allowed")
    add("--calibration-limit", type=share, default=Limits.calibration, help="calibration error")
    add(
        "--group-calibration-limit",
        type=share,
        default=Limits.group_calibration,
        help="calibration error in the worst group by a protected attribute",
    )
    add(
        "--acceptance-limit",
        type=share,
        default=Limits.ratio,
        help="least acceptance of a group over that of the most accepted (not by age)",
    )
    add(
        "--acceptance-tolerance",
        type=share,
        default=Limits.ratio_drop,
        help="by how much that ratio may fall below the champion's",
    )


def limits(options: argparse.Namespace) -> Limits:
    """The gate's limits among parsed options."""
    return Limits(
        cost=options.cost_tolerance,
        auc=options.auc_tolerance,
        calibration=options.calibration_limit,
        group_calibration=options.group_calibration_limit,
        ratio=options.acceptance_limit,
        ratio_drop=options.acceptance_tolerance,
    )
