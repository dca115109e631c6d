"""What there is to learn from: tables found, opened, cleaned, and aggregated by an engine."""
