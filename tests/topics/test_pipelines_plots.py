"""crmkit.pipelines: pictures say what they show, leave no trace, and mark what is incomplete."""

from __future__ import annotations

import subprocess
import sys

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from crmkit import pipelines
from crmkit.errors import ParameterError
from crmkit.topics import drawing

from .pipelines_account import A, B, C, D, deal, loaded

MARKUP = "<img src=x onerror=alert(1)> $x^2$"


def pictures(data, later=None):
    """Every picture with the table it draws."""
    deals, stages = data["deals"], data["stages"]
    after = deals if later is None else later["deals"]
    return {
        pipelines.plot_funnel: pipelines.funnel(deals, stages),
        pipelines.plot_delivery: pipelines.delivery(deals, stages),
        pipelines.plot_forecast: pipelines.forecast(deals),
        pipelines.plot_overdue: pipelines.overdue(deals),
        pipelines.plot_multi_month: pipelines.multi_month(deals),
        pipelines.plot_win_rate: pipelines.win_rate(deals, by="owner"),
        pipelines.plot_cycle_length: pipelines.cycle_length(deals, by="month"),
        pipelines.plot_reasons: pipelines.reasons(deals),
        pipelines.plot_velocity: pipelines.velocity(deals, by="source"),
        pipelines.plot_breakdown: pipelines.breakdown(deals, by="owner"),
        pipelines.plot_bridge: pipelines.bridge(deals, after),
        pipelines.plot_stage_moves: pipelines.stage_moves(deals, after),
    }


def drawn(ax):
    """The texts of a picture, after it has really been drawn."""
    FigureCanvasAgg(ax.figure).draw()
    texts = [ax.get_title(loc="left"), ax.get_xlabel(), ax.get_ylabel(), *(text.get_text() for text in ax.texts)]
    return texts + [tick.get_text() for tick in (*ax.get_xticklabels(), *ax.get_yticklabels())]


@pytest.mark.parametrize("data", [(), (A,), (A, B, C, D, deal("E", pipeline_id="p3", stage=50))], ids=["none", "one", "some"])
def test_every_picture_has_title_labels_and_n_and_touches_no_style(data):
    style, default = dict(mpl.rcParams), Figure().dpi
    for plot, table in pictures(loaded(*data)).items():
        ax = plot(table)
        title, *labels = drawn(ax)
        assert title, plot
        assert any(labels), plot
        given = Figure().add_subplot()
        assert plot(table, ax=given) is given
    assert dict(mpl.rcParams) == style
    assert Figure().dpi == default
    assert "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()


def test_an_incomplete_frame_is_marked_in_each_picture():
    whole, part = loaded(A, B, C, D), loaded(A, B, C, D, incomplete=["deals"])
    for plot, table in pictures(part).items():
        assert any("INCOMPLETE" in text for text in drawn(plot(table))), plot
    for plot, table in pictures(whole).items():
        assert not any("INCOMPLETE" in text for text in drawn(plot(table))), plot


def test_names_are_text_whatever_they_hold():
    data = loaded(deal(MARKUP, expected_close_date="2024-05-01"), deal("B", "won"))
    texts = " ".join(drawn(pipelines.plot_overdue(pipelines.overdue(data["deals"]))))
    assert MARKUP[:20] in texts


def test_numbers_of_the_picture_are_those_of_the_table():
    data = loaded(A, B, C, D)
    ax = pipelines.plot_forecast(pipelines.forecast(data["deals"]))
    assert sorted(bar.get_height() for bar in ax.patches) == [300, 1200]
    ax = pipelines.plot_funnel(pipelines.funnel(data["deals"], data["stages"]))
    assert "n = 1, weighted 300 EUR" in ax.get_title(loc="left")
    ax = pipelines.plot_bridge(pipelines.bridge(data["deals"], loaded(A, deal("N"))["deals"]))
    assert [bar.get_height() for bar in ax.patches] == [1200, 100, 1300]


def test_a_wrong_table_or_value_is_named():
    data = loaded(A)
    with pytest.raises(ParameterError, match="win_rate"):
        pipelines.plot_win_rate(pipelines.overdue(data["deals"]))
    with pytest.raises(ParameterError, match="profit"):
        pipelines.plot_forecast(pipelines.forecast(data["deals"]), value="weighted_total_profit")
    with pytest.raises(ParameterError, match="grouped"):
        pipelines.plot_forecast(
            pipelines.forecast(loaded(A, deal("X", owner_id="u2", expected_close_date="2024-05-02"))["deals"], by="owner")
        )


