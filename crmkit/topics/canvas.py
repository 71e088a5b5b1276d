"""A figure and Axes that a notebook shows by themselves: no pyplot, no backend, nothing kept alive.

Imported only when something is drawn, since it needs matplotlib.
"""

from __future__ import annotations

import io

from matplotlib.axes import Axes
from matplotlib.figure import Figure


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
    figure = ShownFigure(figsize=size, dpi=100, layout="constrained")
    return figure.add_subplot(axes_class=ShownAxes)
