"""The topics: their names, and how each must be set up."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from selfheal.bus.settings import MAX_RECORD_BYTES

DATA_PARTITIONS = 6
"""So many scorers can share the work; raising it later changes where keys land."""

_DAY_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic as it must be. config: the topic's own properties, by Kafka's names."""

    name: str
    partitions: int
    config: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def is_compacted(self) -> bool:
        """Whether Kafka keeps the last record of each key for ever."""
        return "compact" in self.config.get("cleanup.policy", "delete")


@dataclass(frozen=True, slots=True)
class Topics:
    """The names of the topics of one model. prefix: as in `BusSettings.prefix`.

    >>> Topics("cards.").predictions
    'cards.predictions'
    """

    prefix: str = ""

    @property
    def transactions(self) -> str:
        """What is scored."""
        return f"{self.prefix}transactions"

    @property
    def predictions(self) -> str:
        """One for each valid transaction."""
        return f"{self.prefix}predictions"

    @property
    def feedback(self) -> str:
        """Labels, conflicts, samples, summaries: all that the healer learns from."""
        return f"{self.prefix}feedback"

    @property
    def adapters(self) -> str:
        """The registry: snapshots and the pointer to the active one. One partition, compacted."""
        return f"{self.prefix}adapters"

    @property
    def control(self) -> str:
        """Operators' commands. One partition."""
        return f"{self.prefix}control"

    @property
    def label_requests(self) -> str:
        """The transactions whose labels would help most."""
        return f"{self.prefix}label_requests"

    @property
    def events(self) -> str:
        """What happened, as ECS documents."""
        return f"{self.prefix}events"

    @property
    def transactions_dlq(self) -> str:
        """Transactions that could not be scored."""
        return f"{self.prefix}transactions.dlq"

    @property
    def feedback_dlq(self) -> str:
        """Feedback that could not be used."""
        return f"{self.prefix}feedback.dlq"

    def specs(self, partitions: int = DATA_PARTITIONS) -> list[TopicSpec]:
        """How each topic must be set up. partitions: of those that carry data, at least 1."""
        return [
            TopicSpec(self.transactions, partitions, _kept(days=7)),
            TopicSpec(self.predictions, partitions, _kept(days=7)),
            # Labels of card fraud come up to three months late, and meet their sample here.
            TopicSpec(self.feedback, partitions, _kept(days=90)),
            TopicSpec(self.adapters, 1, _REGISTRY),
            TopicSpec(self.control, 1, _kept(days=30)),
            TopicSpec(self.label_requests, 1, _kept(days=30)),
            TopicSpec(self.events, 1, _kept(days=30)),
            TopicSpec(self.transactions_dlq, partitions, _DEAD_LETTERS),
            TopicSpec(self.feedback_dlq, partitions, _DEAD_LETTERS),
        ]


def _kept(days: int) -> dict[str, str]:
    return {"cleanup.policy": "delete", "retention.ms": str(days * _DAY_MS)}


_REGISTRY = {
    "cleanup.policy": "compact",
    "max.message.bytes": str(MAX_RECORD_BYTES),
    # The newest segment is never compacted: with Kafka's 1 GB the topic never would be.
    "segment.bytes": str(4 * MAX_RECORD_BYTES),
    "segment.ms": str(_DAY_MS),
    # A reader that was away for a week-end still learns what was deleted.
    "delete.retention.ms": str(7 * _DAY_MS),
}

# A dead letter is its original plus headers: what fitted the original's topic must fit here.
_DEAD_LETTERS = {**_kept(days=30), "max.message.bytes": str(MAX_RECORD_BYTES)}
