"""A heal's steps as events: what was proposed, what the gate said, what serves now."""

from dataclasses import dataclass

from healer.actions import Publish
from healer.episode import Episode
from healer.policy import Alarm, Heal, MoveThreshold, Proposal, Restore, RollBack, Serving
from selfheal.model.adapter import Adapter
from selfheal.records.healing_events import (
    DriftCleared,
    DriftDetected,
    GateDecided,
    HealFailed,
    HealHeld,
    HealPublished,
    HealStarted,
    VersionActivated,
    VersionRolledBack,
)
from selfheal.records.operating_point_events import ThresholdMoved


@dataclass(frozen=True, slots=True)
class HealStory:
    """Tells of one heal. number: of the attempt, from 1; policy: its name."""

    number: int
    policy: str

    def started(self, heal: Heal, served: Serving, episode: int | None) -> HealStarted:
        """A candidate is being made."""
        return HealStarted(
            heal=self.number,
            policy=self.policy,
            trigger=heal.trigger,
            version=served.version,
            rows=heal.rows,
            labelled_rows=heal.labelled_rows,
            episode=episode,
        )

    def failed(self, error_class: str, duration_s: float) -> HealFailed:
        """No candidate came of it."""
        return HealFailed(self.number, self.policy, error_class, duration_s)

    def decided(self, proposal: Proposal) -> GateDecided:
        """The gate has spoken."""
        gate = proposal.gate
        return GateDecided(
            heal=self.number,
            verdict=gate.verdict,
            reason=gate.reason,
            rows=gate.rows,
            labelled_rows=gate.labelled_rows,
            frauds=gate.frauds,
            loss_gain=gate.loss_gain,
            standard_error=gate.standard_error,
            changed_share=gate.changed_share,
        )

    def held(self, proposal: Proposal, served: Serving, duration_s: float) -> HealHeld:
        """What serves stays."""
        gate = proposal.gate
        return HealHeld(
            self.number, self.policy, gate.reason, served.version, duration_s, gate.loss_gain
        )

    def published(self, done: Publish, served: Serving, parent: str) -> HealPublished:
        """The candidate serves."""
        gate, adapter = done.proposal.gate, done.proposal.adapter
        return HealPublished(
            heal=self.number,
            policy=self.policy,
            version=served.version,
            parent=parent,
            epoch=served.epoch,
            parts=parts_of(adapter) if adapter else (),
            rows=done.proposal.rows,
            labelled_rows=done.proposal.labelled_rows,
            duration_s=done.duration_s,
            loss_gain=gate.loss_gain,
            changed_share=gate.changed_share,
            accuracy=gate.accuracy,
            previous_accuracy=gate.previous_accuracy,
            f1=gate.f1,
            previous_f1=gate.previous_f1,
        )


def detected(episode: int, alarm: Alarm, served: Serving, layers: tuple[str, ...]) -> DriftDetected:
    """An episode begins. layers: that left their baseline."""
    return DriftDetected(
        episode=episode,
        drift=alarm.drift,
        detector=alarm.detector,
        features=alarm.features,
        statistic=alarm.statistic,
        threshold=alarm.threshold,
        rows=alarm.rows,
        version=served.version,
        onset_ms=alarm.onset_ms,
        layers=layers,
    )


def cleared(episode: Episode, served: Serving, now_ms: int) -> DriftCleared:
    """An episode ends. served: by now, which may be what ended it"""
    return DriftCleared(episode.number, episode.detector, served.version, episode.lasted_s(now_ms))


def activated(served: Serving, previous: str) -> VersionActivated:
    """The pointer names a heal's version."""
    return VersionActivated(served.version, previous, served.epoch, "heal", served.threshold)


def restored(intent: Restore, served: Serving, previous: str) -> VersionActivated:
    """The pointer names the version of a known regime, or none."""
    return VersionActivated(served.version, previous, served.epoch, intent.cause, served.threshold)


def model_activated(served: Serving, previous: str) -> VersionActivated:
    """The pointer names another model, without an adapter."""
    return VersionActivated(served.version, previous, served.epoch, "model", served.threshold)


def rolled_back(intent: RollBack, served: Serving, previous: str) -> VersionRolledBack:
    """The pointer names what was chosen instead."""
    return VersionRolledBack(
        version=served.version,
        previous_version=previous,
        epoch=served.epoch,
        cause=intent.cause,
        labelled_rows=intent.labelled_rows,
        f1_drop=intent.f1_drop,
        accuracy_drop=intent.accuracy_drop,
    )


def threshold_moved(intent: MoveThreshold, served: Serving, previous: float) -> ThresholdMoved:
    """The same version decides at another threshold."""
    return ThresholdMoved(
        version=served.version,
        epoch=served.epoch,
        cause=intent.cause,
        decision_threshold=served.threshold,
        previous_decision_threshold=previous,
        alert_share=intent.alert_share,
        previous_alert_share=intent.previous_alert_share,
        rows=intent.rows,
        labelled_rows=intent.labelled_rows,
    )


def parts_of(adapter: Adapter) -> tuple[str, ...]:
    """Names of the parts that are there, as "alignment" or "latent.backbone"."""
    names = ("alignment", "head", "output", "trees")
    present = [name for name in names if getattr(adapter, name) is not None]
    return (*present, *(f"latent.{layer}" for layer in adapter.latents))
