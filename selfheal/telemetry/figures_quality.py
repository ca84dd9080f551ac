"""How good the decisions are, healed beside frozen: accuracy, F1, lift, precision and recall."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter
from numpy.typing import NDArray

from selfheal.telemetry import plot_style as style
from selfheal.telemetry.confusion import Confusion
from selfheal.telemetry.plot_frame import PlotFrame


def accuracy_figure(frame: PlotFrame) -> Figure:
    """Share of right decisions; beside them the constant that calls every row legitimate."""
    figure, axes = style.new_figure("Accuracy, healed beside frozen", _words(frame, "accuracy"))
    counts = _rolling(frame, "healed")
    constant = np.divide(
        counts.tn + counts.fp,
        counts.labelled,
        out=np.full(len(frame.table), np.nan),
        where=counts.labelled > 0,
    )
    _compare(axes[0], frame, "accuracy")
    style.smooth_line(axes[0], constant, constant, "always legitimate", style.CONSTANT)
    axes[0].set_ylabel("accuracy, share of labelled rows", fontsize=12)
    return style.finished(figure, axes, frame)


def f1_figure(frame: PlotFrame) -> Figure:
    """F1 of fraud."""
    figure, axes = style.new_figure("F1, healed beside frozen", _words(frame, "f1"))
    _compare(axes[0], frame, "f1")
    axes[0].set_ylabel("F1 of fraud, 0 to 1", fontsize=12)
    return style.finished(figure, axes, frame)


def precision_recall_figure(frame: PlotFrame) -> Figure:
    """Precision above, recall below: what a change of F1 is made of."""
    figure, axes = style.new_figure(
        "Precision and recall, healed beside frozen", _words(frame, "precision", "recall"), rows=2
    )
    for ax, name in zip(axes, ("precision", "recall"), strict=True):
        _compare(ax, frame, name)
        ax.set_ylabel(f"{name} of fraud, 0 to 1", fontsize=12)
    return style.finished(figure, axes, frame)


def lift_figure(frame: PlotFrame) -> Figure:
    """What healing gains over the frozen model: a batch above, summed up below."""
    gained = frame.table.healed.tp + frame.table.healed.tn
    gained = gained - frame.table.shadow.tp - frame.table.shadow.tn
    total = np.cumsum(gained)
    figure, axes = style.new_figure(
        "Accuracy lift: healed minus frozen",
        f"in all {total[-1]:+,} right decisions on "
        f"{frame.table.healed.labelled.sum():,} labelled rows; {style.smoothing_words(frame)}",
        rows=2,
    )
    smooth = _rolling(frame, "healed").accuracy - _rolling(frame, "shadow").accuracy
    style.smooth_line(axes[0], frame.table.lift, smooth, "lift", style.HEALED)
    axes[0].axhline(0, color=style.CONSTANT, linewidth=1)
    axes[0].set_ylabel("lift, share of rows", fontsize=12)
    summed = total.astype(np.float64)
    style.smooth_line(axes[1], summed, summed, "right decisions gained", style.HEALED)
    axes[1].fill_between(np.arange(total.size), total, color=style.HEALED, alpha=0.15)
    axes[1].axhline(0, color=style.CONSTANT, linewidth=1)
    axes[1].set_ylabel("summed up, rows", fontsize=12)
    axes[1].yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    return style.finished(figure, axes, frame)


def _compare(ax: Axes, frame: PlotFrame, name: str) -> None:
    """Healed and frozen, one ratio of their decisions."""
    for model, words, colour, line in style.MODELS:
        raw = getattr(getattr(frame.table, model), name)
        style.smooth_line(ax, raw, getattr(_rolling(frame, model), name), words, colour, line)
    ax.set_ylim(-0.02, 1.02)


def _rolling(frame: PlotFrame, model: str) -> Confusion:
    return getattr(frame.table, model).rolling(frame.window, frame.breaks)


def _words(frame: PlotFrame, *names: str) -> str:
    """The figures of the last quarter, on the same rows for both models."""
    quarter = max(1, -(-len(frame.table) // 4))
    figures = [
        f"{'F1' if name == 'f1' else name} "
        f"{_last(getattr(frame.table.healed.rolling(quarter), name))} healed, "
        f"{_last(getattr(frame.table.shadow.rolling(quarter), name))} frozen"
        for name in names
    ]
    return f"last quarter: {', '.join(figures)}; {style.smoothing_words(frame)}"


def _last(ratios: NDArray[np.float64]) -> str:
    return "undefined" if np.isnan(ratios[-1]) else f"{ratios[-1]:.3f}"
