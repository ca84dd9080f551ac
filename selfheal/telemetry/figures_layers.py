"""The drift profile: how far each layer of the network is from its baseline, look after look."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from selfheal.drift.layers import LayerLimits, LayerReport, LayerState
from selfheal.telemetry import plot_style as style
from selfheal.telemetry.errors import ExportError


def drift_profile_figure(
    reports: Sequence[LayerReport], limits: LayerLimits | None = None
) -> Figure:
    """z of every layer at each look, the input side at the bottom, the newest look at the right.

    Source: DeepDrift's drift profile. Raises ExportError where no report has a profile.
    """
    shown = [report for report in reports if report.profile]
    if not shown:
        raise ExportError("no drift profile without looks, expected at least one")
    last = shown[-1]
    names = [figure.layer for figure in last.profile]
    z = np.array([[_z(report, name) for report in shown] for name in names])  # (layers, looks)
    limit = (limits or LayerLimits()).z_limit(len(names))
    figure, axes = style.new_figure("Drift profile: layers against their baseline", _words(last))
    ax = axes[0]
    image = ax.imshow(
        z, aspect="auto", origin="lower", cmap="PuOr", vmin=-2 * limit, vmax=2 * limit
    )
    words = f"z, standard errors; critical beyond {limit:.1f} either way"
    figure.colorbar(image, ax=ax, location="bottom", shrink=0.5, label=words)
    ax.grid(visible=False)
    ax.set_yticks(range(len(names)), names)
    ax.set_ylabel("layer, from the input up", fontsize=12)
    ax.set_xlabel("look", fontsize=12)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


def _z(report: LayerReport, name: str) -> float:
    return next((figure.z for figure in report.profile if figure.layer == name), np.nan)


def _words(report: LayerReport) -> str:
    if report.state is LayerState.CALM:
        return "newest look: calm"
    hint = (report.diagnosis or "").replace("_", " ")
    return f"newest look: {report.state.value}, {', '.join(report.layers)}; hint: {hint}"
