"""What can go wrong when transactions are made or replayed.

ProducerError
├── ScenarioError   a scenario that does not exist, or a setting that it does not have
├── LabelError      labels that cannot be given as asked
└── SourceError     a file that cannot be read, or that lacks what was asked of it
"""


class ProducerError(Exception):
    """Base of this package's errors."""


class ScenarioError(ProducerError):
    """No scenario of this name, or a setting that the scenario does not have."""


class LabelError(ProducerError):
    """Labels that cannot be given as asked."""


class SourceError(ProducerError):
    """A file that cannot be read, or that lacks what was asked of it."""
