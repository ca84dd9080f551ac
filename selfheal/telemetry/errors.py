"""What can go wrong in telling.

TelemetryError
├── EventError       an event or a field that is not in the closed list, or not of its type
├── MetricError      labels that the metric does not have
├── EndpointError    the metrics endpoint cannot listen
└── ExportError      columns that do not fit together, or a folder that cannot be written
"""


class TelemetryError(Exception):
    """Base of the errors of this package."""


class EventError(TelemetryError, ValueError):
    """An event or a field that is not in the closed list, or not of its type."""


class MetricError(TelemetryError, ValueError):
    """Labels that the metric does not have."""


class EndpointError(TelemetryError, OSError):
    """The metrics endpoint cannot listen where it was told to."""


class ExportError(TelemetryError):
    """Columns that do not fit together, or a folder that cannot be written."""
