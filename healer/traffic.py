"""Drift over all traffic: the scorers' summaries, folded into looks at a regular cadence.

The healer's policies work on samples, a few thousand rows. Summaries count every row of every
scorer, so that what is too rare or too small for the samples is seen here. Bins of two adapters
cannot be added, so each epoch of the pointer is folded apart.
"""

from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from healer.policy import Serving
from healer.policy_settings import HealingSettings
from healer.traffic_look import TrafficLook
from selfheal.drift.cadence import Cadence
from selfheal.drift.hysteresis import Hysteresis, Watched
from selfheal.drift.importance import importance, weighted_drift
from selfheal.drift.kinds import KindEvidence, drift_kind
from selfheal.drift.layer_baselines import VersionedLayers
from selfheal.drift.layers import LayerMean
from selfheal.drift.mixture import Floats
from selfheal.drift.summary_drift import SummaryDrift, summary_drift
from selfheal.drift.totals import Totals, layer_names, no_totals, totals_of
from selfheal.model.adapter import Adapter
from selfheal.model.compiled import compile_model
from selfheal.model.model import Model
from selfheal.records.event_fields import DriftKind
from selfheal.records.feedback import Summary

WINDOW_LOOKS = 20
"""Looks in the long window, which finds what is too small for one look."""

WEIGHING_ROWS = 200
"""Sampled rows that tell how important each feature is."""

_MOST_ROWS = 1_000_000
"""Rows of one and the same event time after which a look is taken all the same."""

_EPOCHS = 4
"""Epochs folded at a time: scorers swap one after another."""


@dataclass(slots=True)
class _Epoch:
    """The summaries of one epoch. pending: not yet in a look; fresh: looks not yet looked at."""

    pending: Totals
    looks: deque[Totals] = field(default_factory=lambda: deque(maxlen=WINDOW_LOOKS))
    fresh: int = 0


class Traffic:
    """Folds summaries, and looks at the epoch that serves.

    run_length: looks between false alarms on a stream that does not change, over all features and
                both windows
    """

    def __init__(self, model: Model, every: Cadence, run_length: float) -> None:
        self._model, self._every = model, every
        self._run_length = 2.0 * run_length  # shared by the two windows
        self._epochs: OrderedDict[int, _Epoch] = OrderedDict()
        self._layers = VersionedLayers(clean_layers(model))
        self._rule = Hysteresis()
        self._watched: dict[str, Watched] = {}
        self._last: TrafficLook | None = None
        features = len(model.schema.features)
        self._importance: Floats = np.full(features, 1.0) / features
        self.is_weighed = False

    @staticmethod
    def under(model: Model, settings: HealingSettings) -> "Traffic":
        """With the operator's cadence and run length."""
        every = Cadence(max(round(1000.0 * settings.look_every_s), 1), settings.look_rows)
        return Traffic(model, every, settings.run_length_looks)

    def add(self, summary: Summary) -> None:
        """Count a summary. Raises FeatureError for one of another model."""
        totals = totals_of(summary, self._model)
        epoch = self._epochs.setdefault(summary.epoch, _Epoch(no_totals(self._model)))
        self._epochs.move_to_end(summary.epoch)
        while len(self._epochs) > _EPOCHS:
            self._epochs.popitem(last=False)
        epoch.pending = epoch.pending.merged(totals)
        elapsed_ms = epoch.pending.last_ms - epoch.pending.first_ms
        rows = epoch.pending.rows
        stands_still = elapsed_ms <= 0 and rows >= _MOST_ROWS
        if self._every.is_due(elapsed_ms, rows) or stands_still:
            epoch.looks.append(epoch.pending)
            epoch.pending = no_totals(self._model)
            epoch.fresh = min(epoch.fresh + 1, WINDOW_LOOKS)

    def look(self, served: Serving) -> TrafficLook | None:
        """The newest look at the epoch that serves; None before its first.

        Cheap where no look has become due since the last call.
        """
        epoch = self._epochs.get(served.epoch)
        if epoch is None or not epoch.looks:
            return None
        if self._last is not None and self._last.epoch != served.epoch:
            self._watched, self._last = {}, None
        fresh, epoch.fresh = epoch.fresh, 0
        looks = list(epoch.looks)
        for last in range(len(looks) - fresh, len(looks)):
            self._last = self._looked(looks[: last + 1], served)
        return self._last

    def weigh(self, rows: Floats) -> None:
        """Let each feature count by its importance to the backbone's logit on these rows, once.

        rows: raw values (n, f), a few hundred; until then all features count alike
        """
        if not self.is_weighed and len(rows) >= WEIGHING_ROWS:
            self.is_weighed = True
            backbone = compile_model(self._model)
            rng = np.random.default_rng(0)
            self._importance = importance(
                lambda values: backbone.score(values).base_logit.astype(np.float64), rows, rng
            )

    def _looked(self, looks: list[Totals], served: Serving) -> TrafficLook:
        prior = _prior(served, self._model)
        both = looks[0]
        for totals in looks[1:]:
            both = both.merged(totals)
        newest = summary_drift(looks[-1], self._model, prior, self._run_length)
        window = summary_drift(both, self._model, prior, self._run_length)
        excess = {
            a.feature: max(a.excess, b.excess)
            for a, b in zip(newest.features, window.features, strict=True)
        }
        for name, value in excess.items():
            self._watched[name] = self._rule.after(self._watched.get(name, Watched()), value)
        return TrafficLook(
            epoch=served.epoch,
            version=served.version,
            newest=newest,
            window=window,
            excess=excess,
            alarmed=self._alarmed(excess),
            weighted_psi=weighted_drift(
                np.array([feature.psi for feature in window.features]), self._importance
            ),
            kind=self._kind(both, window, prior, served.adapter),
            layers=self._layers.update(served.version, looks[-1].layers),
        )

    def _alarmed(self, excess: Mapping[str, float]) -> tuple[str, ...]:
        names = [name for name, watched in self._watched.items() if watched.is_alarmed]
        return tuple(sorted(names, key=lambda name: -excess[name]))

    def _kind(
        self, both: Totals, window: SummaryDrift, prior: float, adapter: Adapter | None
    ) -> DriftKind | None:
        """One other prior explains it all, or features have moved."""
        if not window.moved or not maps_inputs_only(adapter):
            return drift_kind(KindEvidence(moved=len(window.moved)))
        fitted = summary_drift(both, self._model, window.prior.prior, self._run_length)
        evidence = KindEvidence(len(fitted.moved), window.prior.z_from(prior))
        return drift_kind(evidence)


def clean_layers(model: Model) -> dict[str, LayerMean]:
    """The layers' levels on the clean rows that the model was calibrated on."""
    rows, layers = float(model.reference.logit_rows.sum()), model.reference.layers
    pairs = {name: layers[name].tolist() for name in layer_names(model)}
    return {name: LayerMean(rows, mean, sd) for name, (mean, sd) in pairs.items()}


def _prior(served: Serving, model: Model) -> float:
    """The share of frauds that the serving version was made for."""
    stored = served.regime.get("prior")
    return model.reference.prior if stored is None else float(stored)


def maps_inputs_only(adapter: Adapter | None) -> bool:
    """Whether the score's bins are still those of the backbone's own logit."""
    return adapter is None or replace(adapter, alignment=None).is_identity
