"""What the healer tells of the threshold at which a version decides."""

from dataclasses import dataclass
from typing import Literal

from selfheal.records.event_fields import Count, Name, Share


@dataclass(frozen=True, slots=True)
class ThresholdMoved:
    """The same version decides at another threshold: the operating point has moved."""

    version: Name
    epoch: Count
    cause: Literal["cost", "capacity"]
    decision_threshold: Share
    previous_decision_threshold: Share
    alert_share: Share
    previous_alert_share: Share
    rows: Count
    labelled_rows: Count
