"""Who may ask: API keys, and how often each may."""
