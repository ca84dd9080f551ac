"""Asking for labels: whose, and when again."""

from collections.abc import Iterable
from itertools import islice

import numpy as np

from healer.actions import Action, Ask, Say
from healer.episode import Episode
from healer.label_choice import spread_choice
from healer.policy_settings import HealingSettings
from healer.window import FeedbackWindow
from selfheal.records.healing_events import LabelsNeeded
from selfheal.records.label_requests import LabelRequest

AGAIN_ROWS = 2_000
"""Rows after which labels are asked for again while the need lasts; then twice as many each time.

So that what is asked for grows with the logarithm of how long a drift lasts.
"""

_REMEMBERED = 100_000
"""Newest requests that are remembered."""


class Asking:
    """Remembers what was asked for, so that nobody is asked twice."""

    def __init__(self) -> None:
        self._reason = ""
        self._asked: dict[str, None] = {}
        self._pause = AGAIN_ROWS
        self._due_at = 0

    def recall(self, ids: Iterable[str]) -> None:
        """Transactions that were asked for already, the newest last."""
        for id_ in ids:
            self._asked[id_] = None
        surplus = max(0, len(self._asked) - _REMEMBERED)
        for id_ in list(islice(self._asked, surplus)):
            del self._asked[id_]

    def first(
        self, reason: str, episode: Episode, window: FeedbackWindow, settings: HealingSettings
    ) -> list[Action]:
        """Ask, as the need begins. reason: why only labels can help, as a word for events"""
        self._reason, self._pause = reason, AGAIN_ROWS
        requests = self._requests(episode, window, settings)
        return [Say(LabelsNeeded(len(requests), reason, episode.number)), Ask(requests)]

    def again(
        self, episode: Episode, window: FeedbackWindow, settings: HealingSettings
    ) -> list[Action]:
        """Ask for more while the need lasts; most times nothing, as it is not due."""
        if not episode.is_open or window.samples_seen < self._due_at:
            return []
        self._pause *= 2
        requests = self._requests(episode, window, settings)
        needed = LabelsNeeded(len(requests), self._reason, episode.number)
        return [Say(needed), Ask(requests)] if requests else []

    def _requests(
        self, episode: Episode, window: FeedbackWindow, settings: HealingSettings
    ) -> tuple[LabelRequest, ...]:
        self._due_at = window.samples_seen + self._pause
        rows = window.newest(settings.window_rows).since(episode.onset_ms or 0)
        ids = window.ids(rows)
        is_open = np.array([id_ not in self._asked for id_ in ids], dtype=np.bool_)
        places = np.flatnonzero(is_open & np.isnan(rows.label))
        alike = np.column_stack([rows.values, rows.score])[places]
        rng = np.random.default_rng([settings.seed, window.samples_seen])
        chosen: list[int] = places[spread_choice(alike, settings.label_budget, rng)].tolist()
        self.recall(ids[row] for row in chosen)
        return tuple(
            LabelRequest(ids[row], int(rows.event_ms[row]), self._reason, 1.0 - k / len(chosen))
            for k, row in enumerate(chosen)
        )
