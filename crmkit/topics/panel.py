"""A panel: controls, a table, a picture, counts and the code that does the same; one mechanism for all topics.

A panel has two faces. With a kernel it is an ipywidgets widget. Without one (a saved notebook, GitHub, nbviewer, an HTML export)
the same output also holds a static table and an inline picture with the same numbers. The widget's state never holds more rows
than are shown, and every text from a CRM is escaped.

What a panel shows is a View: a pure function of a topic, the tables it needs, the keywords it takes. The code is that very call,
written down, so it cannot say anything else than what the panel did.
"""

from __future__ import annotations

import asyncio
import html
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import pandas as pd

from crmkit import display
from crmkit.errors import ParameterError
from crmkit.receipts import holds, receipt

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = 15
LIVE = "application/vnd.jupyter.widget-view+json"
PAUSE = 0.2
WIDE = {"description_width": "initial"}

_live: dict[str, Any] = {}


@dataclass(frozen=True)
class View:
    """One question of a panel.

    function: a public function of the topic. needs: names of the loaded tables it takes, in order (none: all of them, as one). takes: names of the controls
    that it takes as keywords. plot: a plot function for its result. says: the definition in one sentence.
    """

    function: Callable[..., pd.DataFrame]
    needs: tuple[str, ...]
    takes: tuple[str, ...] = ()
    plot: Callable[..., Any] | None = None
    says: str = ""


@dataclass(frozen=True)
class Control:
    """One keyword a view takes. kind: choice, several, flag, whole, number, day or text; empty texts, None and () are not sent."""

    kind: str
    label: str
    options: tuple[Any, ...] = ()
    value: Any = None
    least: float | None = None
    most: float | None = None

    def widget(self) -> Any:
        """The ipywidgets control, with its full label."""
        common = {"description": self.label, "style": WIDE}
        if self.kind == "choice":
            return widgets.Dropdown(options=list(self.options), value=self.value, **common)
        if self.kind == "several":
            return widgets.SelectMultiple(
                options=list(self.options), value=tuple(self.value or ()), rows=min(6, len(self.options) or 1), **common
            )
        if self.kind == "flag":
            return widgets.Checkbox(value=bool(self.value), indent=False, **common)
        if self.kind in ("whole", "number"):
            kind = widgets.BoundedIntText if self.kind == "whole" else widgets.BoundedFloatText
            low, high = (self.least or 0, self.most if self.most is not None else 10**9)
            return kind(value=self.value or low, min=low, max=high, **common)
        if self.kind == "day":
            return widgets.DatePicker(value=self.value, **common)
        return widgets.Text(value=self.value or "", continuous_update=False, **common)


def sent(value: Any) -> Any:
    """A control's value as a plain keyword; None where there is nothing to send."""
    if value is None or value == "" or value == ():
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


class Panel(widgets.VBox):  # type: ignore[misc]
    """A topic's panel.

    frame: the current table. code: Python that leaves an equal table in frame. figure: the picture. controls: name -> widget.
    """

    def __init__(
        self,
        topic: str,
        title: str,
        data: Mapping[str, Any],
        recipe: str,
        views: Mapping[str, View],
        controls: Mapping[str, Control],
    ) -> None:
        close_earlier(topic)
        self._topic, self._title, self._data, self._recipe, self._views = topic, title, data, recipe, dict(views)
        self.controls = {
            "view": Control("choice", "Question", tuple(views), next(iter(views))).widget(),
            **{name: one.widget() for name, one in controls.items()},
        }
        self._about = widgets.HTML()
        self._table = widgets.HTML()
        self._picture = widgets.HTML()
        self._code = widgets.Textarea(description="Code", rows=6, style=WIDE, layout=widgets.Layout(width="98%"))
        self._fold = widgets.Accordion(children=[self._code], titles=("Copy code",))
        self._timer: asyncio.TimerHandle | None = None
        self._frame: pd.DataFrame | None = None
        super().__init__([*self.controls.values(), self._about, self._table, self._picture, self._fold])
        for one in self.controls.values():
            one.observe(self._changed, names="value")
        self._draw()
        remember(topic, self)

    @property
    def view(self) -> View:
        """The question being asked."""
        return self._views[self.controls["view"].value]

    @property
    def filters(self) -> dict[str, Any]:
        """The keywords that are being sent."""
        values = {name: sent(self.controls[name].value) for name in self.view.takes}
        return {name: value for name, value in values.items() if value is not None}

    @property
    def frame(self) -> pd.DataFrame:
        """The current table, a plain DataFrame."""
        if self._frame is None:
            tables = [self._data[name] for name in self.view.needs] or [self._data]
            self._frame = self.view.function(*tables, **self.filters)
        return self._frame

    @property
    def code(self) -> str:
        """Python that, run as it is in a fresh interpreter, leaves an equal table in frame."""
        tables = [f"data[{name!r}]" for name in self.view.needs] or ["data"]
        arguments = tables + [f"{name}={value!r}" for name, value in self.filters.items()]
        call = f"crmkit.{self._topic}.{self.view.function.__name__}({', '.join(arguments)})"
        return f"import crmkit\n\n{self._recipe}\nframe = {call}\n"

    @property
    def figure(self) -> Figure | None:
        """The picture of the current table, or None where the question has none."""
        if self.view.plot is None:
            return None
        from matplotlib.figure import Figure

        figure = Figure(figsize=(6.5, 3.8), layout="constrained")
        self.view.plot(self.frame, ax=figure.subplots())
        return figure

    def _changed(self, change: Mapping[str, Any]) -> None:
        """Redraw soon: several quick changes are one drawing."""
        self._frame = None
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._draw()
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_later(PAUSE, self._draw)

    def _draw(self) -> None:
        self._timer = None
        for name, one in self.controls.items():
            one.layout.display = None if name == "view" or name in self.view.takes else "none"
        try:
            self._about.value, self._still = self._words(), self._words(age=False)
            self._table.value = table_html(self.frame, f"{self._title}: {self.controls['view'].value}")
            self._picture.value = picture_html(self.figure, self._alt())
        except (ParameterError, ValueError) as error:
            self._about.value = self._still = f"<p><strong>{html.escape(str(error))}</strong></p>"
            self._table.value = self._picture.value = ""
        self._code.value = self.code

    def _words(self, age: bool = True) -> str:
        """The definition, what is selected, the counts and the receipt, as one paragraph each."""
        chosen = ", ".join(f"{name} = {value}" for name, value in self.filters.items()) or "no filters"
        lines = [self.view.says, f"{len(self.frame):,} lines; {chosen}.", totals(self.frame), proof_line(self.frame, age)]
        return "".join(f"<p style='margin:2px 0'>{html.escape(line)}</p>" for line in lines if line)

    def _alt(self) -> str:
        return f"{self._title}: {self.controls['view'].value}. {len(self.frame)} lines. {totals(self.frame)}"

    def static(self) -> str:
        """The face without a kernel: words, table and picture as plain HTML, the same bytes for the same numbers."""
        if self._timer is not None:  # controls that the same cell has just set are not drawn yet
            self._timer.cancel()
            self._draw()
        return f"<div>{self._still}{self._table.value}{self._picture.value}</div>"

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        bundle: dict[str, Any] = super()._repr_mimebundle_(**options)
        return {**bundle, "text/html": self.static(), "text/plain": f"{self._title}\n{self.frame.head(SHOWN).to_string()}"}

    def close(self) -> None:
        """Close the panel and everything in it."""
        for one in (*self.controls.values(), self._about, self._table, self._picture, self._code, self._fold):
            close_whole(one)
        self.layout.close()
        super().close()


