"""The alternatives, as one would write them with care. They run in environments of their own."""
