"""What can go wrong in a measurement.

BenchError
"""


class BenchError(RuntimeError):
    """A measurement that gave no figure: what was measured, and what was missing."""
