"""Synthetic Home Credit tables: published columns, types, keys and statistics, made-up rows."""

from train.sample.generate import generate

__all__ = ["generate"]
