"""Scoring many clients at once with a registered model."""
