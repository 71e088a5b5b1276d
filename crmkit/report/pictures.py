"""A picture of a report as SVG for a page."""

from __future__ import annotations

import io
import re
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crmkit.report.parts import Picture

# Texts stay texts, so that they can be found and copied; the salt makes ids the same in every run.
STYLE: Any = {"font.family": "sans-serif", "svg.fonttype": "none", "svg.hashsalt": "crmkit"}


def can_draw() -> bool:
    """Whether matplotlib is there (extra notebooks)."""
    return find_spec("matplotlib") is not None


def svg(picture: Picture, prefix: str) -> str:
    """The picture as an svg element for an HTML page; prefix keeps the ids of two pictures apart."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=picture.size, layout="constrained")
        picture.draw(figure.subplots())
        text = io.StringIO()
        silent = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(text, format="svg", transparent=True, metadata=silent)
    inner = text.getvalue()
    # Inside a page an svg element needs no prologue, and no namespace that looks like an address to load.
    inner = re.sub(r' xmlns(:\w+)?="[^"]*"', "", inner[inner.index("<svg") :]).replace("xlink:href", "href")
    inner = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{prefix}-", inner)
    return re.sub(r'<svg width="[^"]*" height="[^"]*"', '<svg aria-hidden="true" focusable="false"', inner, count=1)
