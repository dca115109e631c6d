"""How good scores are and what they cost: metrics, intervals, calibration, threshold."""
