"""The published recipe on a stream: scorer, registry and healer in one process."""

import numpy as np

from cli.in_process import InProcess
from healer.policies import ARTICLE
from healer.policy_settings import HealingSettings
from selfheal.records.feedback import Label

BATCH = 100


class Run:
    """A stream in batches of 100, every label at once.

    versions: what served each batch; adapters: every version that could serve
    """

    def __init__(self, model, stream, thresholds=None):
        self.system = InProcess(model, ARTICLE, HealingSettings(), thresholds)
        self.versions, self.adapters = [], {}
        rows = stream.rows(0, stream.transactions)
        for first in range(0, stream.transactions, BATCH):
            place = slice(first, first + BATCH)
            ids = [f"row-{row}" for row in range(first, first + BATCH)]
            labels = [
                Label(id_, int(label), first + BATCH)
                for id_, label in zip(ids, rows.labels[place], strict=True)
            ]
            self.versions.append(self.system.live.version)
            event_ms = np.arange(first, first + BATCH)
            self.system.feed(ids, event_ms, rows.values[place], labels)
            self.adapters |= self.system.healer.versions

    def told(self, kind):
        return [event for event in self.system.events if isinstance(event, kind)]
