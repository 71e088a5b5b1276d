"""Figures: one that a notebook shows by itself, with room for its texts, and how a panel's becomes SVG. No pyplot, no backend, nothing
kept alive.

Imported only when something is drawn, since it needs matplotlib. A text takes long to be measured, and constrained layout measures all
of them four times for each drawing: the layout here does it once, and SVG remembers across pictures how wide a text is.
"""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.textpath import TextToPath

Sides: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]

GUESS = np.array([0.0, 0.2, 0.0, 0.1])  # parts of the height that are left, below, right and above, until they are measured
EDGE = 3.0  # points free at the edges, as in constrained layout
DOTS = 72  # of an SVG's inch


class Margins(ConstrainedLayoutEngine):
    """Room for the texts around a figure's only Axes, as constrained layout gives it; several Axes are laid out by that."""

    def execute(self, fig: Any) -> None:
        if len(fig.axes) != 1:
            super().execute(fig)
            return
        (ax,) = fig.axes
        renderer, edge = fig._get_renderer(), EDGE * fig.dpi / 72
        beside = _beyond(ax, ax.yaxis.get_tightbbox(renderer, for_layout_only=True)) + edge
        # How far legends and numbers behind bars reach depends on the size, so they are measured at about the final one.
        _place(ax, np.maximum(beside, fig.bbox.height * GUESS))
        legend = ax.get_legend()
        others = [one for one in (*ax.texts, legend) if one is not None and one.get_in_layout()]
        ax.yaxis.set_in_layout(False)
        around = _beyond(ax, ax.get_tightbbox(renderer, bbox_extra_artists=others, for_layout_only=True)) + edge
        ax.yaxis.set_in_layout(True)
        room = np.maximum(beside, around)
        _place(ax, room)
        if legend is not None:  # of what a legend in the middle lacks, only half is gained on its side
            lacking = np.maximum(_beyond(ax, legend.get_tightbbox(renderer)) + edge - room, 0)
            _place(ax, room + lacking * (2, 1, 2, 1))


def _beyond(ax: Axes, box: Any) -> Sides:
    """How far a box reaches beyond the Axes, in dots: to the left, below, to the right, above."""
    inside: Any = ax.bbox
    if box is None:
        box = inside
    return np.maximum((inside.x0 - box.x0, inside.y0 - box.y0, box.x1 - inside.x1, box.y1 - inside.y1), 0.0)


def _place(ax: Axes, room: Sides) -> None:
    """The Axes where it leaves so many dots on each side; where that is more than there is, it stays."""
    figure: Any = ax.figure
    left, below, right, above = room / np.tile(figure.bbox.size, 2)
    if left + right < 1 and below + above < 1:
        ax.set_position((left, below, 1 - left - right, 1 - below - above))
        ax.set_in_layout(True)  # which set_position() ends, should there be more Axes one day


class ShownFigure(Figure):
    """A matplotlib Figure that shows itself where it ends a notebook cell, at its own size."""

    def _repr_png_(self) -> bytes:
        # Without a time stamp or a version: the same numbers give the same bytes.
        picture = io.BytesIO()
        self.savefig(picture, format="png", facecolor="white", metadata={"Software": None})
        return picture.getvalue()


class ShownAxes(Axes):
    """A matplotlib Axes that shows the figure it is in where it ends a notebook cell."""

    def _repr_png_(self) -> bytes | None:
        figure = self.get_figure(root=True)
        return figure._repr_png_() if isinstance(figure, ShownFigure) else None


def new_axes(size: tuple[float, float]) -> Axes:
    """The only Axes of a new figure of that size in inches, at 100 dots an inch whatever the settings say."""
    figure = ShownFigure(figsize=size, dpi=100, layout=Margins())
    return figure.add_subplot(axes_class=ShownAxes)


class _Measured(RendererSVG):
    """An SVG renderer that measures each text once."""

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> tuple[float, float, float]:
        return _measured(s, prop.copy(), ismath)

    def _get_font_height_metrics(self, prop: FontProperties) -> tuple[float, float, float]:
        # What a text asks for each time it is laid out (matplotlib 3.11; nobody asks in others), and reads from the font's file.
        return _heights(prop.copy())


class Canvas(FigureCanvasBase):
    """A canvas of SVG: what is laid out is measured as it is drawn."""

    def __init__(self, figure: Figure, file: io.StringIO) -> None:
        super().__init__(figure)
        figure.set_dpi(DOTS)
        width, height = figure.get_size_inches() * DOTS
        made: Any = _Measured
        self._renderer = made(width, height, file, image_dpi=DOTS, metadata={"Date": None})

    def get_renderer(self) -> Any:
        """What the layout measures with."""
        return self._renderer

    def write(self) -> None:
        """Draws the figure, once."""
        self.figure.draw(self._renderer)
        self._renderer.finalize()


@lru_cache(maxsize=4096)
def _measured(text: str, font: FontProperties, ismath: Any) -> tuple[float, float, float]:
    found: tuple[float, float, float] = TextToPath().get_text_width_height_descent(text, font, ismath)
    return found


@lru_cache(maxsize=256)
def _heights(font: FontProperties) -> tuple[float, float, float]:
    """How far a line of this font reaches above and below, and the gap between lines, in an SVG's dots."""
    file: Any = get_font(findfont(font))
    table, names = file.get_sfnt_table("OS/2"), ("sTypoAscender", "sTypoDescender", "sTypoLineGap")
    if table is None:
        table, names = file.get_sfnt_table("hhea"), ("ascent", "descent", "lineGap")
    scale = 1 / file.get_sfnt_table("head")["unitsPerEm"] * font.get_size_in_points()
    above, below, gap = (table[name] * scale for name in names)
    return above, -below, gap
