"""What scoring a million clients at once costs, ours beside what it stands on."""
