"""The error of the generator."""


class SampleError(Exception):
    """One line that a user of the generator can act on."""
