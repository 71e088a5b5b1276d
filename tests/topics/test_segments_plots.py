"""Pictures: what they say, and what they leave alone."""

from __future__ import annotations

import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from crmkit import segments as topic
from crmkit.errors import ParameterError
from crmkit.receipts import Receipt, attach
from crmkit.topics import drawing

from . import terms_by_hand
from .segments_fixture import TODAY, frames, nothing


def tables(found):
    return {
        topic.plot_sizes: topic.sizes(found),
        topic.plot_overlap: topic.overlap(found),
        topic.plot_intersections: topic.intersections(found),
        topic.plot_profile: topic.profile(found, "A", today=TODAY),
        topic.plot_over_time: topic.over_time(found, start="2023-01-01", end=TODAY),
        topic.plot_moved: topic.moved(topic.on_day(found, "2023-07-01"), topic.on_day(found, "2024-03-01")),
    }


PLOTS = list(tables(frames()))


def kept(*plans, **words):
    """What retention() makes of a term of a year of each of some members, in these plans; every second one renewed."""
    records = [
        terms_by_hand.record(f"p{place}", "2022-01-01", "2022-12-31", plan=plan, has_renewed=place % 2 == 0)
        for place, plan in enumerate(plans)
    ]
    return topic.retention(terms_by_hand.frame(records), today=TODAY, **words)


def texts(ax: Axes) -> str:
    drawn = FigureCanvasAgg(ax.figure)
    drawn.draw()
    return "\n".join(text.get_text() for text in ax.findobj(mpl.text.Text))


@pytest.mark.parametrize("plot", PLOTS, ids=lambda plot: plot.__name__)
def test_each_picture_is_an_axes_with_title_and_draws(plot):
    ax = plot(tables(frames())[plot])
    assert isinstance(ax, Axes)
    assert ax.get_title("left")
    assert "A" in texts(ax)
    own = Figure().add_subplot()
    assert plot(tables(frames())[plot], ax=own) is own


@pytest.mark.parametrize("plot", PLOTS, ids=lambda plot: plot.__name__)
def test_an_empty_table_gives_a_sentence(plot):
    table = tables(frames())[plot]
    ax = plot(table.iloc[:0, :0] if plot is topic.plot_overlap else table.head(0))
    assert texts(ax).strip()


@pytest.mark.parametrize("plot", PLOTS, ids=lambda plot: plot.__name__)
def test_what_is_incomplete_is_marked(plot):
    words = {
        "INCOMPLETE": frames(complete=False, newest="2024-06-15 00:00:00"),
        "sample": frames(limited=True, complete=False),
        "cannot be checked": frames(complete=None),
    }
    for word, found in words.items():
        assert word in texts(plot(tables(found)[plot]))
    for found in (frames(), frames(complete=True)):
        said = texts(plot(tables(found)[plot]))
        assert "INCOMPLETE" not in said
        assert "checked" not in said


@pytest.mark.parametrize("plot", PLOTS, ids=lambda plot: plot.__name__)
def test_names_are_text_whatever_they_hold(plot):
    odd = frames()
    odd["segments"] = odd["segments"].replace({"name": {"B": "$x_1$ <img src=x> \\frac{"}})
    found = {**tables(odd), topic.plot_profile: topic.profile(odd, "s B", today=TODAY)}
    assert "$x_1$" in texts(plot(found[plot]))


def test_no_style_and_no_pyplot_state_is_left():
    before = dict(mpl.rcParams)
    for plot, table in tables(frames()).items():
        texts(plot(table))
    assert dict(mpl.rcParams) == before
    if "matplotlib.pyplot" in sys.modules:
        assert not sys.modules["matplotlib.pyplot"].get_fignums()


def test_tables_need_no_matplotlib():
    code = "import sys, crmkit; crmkit.segments.sizes; assert not {'matplotlib', 'ipywidgets'} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_wrong_table_is_refused_by_name():
    with pytest.raises(ParameterError, match=r"sizes\(\)"):
        topic.plot_sizes(topic.moved(frames(), frames()))
    with pytest.raises(AttributeError):
        topic.plot_everything  # noqa: B018


def test_bars_are_as_long_as_the_numbers():
    ax = topic.plot_sizes(topic.sizes(frames()))
    assert [bar.get_width() for bar in ax.patches] == [3, 3, 1, 0]
    ax = topic.plot_intersections(topic.intersections(frames()))
    assert sum(bar.get_height() for bar in ax.containers[0]) == 6
    assert "n = 6" in ax.get_xlabel()
    ax = topic.plot_intersections(topic.intersections(frames()), top=2)
    assert "3 more" in ax.get_xlabel()


def test_retention_draws_what_is_over_and_links_what_is_many():
    ax = topic.plot_retention(kept(*["/club/membership_type/7f/"] * 12))
    assert "n = 12 memberships that ended; bar: interval" in ax.get_xlabel()
    assert ax.get_lines()[0].get_ydata().tolist() == [0.5]
    ax = topic.plot_retention(kept("/club/membership_type/7f/", *["$b$"] * 12, None, by="plan"), top=2)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["$b$", "7f"]
    assert "2 of 3 groups" in ax.get_xlabel()
    assert [line.get_xdata().size for line in ax.get_lines()] == [1, 0, 0, 1]
    for table in (kept("a").head(0), topic.retention(terms_by_hand.frame([terms_by_hand.record("p", TODAY, "2024-12-31")]), today=TODAY)):
        assert "no membership has ended yet" in texts(topic.plot_retention(table))
    marked = attach(kept("a"), Receipt("sheepCRM", "memberships", complete=False))
    assert "INCOMPLETE" in texts(topic.plot_retention(marked, ax=Figure().add_subplot()))
    with pytest.raises(ParameterError, match=r"retention\(\)"):
        topic.plot_retention(topic.sizes(frames()))


def test_overlap_of_many_shows_the_first():
    ax = topic.plot_overlap(topic.overlap(frames(), measure="lift"), top=2)
    assert "first 2 of 4" in ax.get_title("left").replace("\n", " ")
    assert ax.get_xlabel() == "n = 6 people"


def test_names_at_line_ends_do_not_lie_on_each_other():
    from crmkit.topics.segments.plots_change import apart

    places = apart([5.0, 5.1, 0.0, 20.0, 5.2], 2.0)
    assert (np.diff(sorted(places)) >= 2 - 1e-9).all()
    assert np.argsort(places).tolist() == [2, 0, 1, 4, 3]
    assert places[3] == 20


def test_the_palette_differs_in_grey():
    def lightness(colour: str) -> float:
        parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in mpl.colors.to_rgb(colour)]
        return 116 * float(np.dot(parts, (0.2126, 0.7152, 0.0722))) ** (1 / 3) - 16

    found = sorted(map(lightness, drawing.PALETTE))
    assert min(np.diff(found)) > 8


def test_drawing_helpers():
    assert drawing.short("a  b\n c") == "a b c"
    assert drawing.short("x" * 40, 10) == "x" * 9 + "…"
    assert drawing.counted(1234, "people") == "n = 1,234 people"
    assert drawing.counted(3) == "n = 3"
    ax = drawing.axes()
    assert ax.figure.get_size_inches().tolist() == list(drawing.SIZE)
    table = attach(topic.sizes(nothing()), Receipt("X", "y"))
    drawing.finish(ax, table, title="a long title " * 8)
    assert "\n" in ax.get_title("left")
    assert drawing.standing(table) == ("", drawing.FAINT)
