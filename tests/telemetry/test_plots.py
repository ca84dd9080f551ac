import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from selfheal.telemetry.batches import ScoredStream
from selfheal.telemetry.errors import ExportError
from selfheal.telemetry.plot_frame import PlotFrame
from selfheal.telemetry.plot_style import MODELS, SIZE_PIXELS
from selfheal.telemetry.plots import PLOTS, write_plots

Simulate = Callable[..., ScoredStream]

OVER_BATCHES = [name for name in PLOTS if name != "8_scores.png"]


@pytest.fixture(scope="module")
def frame(simulate: Simulate) -> PlotFrame:
    return PlotFrame(simulate(12_000), onsets=(4_000,))


def legend_words(figure: Figure) -> set[str]:
    return {
        text.get_text()
        for ax in figure.axes
        if (legend := ax.get_legend())
        for text in legend.get_texts()
    }


def test_eight_plots_are_written_at_their_size(frame: PlotFrame, tmp_path: Path):
    paths = write_plots(frame, tmp_path / "plots")

    assert [path.name for path in paths] == list(PLOTS)
    assert len(paths) == 8
    for path in paths:
        content = path.read_bytes()
        assert content.startswith(b"\x89PNG")
        assert struct.unpack(">II", content[16:24]) == SIZE_PIXELS
        assert len(content) > 10_000


@pytest.mark.parametrize("name", PLOTS)
def test_a_plot_can_be_read_by_itself(frame: PlotFrame, name: str):
    figure = PLOTS[name](frame)

    assert figure.get_suptitle()
    assert all(ax.get_ylabel() or ax is not figure.axes[0] for ax in figure.axes)
    assert figure.axes[-1].get_xlabel()
    assert legend_words(figure)


@pytest.mark.parametrize("name", OVER_BATCHES)
def test_onset_swaps_and_returns_are_marked_and_explained(frame: PlotFrame, name: str):
    figure = PLOTS[name](frame)

    marked = {
        float(np.asarray(line.get_xdata())[0])
        for line in figure.axes[0].lines
        if len(np.asarray(line.get_xdata())) == 2
    }
    moments = [40, *frame.swaps, *frame.returns]
    assert {batch - 0.5 for batch in moments} <= marked
    assert legend_words(figure) >= {
        "true onset of a drift",
        "swap to a new version",
        "return to an earlier version",
    }


@pytest.mark.parametrize("name", OVER_BATCHES)
def test_an_onset_that_is_not_known_is_neither_marked_nor_explained(simulate: Simulate, name: str):
    frame = PlotFrame(simulate(6_000))

    assert "true onset of a drift" not in legend_words(PLOTS[name](frame))


@pytest.mark.parametrize("name", PLOTS)
@pytest.mark.parametrize("rows", [70, 12_000])
def test_nothing_is_cut_off(simulate: Simulate, name: str, rows: int):
    run = simulate(rows)
    figure = PLOTS[name](PlotFrame(run, onsets=(rows // 3,)))
    canvas = FigureCanvasAgg(figure)

    canvas.draw()

    drawn = figure.get_tightbbox(canvas.get_renderer()).transformed(figure.dpi_scale_trans)
    titles = [text.get_window_extent() for text in figure.texts]
    width, height = SIZE_PIXELS
    for box in (drawn, *titles):
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= width
        assert box.y1 <= height


def test_healed_and_frozen_differ_in_colour_and_in_line():
    colours, lines = zip(*[(colour, line) for _, _, colour, line in MODELS], strict=True)

    assert len(set(colours)) == len(set(lines)) == len(MODELS)


def test_swaps_and_returns_follow_the_versions(frame: PlotFrame):
    versions = [frame.table.version[batch] for batch in frame.swaps]

    assert versions == ["v1", "v2", "v3"]
    assert [frame.table.version[batch] for batch in frame.returns] == ["v2"]
    assert set(frame.breaks) == {40, *frame.swaps, *frame.returns}


@pytest.mark.parametrize(("rows", "label_rate", "window"), [(6_000, 1, 1), (60_000, 1, 10)])
def test_lines_are_smooth_only_where_batches_are_many(
    simulate: Simulate, rows: int, label_rate: float, window: int
):
    run = simulate(rows, label_rate)

    assert PlotFrame(run).window == window


def test_few_labels_widen_the_window(simulate: Simulate):
    run = simulate(60_000, label_rate=0.1)

    assert 25 <= PlotFrame(run).window <= 35


def test_a_run_without_labels_is_drawn_and_says_so(simulate: Simulate):
    frame = PlotFrame(simulate(7_000, label_rate=0.0))

    figures = [draw(frame) for draw in PLOTS.values()]

    assert "accuracy undefined healed" in figures[0].texts[-1].get_text()


def test_the_frozen_and_the_healed_scores_are_of_the_same_rows(frame: PlotFrame):
    periods = frame.periods()

    assert np.flatnonzero(periods["clean"]).tolist() == list(range(4_000))
    assert np.flatnonzero(periods["judged"])[[0, -1]].tolist() == [9_000, 11_999]


def test_an_empty_stream_has_no_plots(simulate: Simulate, tmp_path: Path):
    empty = simulate(0)

    with pytest.raises(ExportError, match="empty stream"):
        write_plots(PlotFrame(empty), tmp_path)
