"""What all pictures share: they show themselves in a notebook, draw where they are told to, and mark what is incomplete."""

import subprocess
import sys

import pandas as pd
import pytest
from IPython.core.formatters import DisplayFormatter
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from crmkit import segments
from crmkit.receipts import Receipt, attach

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
