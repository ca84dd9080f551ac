"""Which scorers live, and which serve an older pointer than the registry's. Pure."""

from dataclasses import dataclass, field, replace

from selfheal.records.feedback import Summary

_LATE_S = 30.0
"""A scorer that sent no summary for so long counts as gone."""


@dataclass(frozen=True, slots=True)
class Scorers:
    """Epoch served and moment of the last summary (seconds), by instance.

    >>> summary = Summary("a", "v1", 3, 0, 0, 1, {}, [], {}, {}, {}, 0)
    >>> Scorers().with_summary(summary, now_s=10.0).behind(epoch=4, now_s=11.0)
    1
    """

    seen: dict[str, tuple[int, float]] = field(default_factory=dict[str, tuple[int, float]])

    def with_summary(self, summary: Summary, now_s: float) -> "Scorers":
        """After one more summary; those that are gone are forgotten."""
        living = {name: at for name, at in self.seen.items() if now_s - at[1] <= _LATE_S}
        return replace(self, seen={**living, summary.instance: (summary.epoch, now_s)})

    def living(self, now_s: float) -> int:
        """Scorers whose summaries came in lately."""
        return sum(now_s - at <= _LATE_S for _, at in self.seen.values())

    def behind(self, epoch: int, now_s: float) -> int:
        """Of these, those that serve an older epoch than this one."""
        return sum(now_s - at <= _LATE_S and served < epoch for served, at in self.seen.values())
