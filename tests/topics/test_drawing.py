"""What all pictures share: they show themselves in a notebook, draw where they are told to, and mark what is incomplete."""

import io
import subprocess
import sys

import pandas as pd
import pytest
from IPython.core.formatters import DisplayFormatter
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crmkit import segments
from crmkit.receipts import Receipt, attach
from crmkit.topics import drawing, faces

PNG = b"\x89PNG"


@pytest.fixture
def table():
    return pd.DataFrame(
        {"name": ["one", "two"], "members": [30, 4], "everybody": [40, 40], "share": [0.75, 0.1], "small": [False, True]}
    )


def test_axes_and_figure_show_themselves_in_a_notebook(table):
    ax = segments.plot_sizes(table)
    assert isinstance(ax, Axes)
    for shown in (ax, ax.figure):
        data, _ = DisplayFormatter().format(shown)
        assert data["image/png"].startswith(PNG)
        assert int.from_bytes(data["image/png"][16:20]) == 650
        assert int.from_bytes(data["image/png"][20:24]) == 400
    assert ax.figure._repr_png_() == segments.plot_sizes(table).figure._repr_png_()


def test_no_pyplot_is_needed_and_none_is_left(table):
    script = (
        "import sys, pandas as pd\nfrom crmkit import segments\n"
        "assert 'matplotlib' not in sys.modules\n"
        "ax = segments.plot_sizes(pd.DataFrame({'name': ['a'], 'members': [3], 'everybody': [4], 'share': [.75], 'small': [True]}))\n"
        "assert ax._repr_png_() and 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_given_axes_is_drawn_into(table):
    figure = Figure()
    left, right = figure.subplots(1, 2)
    assert segments.plot_sizes(table, ax=right) is right
    assert right.patches
    assert not left.patches


def proved(frame, **told):
    return attach(frame, Receipt("Peepl", "contacts", records=2, **told))


def test_an_incomplete_frame_is_marked(table):
    said = {
        "INCOMPLETE: records are missing": {"complete": False},
        "INCOMPLETE: a sample (limit=)": {"limited": True},
        "completeness cannot be checked": {"complete": None},
    }
    for words, told in said.items():
        texts = [text.get_text() for text in segments.plot_sizes(proved(table.copy(), **told)).texts]
        assert words in texts
    plain = [text.get_text() for text in segments.plot_sizes(proved(table.copy())).texts]
    assert not set(said) & set(plain)


def reach(figure):
    """How far the texts of a figure's only Axes stay from the edges: left, below, right, above."""
    figure.savefig(io.BytesIO())
    box, whole = figure.axes[0].get_tightbbox(for_layout_only=True), figure.bbox
    return box.x0, box.y0, whole.x1 - box.x1, whole.y1 - box.y1


@pytest.mark.parametrize("name", ["a", "a name that is so long that it takes much of the room"])
@pytest.mark.parametrize("columns", [1, 6])
def test_texts_have_the_room_they_need_and_no_more(name, columns):
    ax = drawing.axes()
    for place in range(columns):
        ax.barh(range(3), 10_000 * (place + 1), label=f"{name} {place}"[:18], **drawing.bar(place))
    ax.annotate("behind the bar", (60_000, 0), (4, 0), textcoords="offset points")
    drawing.rows(drawing.legend(ax, columns=3), [name, "b", "c"], width=44)
    free = reach(drawing.finish(ax, pd.DataFrame(), title=name, xlabel="people").figure)
    assert min(free) > 0
    assert max(free[:2] + free[3:]) < 10  # on the right, a shorter text would let the Axes grow


def test_a_second_axes_has_room_too(table):
    figure = segments.plot_sizes(table).figure
    segments.plot_sizes(table, ax=figure.add_subplot(2, 1, 2))
    figure.savefig(io.BytesIO())
    assert all(ax.get_tightbbox().x0 >= 0 for ax in figure.axes)


def test_a_picture_is_the_same_bytes_again(table):
    drawn = [faces.picture_html(segments.plot_sizes(table).figure, "sizes") for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert "<svg role=" in drawn[0]
