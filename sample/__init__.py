"""Synthetic Home Credit tables: published columns, types, keys and statistics, made-up rows."""

from sample.generate import generate

__all__ = ["generate"]
