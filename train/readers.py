"""How options that several commands share are read, for argparse's `type`."""

import argparse


def text(value: str) -> str | None:
    """Text, where an empty one stands for none: MLproject has no other way to say so."""
    return value or None


def ratio(value: str) -> float:
    """A positive, finite number."""
    number = float(value)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a positive number, got {value}")
    return number


def share(value: str) -> float:
    """A number from 0 to 1."""
    number = float(value)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"must be from 0 to 1, got {value}")
    return number
