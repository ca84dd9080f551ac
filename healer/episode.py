"""What is under way in the healer: a stretch of drift, and a job."""

from dataclasses import dataclass

from healer.policy import Heal


@dataclass(slots=True)
class Episode:
    """A stretch of drift, from its alarm until it is cleared.

    onset_ms: estimated event time at which it began; None where nobody knows
    detector: that raised the alarm
    """

    number: int = 0
    started_ms: int = 0
    is_open: bool = False
    onset_ms: int | None = None
    detector: str = ""

    def lasted_s(self, now_ms: int) -> float:
        """Seconds since the alarm; 0 where the clock was set back."""
        return max(0.0, (now_ms - self.started_ms) / 1000.0)


@dataclass(slots=True)
class Job:
    """A job under way. heal: None for a study; epoch: of the pointer in force when it began."""

    heal: Heal | None
    started_ms: int
    epoch: int

    def lasted_s(self, now_ms: int) -> float:
        """Seconds since it began; 0 where the clock was set back."""
        return max(0.0, (now_ms - self.started_ms) / 1000.0)