def close_whole(one: Any) -> None:
    """A widget with the layout and style that belong to it: ipywidgets leaves those alive."""
    for part in (getattr(one, "layout", None), getattr(one, "style", None)):
        if part is not None:
            part.close()
    one.close()


def remember(topic: str, panel: Any) -> None:
    """This cell's panel, to be closed when the cell runs again."""
    _live[_cell(topic)] = panel


def _cell(topic: str) -> str:
    """Which notebook cell is running, by its id or its text; outside a notebook, one panel per topic."""
    try:
        from IPython import get_ipython
    except ImportError:
        return topic
    shell = get_ipython()
    if shell is None:
        return topic
    cell = (getattr(shell, "parent_header", None) or {}).get("metadata", {}).get("cellId")
    return f"{topic} {cell or shell.history_manager.input_hist_raw[-1]}"


def close_earlier(topic: str) -> None:
    """A cell that runs again closes the panel it made before."""
    earlier = _live.pop(_cell(topic), None)
    if earlier is not None:
        earlier.close()


def totals(frame: pd.DataFrame) -> str:
    """The sums of the whole-number columns, which the live and the static face share."""
    counts = [
        f"{name} {int(frame[name].sum()):,}"
        for name in frame.columns
        if str(frame[name].dtype) == "Int64" and not str(name).endswith("id")
    ]
    return f"Sums: {', '.join(counts[:6])}." if counts else ""


def proof_line(frame: pd.DataFrame, age: bool = True) -> str:
    """The receipt in one line, where the table still carries one; age: with the time of the oldest answer."""
    if not holds(frame):
        return ""
    proof = receipt(frame)
    since = f"; answers from {proof.oldest} UTC" if age else ""
    return f"From {proof.crm}.{proof.endpoint}, {proof.verdict}{since}."


def table_html(frame: pd.DataFrame, caption: str) -> str:
    """The first rows of a table as escaped HTML, and how many there are in all."""
    shown = frame.head(SHOWN)
    more = f" (the first {len(shown)} of {len(frame):,} lines)" if len(frame) > len(shown) else f" ({len(frame):,} lines)"
    table = display.table(
        caption + more,
        [str(name) for name in frame.columns],
        ([cell(value) for value in row] for row in shown.itertuples(index=False)),
    )
    return f'<div style="overflow-x:auto">{table}</div>'


def cell(value: Any) -> str:
    """One value as short text."""
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return ""
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d" if value == value.normalize() else "%Y-%m-%d %H:%M")
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return str(value)


def picture_html(figure: Figure | None, alt: str) -> str:
    """A figure as inline SVG with a text for those who do not see it; the same bytes for the same picture."""
    if figure is None:
        return ""
    from matplotlib import rc_context

    file = io.StringIO()
    with rc_context({"svg.hashsalt": "crmkit", "svg.fonttype": "none"}):
        figure.savefig(file, format="svg", metadata={"Date": None})
    svg = re.sub(r"^.*?(?=<svg)", "", file.getvalue(), flags=re.DOTALL)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{html.escape(alt, quote=True)}" ', 1)
