"""What the healer saw and did: FIDI, conflicts, states and versions, and the scores themselves."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from selfheal.telemetry import plot_style as style
from selfheal.telemetry.confusion import rolling_sum
from selfheal.telemetry.plot_frame import PlotFrame

_STATES = {
    "HEALTHY": style.SWAP,
    "DRIFTING": style.LIMIT,
    "HEALING": style.HEALED,
    "ROLLED_BACK": style.RETURN,
}

_NAMED_VERSIONS = 12
"""More versions than this are numbered on their axis from 0, not named."""


def fidi_figure(frame: PlotFrame) -> Figure:
    """FIDI's z of each batch, beside its threshold."""
    z = frame.table.z
    above = int((z > frame.fidi_threshold).sum())
    figure, axes = style.new_figure(
        "FIDI: shift of the key feature's mean",
        f"{above} of {len(z)} batches above the threshold of {frame.fidi_threshold:g}",
    )
    style.smooth_line(axes[0], z, z, "z of the batch", style.HEALED)
    _limit(axes[0], frame.fidi_threshold, f"threshold {frame.fidi_threshold:g}")
    axes[0].set_ylabel("z, calibration standard deviations", fontsize=12)
    axes[0].set_ylim(bottom=0)
    return style.finished(figure, axes, frame)


def conflicts_figure(frame: PlotFrame) -> Figure:
    """Conflicts of each batch between rules and score, beside the number that triggers a heal."""
    conflicts = frame.table.conflicts
    above = int((conflicts >= frame.conflict_min).sum())
    figure, axes = style.new_figure(
        "Conflicts: a rule says fraud and the score does not",
        f"{above} of {len(conflicts)} batches have {frame.conflict_min} or more; "
        f"{style.smoothing_words(frame, 'bars')}",
    )
    axes[0].bar(
        np.arange(conflicts.size),
        conflicts,
        width=1.0,
        color=style.HEALED,
        alpha=0.4,
        label="conflicts in the batch",
    )
    if frame.window > 1:
        batches = rolling_sum(np.ones_like(conflicts), frame.window, frame.breaks)
        mean = rolling_sum(conflicts, frame.window, frame.breaks) / batches
        style.smooth_line(axes[0], mean, mean, "mean", style.HEALED)
    _limit(axes[0], frame.conflict_min, f"trigger, {frame.conflict_min}")
    axes[0].set_ylabel("conflicts, rows", fontsize=12)
    axes[0].yaxis.set_major_locator(MaxNLocator(integer=True))
    return style.finished(figure, axes, frame)


def states_figure(frame: PlotFrame) -> Figure:
    """The healer's state above, the version that serves below."""
    versions = list(dict.fromkeys(name for name in frame.table.version.tolist() if name))
    figure, axes = style.new_figure(
        "State of the healer, and the version that serves",
        f"versions: {len(versions)}, swaps to a new one: {len(frame.swaps)}, "
        f"returns to an earlier one: {len(frame.returns)}",
        rows=2,
    )
    _draw_states(axes[0], frame)
    _draw_versions(axes[1], frame, versions)
    return style.finished(figure, axes, frame)


def scores_figure(frame: PlotFrame) -> Figure:
    """The scores of both classes: before the drift, and frozen and healed on the same rows after.

    With no known onset the first panel shows the whole stream as served.
    """
    stream, periods = frame.stream, frame.periods()
    before = "before the onset" if frame.onsets else "whole stream, healed"
    panels = (
        (before, periods["clean"], stream.scores, stream.decisions),
        (
            "last quarter, frozen",
            periods["judged"],
            stream.shadow_scores,
            stream.shadow_scores >= stream.shadow_threshold,
        ),
        ("last quarter, healed", periods["judged"], stream.scores, stream.decisions),
    )
    figure, axes = style.new_figure(
        "Scores by class: before the drift, frozen, healed",
        "labelled rows; frozen and healed are the same rows; under each panel its decisions",
        columns=3,
    )
    for ax, (name, rows, scores, decisions) in zip(axes, panels, strict=True):
        _draw_scores(ax, stream.labels[rows], scores[rows], decisions[rows], name)
    axes[0].set_ylabel("share of the class's rows, logarithmic", fontsize=12)
    style.add_legend(axes[-1])
    return figure


def _shortened(name: str) -> str:
    return name if len(name) <= 18 else f"{name[:17]}…"


def _limit(ax: Axes, value: float, name: str) -> None:
    ax.axhline(value, color=style.LIMIT, linewidth=2, linestyle="--", label=name)


def _draw_states(ax: Axes, frame: PlotFrame) -> None:
    """A bar for each stay in a state, to the row: a stay may be shorter than a batch."""
    for place, (state, colour) in enumerate(_STATES.items()):
        stays = _runs(frame.stream.states == state)
        ranges = [(row / frame.batch_rows - 0.5, n / frame.batch_rows) for row, n in stays]
        ax.broken_barh(ranges, (place - 0.4, 0.8), facecolors=colour, label=state)
    ax.set_yticks(range(len(_STATES)), list(_STATES))
    ax.set_ylim(-0.6, len(_STATES) - 0.4)
    ax.set_ylabel("state", fontsize=12)


def _draw_versions(ax: Axes, frame: PlotFrame, versions: Sequence[str]) -> None:
    """A bar for each stay of a version, in the order in which they first served."""
    for place, version in enumerate(versions):
        ranges = [(batch - 0.5, n) for batch, n in _runs(frame.table.version == version)]
        label = "version that serves" if place == 0 else ""
        ax.broken_barh(ranges, (place - 0.4, 0.8), facecolors=style.HEALED, label=label)
    ax.yaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    if len(versions) <= _NAMED_VERSIONS:
        ax.set_yticks(range(len(versions)), [_shortened(name) for name in versions])
    ax.set_ylim(-0.6, max(len(versions), 1) - 0.4)
    ax.set_ylabel("adapter version", fontsize=12)


def _runs(is_in: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First index and length of each run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_in, [False]]).astype(np.int8)))
    return [(int(first), int(last - first)) for first, last in zip(*[iter(edges)] * 2, strict=True)]


def _draw_scores(
    ax: Axes,
    labels: NDArray[np.float64],
    scores: NDArray[np.float64],
    decisions: NDArray[np.bool_],
    name: str,
) -> None:
    bins = np.linspace(0, 1, 26).tolist()
    ax.set_yscale("log")
    ax.set_ylim(1e-4, 5)
    for label, words, colour, line in (
        (0, "legitimate", style.HEALED, "-"),
        (1, "fraud", style.FROZEN, "--"),
    ):
        chosen = scores[labels == label]
        weights = np.full(chosen.size, 1 / max(chosen.size, 1))
        ax.hist(
            chosen, bins, weights=weights, histtype="step", color=colour, linestyle=line,
            linewidth=2, label=words,
        )  # fmt: skip
    ax.set_xlim(0, 1)
    ax.text(0.5, 0.975, name, transform=ax.transAxes, fontsize=12, ha="center", va="top")
    ax.set_xlabel(f"P(fraud)\n{_decided(labels, decisions)}", fontsize=11)


def _decided(labels: NDArray[np.float64], decisions: NDArray[np.bool_]) -> str:
    found, missed = int((decisions & (labels == 1)).sum()), int((~decisions & (labels == 1)).sum())
    false, right = int((decisions & (labels == 0)).sum()), int((~decisions & (labels == 0)).sum())
    return (
        f"fraud: {found:,} found, {missed:,} missed\n"
        f"legitimate: {right:,} passed, {false:,} false alarms"
    )
