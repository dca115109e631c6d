"""Figures, side by side with the alternatives."""
