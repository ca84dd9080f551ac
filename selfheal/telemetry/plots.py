"""The eight plots of a run, as published; each readable by itself."""

import io
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

from matplotlib.figure import Figure

from selfheal.telemetry import figures_quality as quality
from selfheal.telemetry import figures_signals as signals
from selfheal.telemetry.errors import ExportError
from selfheal.telemetry.export import write_whole
from selfheal.telemetry.plot_frame import PlotFrame

PLOTS: MappingProxyType[str, Callable[[PlotFrame], Figure]] = MappingProxyType(
    {
        "1_accuracy.png": quality.accuracy_figure,
        "2_f1.png": quality.f1_figure,
        "3_fidi.png": signals.fidi_figure,
        "4_conflicts.png": signals.conflicts_figure,
        "5_lift.png": quality.lift_figure,
        "6_precision_recall.png": quality.precision_recall_figure,
        "7_states.png": signals.states_figure,
        "8_scores.png": signals.scores_figure,
    }
)
"""File name and figure of each plot, in the published order."""


def write_plots(frame: PlotFrame, folder: Path) -> list[Path]:
    """Draw all plots as PNG files of `plot_style.SIZE_PIXELS`; their paths, in order.

    Raises ExportError for an empty stream, or a folder that cannot be written.
    """
    if not len(frame.stream):
        raise ExportError("no plots of an empty stream, expected at least one transaction")
    for name, draw in PLOTS.items():
        write_whole(folder / name, _png(draw(frame)))
    return [folder / name for name in PLOTS]


def _png(figure: Figure) -> bytes:
    content = io.BytesIO()
    figure.savefig(content, format="png")
    return content.getvalue()