def test_one_pipeline_of_the_moves():
    before = loaded(deal("A"), deal("B", pipeline_id="p2"))["deals"]
    table = pipelines.stage_moves(before, loaded(deal("A", stage=40), deal("B", pipeline_id="p2"))["deals"])
    assert pipelines.plot_stage_moves(table, pipeline="Events").get_title(loc="left").startswith("Events: 0 of 1")
    with pytest.raises(ParameterError):
        pipelines.plot_stage_moves(table, pipeline="Nothing")


def test_a_picture_without_room_says_what_it_leaves_out():
    many = [deal(f"D{number}", "won", close_date=f"{2000 + number // 12}-{number % 12 + 1:02d}-05") for number in range(30)]
    ax = pipelines.plot_win_rate(pipelines.win_rate(loaded(*many)["deals"], by="month"))
    assert "(18 of 30 groups)" in ax.get_xlabel()


def test_tables_need_no_matplotlib():
    code = "import sys, crmkit.topics.pipelines; sys.exit('matplotlib' in sys.modules or 'ipywidgets' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_many_bars_look_like_few():

    few, many = Figure().subplots(1, 2)
    few.bar(range(30), range(30), width=0.8, label="deals", **drawing.bar(1))
    drawing.bars(many, range(30), pd.Series(range(30)), width=0.8, label="deals", **drawing.bar(1))
    for ax, draw in ((few, Axes.bar), (many, drawing.bars)):
        draw(ax, [40], [90], width=0.8, label="more", **drawing.bar(2))
    assert few.get_ylim() == many.get_ylim()
    assert few.get_xlim() == pytest.approx(many.get_xlim())
    drawn, _ = many.collections
    assert [path.get_extents().bounds for path in drawn.get_paths()] == [pytest.approx(bar.get_bbox().bounds) for bar in few.patches[:30]]
    assert to_hex(drawn.get_facecolor()[0]) == to_hex(few.patches[0].get_facecolor())
    assert drawn.get_hatch() == few.patches[0].get_hatch()
    assert many.get_legend_handles_labels()[1] == ["deals", "more"]


def test_velocity_below_nothing_is_seen():
    """Deals won at a loss make the velocity by margin negative; the axis began at 0, and the number stood among the names."""
    deals = loaded(A, {**B, "cost": 800.0, "margin": -300.0}, C)["deals"]
    table = pipelines.velocity(deals, by="owner", value="total_margin", today="2024-06-01")
    ax = pipelines.plot_velocity(table)
    low, high = ax.get_xlim()
    assert low < table["velocity"].iloc[0] < 0 < high
    assert [text.get_position()[0] for text in ax.texts] == [0.0]


@pytest.mark.parametrize("across", [False, True])
def test_few_bars_are_those_of_matplotlib(across):
    theirs, ours = Figure().subplots(1, 2)
    look = {**drawing.bar(1), "label": "deals"}
    if across:
        theirs.barh(range(3), [1, 2, 4], height=0.8, left=[0.5, 1, 2], **look)
    else:
        theirs.bar(range(3), [1, 2, 4], width=0.8, bottom=[0.5, 1, 2], **look)
    drawing.bars(ours, range(3), pd.Series([1, 2, 4]), width=0.8, begin=[0.5, 1, 2], across=across, **look)
    assert [theirs.get_xlim(), theirs.get_ylim()] == [ours.get_xlim(), ours.get_ylim()]
    for one, other in zip(theirs.patches, ours.patches, strict=True):
        assert (one.get_bbox().bounds, one.properties()["facecolor"]) == (other.get_bbox().bounds, other.properties()["facecolor"])
        assert (one.get_hatch(), one.get_edgecolor(), one.get_linewidth()) == (
            other.get_hatch(), other.get_edgecolor(), other.get_linewidth()
        )
    assert ours.get_legend_handles_labels()[1] == ["deals"]


def test_words_beside_a_bar_stand_where_an_annotation_stands():
    ax = Figure().subplots()
    there = ax.annotate("12", (0.3, 0.4), (4, 2), textcoords="offset points")
    here = drawing.beside(ax, "12", (0.3, 0.4), (4, 2))
    assert here.get_window_extent().bounds == pytest.approx(there.get_window_extent().bounds)
