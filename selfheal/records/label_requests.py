"""The `label_requests` topic: the transactions whose labels would help most."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LabelRequest:
    """A plea for one label. Stays on its own topic: ids are never shipped to Elasticsearch.

    priority: expected help of the label, higher first
    """

    id: str
    event_ms: int
    reason: str
    priority: float
