"""One look for all plots: size, palette, axes over batches, and the marks of a run's moments.

The palette is Okabe and Ito's, which readers with any colour vision can tell apart; line styles
say the same once more, for print in grey.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from matplotlib.typing import LineStyleType
from numpy.typing import NDArray

from selfheal.telemetry.plot_frame import PlotFrame

SIZE_PIXELS = (1280, 720)
_DPI = 100

HEALED = "#0072B2"  # blue
FROZEN = "#D55E00"  # vermilion
CONSTANT = "#767676"  # grey
SWAP = "#009E73"  # green
RETURN = "#CC79A7"  # purple
LIMIT = "#E69F00"  # orange
ONSET = "#000000"

MODELS: tuple[tuple[str, str, str, LineStyleType], ...] = (
    ("shadow", "frozen model", FROZEN, "--"),
    ("healed", "healed, as served", HEALED, "-"),
)
"""Column of the batch table, name, colour and line of each model; the healed one on top."""

_FEW = 60
"""Up to as many batches, each gets a marker."""

_MANY = 40
"""More marks of a kind than this are drawn fainter, so that they do not hide the lines."""


def new_figure(
    title: str, subtitle: str, *, rows: int = 1, columns: int = 1
) -> tuple[Figure, list[Axes]]:
    """A figure of SIZE_PIXELS with `rows` x `columns` axes, and a title over them all."""
    width, height = SIZE_PIXELS
    layout = ConstrainedLayoutEngine(rect=(0.005, 0.005, 0.99, 0.895))
    figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI, layout=layout)
    axes = list(figure.subplots(rows, columns, sharex=True, sharey=columns > 1, squeeze=False).flat)
    figure.suptitle(
        title, x=0.01, y=0.985, ha="left", fontsize=17, fontweight="bold"
    ).set_in_layout(False)
    figure.text(0.01, 0.918, subtitle, fontsize=11.5, color="#444444")
    for ax in axes:
        ax.grid(visible=True, color="#E3E3E3", linewidth=0.8)
        ax.set_axisbelow(True)
        ax.spines[["top", "right"]].set_visible(False)
        ax.tick_params(labelsize=11)
    return figure, axes


def finished(figure: Figure, axes: Sequence[Axes], frame: PlotFrame) -> Figure:
    """The figure with its moments marked, its legends, and batches on the x axis."""
    for ax in axes:
        _mark_moments(ax, frame)
        ax.set_xlim(-0.5, max(len(frame.table) - 0.5, 0.5))
    add_legend(axes[0], frame)
    for ax in axes[1:]:
        add_legend(ax)
    axes[-1].xaxis.set_major_locator(
        MaxNLocator(nbins=12, steps=[1, 2, 5, 10], integer=True, min_n_ticks=1)
    )
    axes[-1].set_xlabel(
        f"batch of {frame.batch_rows} transactions, in the producer's order", fontsize=12
    )
    return figure


def smooth_line(
    ax: Axes,
    raw: NDArray[np.float64],
    smooth: NDArray[np.float64],
    name: str,
    colour: str,
    style: LineStyleType = "-",
) -> None:
    """A smoothed line over its batches' own values as faint dots."""
    batches = np.arange(raw.size)
    is_smoothed = not np.array_equal(raw, smooth, equal_nan=True)
    if is_smoothed:
        ax.plot(batches, raw, ".", color=colour, markersize=2.5, alpha=0.25)
    is_long = raw.size > _FEW
    ax.plot(
        batches, smooth, color=colour, linestyle=style, label=name,
        linewidth=1.4 if is_long and not is_smoothed else 2.2,
        marker="" if is_long else "o",  # a line alone shows no batch between two gaps
        markersize=4,
    )  # fmt: skip


def add_legend(ax: Axes, frame: PlotFrame | None = None) -> None:
    """A legend outside the lines' way, with the marks of the moments that the run has."""
    handles, names = ax.get_legend_handles_labels()
    for handle in _moment_handles(frame) if frame else []:
        handles.append(handle)
        names.append(str(handle.get_label()))
    ax.legend(
        handles,
        names,
        loc="upper left",
        bbox_to_anchor=(1.01, 1.0),
        fontsize=10.5,
        frameon=False,
        borderaxespad=0.0,
    )


def smoothing_words(frame: PlotFrame, single: str = "dots") -> str:
    """How the lines are smoothed, for a subtitle; `single` names what shows the batches."""
    if frame.window == 1:
        return "each batch by itself"
    return f"lines over up to {frame.window} batches since the last mark, {single} a batch each"


_MARKS: tuple[tuple[str, str, str, LineStyleType, float], ...] = (
    ("onsets", "true onset of a drift", ONSET, "--", 1.8),
    ("swaps", "swap to a new version", SWAP, ":", 1.6),
    ("returns", "return to an earlier version", RETURN, "-.", 1.6),
)


def _moments(frame: PlotFrame) -> dict[str, tuple[float, ...]]:
    return {
        "onsets": tuple(row / frame.batch_rows for row in frame.onsets),
        "swaps": frame.swaps,
        "returns": frame.returns,
    }


def _mark_moments(ax: Axes, frame: PlotFrame) -> None:
    for kind, _, colour, style, width in _MARKS:
        batches = _moments(frame)[kind]
        alpha = 0.9 if len(batches) <= _MANY else 0.3
        for batch in batches:
            ax.axvline(
                batch - 0.5, color=colour, linestyle=style, linewidth=width, alpha=alpha, zorder=1.5
            )


def _moment_handles(frame: PlotFrame) -> list[Line2D]:
    moments = _moments(frame)
    return [
        Line2D([], [], color=colour, linestyle=style, linewidth=width, label=name)
        for kind, name, colour, style, width in _MARKS
        if moments[kind]
    ]
