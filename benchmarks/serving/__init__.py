"""How fast, how large and how soon: ours and the alternatives, side by side in one run."""
