"""A panel: controls, a table, a picture, counts and the code that does the same; one mechanism for all topics.

A panel has two faces. With a kernel it is an ipywidgets widget. Without one (a saved notebook, GitHub, nbviewer, an HTML export)
the same output also holds a static table and an inline picture with the same numbers. The widget's state never holds more rows
than are shown, and every text from a CRM is escaped.

What a panel shows is a View: a pure function of a topic, the tables it needs, the keywords it takes. The code is that very call,
written down, so it cannot say anything else than what the panel did.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import pandas as pd

from crmkit.errors import ParameterError
from crmkit.topics import faces
from crmkit.topics.cells import close_earlier, close_whole, remember
from crmkit.topics.once import Kept, keeping

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PAUSE = 0.2  # seconds without a change before a panel is drawn again, after changes in quick succession
LABEL, WIDTH, WIDE, ROWS = "175px", "410px", "560px", 5


@dataclass(frozen=True)
class View:
    """One question of a panel.

    function: a public function of the topic. needs: names of the loaded tables it takes, in order (none: all of them, as one).
    takes: names of the controls that it takes as keywords. plot: a plot function for its result. says: the definition in one
    sentence. shows: the columns that the panel's table shows (none: all); the others are in frame. adds: the columns that may be
    added up: counts and amounts whose lines do not overlap.
    """

    function: Callable[..., pd.DataFrame]
    needs: tuple[str, ...]
    takes: tuple[str, ...] = ()
    plot: Callable[..., Any] | None = None
    says: str = ""
    shows: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Control:
    """One keyword a view takes; empty texts, None and () are not sent.

    kind: choice, several, whole, day or text. label: its name in full. options, value: what can be chosen, and what is at first.
    least, most: bounds of a number. hint: what may be given, where a label is not
    enough. wide: stands on a line of its own.
    """

    kind: str
    label: str
    options: tuple[Any, ...] = ()
    value: Any = None
    least: int | None = None
    most: int | None = None
    hint: str = ""
    wide: bool = False

    def widget(self) -> Any:
        """The ipywidgets control, with its full label; all controls are aligned."""
        width = WIDE if self.wide else WIDTH
        common = {
            "description": self.label,
            "tooltip": self.hint or self.label,
            "style": {"description_width": LABEL},
            "layout": widgets.Layout(width=width, max_width="98%"),
        }
        if self.kind == "choice":
            return widgets.Dropdown(options=list(self.options), value=self.value, **common)
        if self.kind == "several":
            rows = max(2, min(ROWS, len(self.options)))
            return widgets.SelectMultiple(options=list(self.options), value=tuple(self.value or ()), rows=rows, **common)
        if self.kind == "whole":
            low, high = (self.least or 0, self.most or 10**9)
            return widgets.BoundedIntText(value=self.value or low, min=low, max=high, **common)
        if self.kind == "day":
            return widgets.DatePicker(value=self.value, **common)
        return widgets.Text(value=self.value or "", placeholder=self.hint, continuous_update=False, **common)


@contextmanager
def _collected_later() -> Iterator[None]:
    """What a drawing leaves behind is collected once it is shown: a full collection in between doubles the time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def sent(value: Any) -> Any:
    """A control's value as a plain keyword; None where there is nothing to send."""
    if value is None or value == "" or value == ():
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def shown() -> Any:
    """A place for HTML that is never wider than the panel: what is wider scrolls there."""
    return widgets.HTML(layout=widgets.Layout(width="98%", overflow="auto hidden"))


class Form(widgets.Box):  # type: ignore[misc]
    """Controls in aligned columns, as many as there is room for."""

    def __init__(self, controls: Any = ()) -> None:
        super().__init__(tuple(controls), layout=widgets.Layout(display="flex", flex_flow="row wrap", grid_gap="0 16px"))


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
        self._topic, self._title, self._recipe, self._views = topic, title, recipe, dict(views)
        self._data = {name: table.copy(deep=False) for name, table in data.items()}
        self._kept = Kept(self._data.values())
        self.controls = {
            "view": Control("choice", "Question", tuple(views), next(iter(views)), wide=True).widget(),
            **{name: one.widget() for name, one in controls.items()},
        }
        self._about, self._table, self._picture, self._copy = (shown() for _ in range(4))
        self._timer: asyncio.TimerHandle | None = None
        self._touched = float("-inf")  # when a control was last changed, by the clock of the event loop
        self._frame: pd.DataFrame | None = None
        question, *others = self.controls.values()
        super().__init__([question, Form(others), self._about, self._table, self._picture, self._copy])
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
            with keeping(self._kept):
                self._frame = self.view.function(*tables, **self.filters)
        return self._frame

    @property
    def code(self) -> str:
        """Python that, run as it is in a fresh interpreter, leaves an equal table in frame.

        Of tables that load() did not make, or that were changed since, it says that they have to be there.
        """
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

        from crmkit.topics.canvas import Margins

        figure = Figure(figsize=(6.5, 3.8), layout=Margins())
        self.view.plot(self.frame, ax=figure.subplots())
        return figure

    def _changed(self, change: Mapping[str, Any]) -> None:
        """Draw again: at once after a quiet while, else soon, so that several quick changes are one drawing."""
        self._frame = None
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._draw()
            return
        self._forget_timer()
        quiet, self._touched = loop.time() - self._touched > PAUSE, loop.time()
        self._timer = loop.call_later(0 if quiet else PAUSE, self._draw)

    def _forget_timer(self) -> bool:
        """Whether a drawing was waiting; it will not come any more."""
        waiting, self._timer = self._timer, None
        if waiting is not None:
            waiting.cancel()
        return waiting is not None

    @_collected_later()
    def _draw(self) -> None:
        self._timer = None
        for name, one in self.controls.items():
            one.layout.display = None if name == "view" or name in self.view.takes else "none"
        self._copy.value = faces.code_html(self.code)
        try:
            caption = f"{self._title}: {self.controls['view'].value}"
            about, table = self._words(), faces.table_html(self.frame, caption, self.view.shows)
            picture = faces.picture_html(self.figure, f"{caption} {' '.join(self._counts())}")
            self._still = self._words(age=False)
        except (ParameterError, ValueError) as error:
            about = self._still = faces.problem(error)
            table = picture = ""
        self._about.value, self._table.value, self._picture.value = about, table, picture

    def _counts(self) -> list[str]:
        """How many lines, and the sums."""
        return [f"{faces.counted(len(self.frame), 'line')}.", faces.totals(self.frame, self.view.adds)]

    def _words(self, age: bool = True) -> str:
        """The definition, the counts, what is selected and the receipt, as one paragraph each."""
        controls = [self.controls[name] for name in self.filters]
        chosen = "; ".join(
            f"{one.description.split(' (')[0]}: {faces.text(getattr(one, 'label', one.value))}" for one in controls
        )
        lines, sums = self._counts()
        return faces.paragraphs(
            [self.view.says, f"{lines} {sums}", f"Filters: {chosen or 'none'}.", faces.proof_line(self.frame, age)]
        )

    def static(self) -> str:
        """The face without a kernel: words, table, picture and code as plain HTML, the same bytes for the same numbers."""
        if self._forget_timer():  # controls that the same cell has just set are not drawn yet
            self._draw()
        return f"<div>{self._still}{self._table.value}{self._picture.value}{faces.still_code(self.code)}</div>"

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        bundle: dict[str, Any] = super()._repr_mimebundle_(**options)
        return {**bundle, "text/html": self.static(), "text/plain": self.plain()}

    def plain(self) -> str:
        """The face of a terminal: title, counts and the lines that are shown."""
        try:
            shown = faces.readable(self.frame, self.view.shows).to_string(index=False)
        except (ParameterError, ValueError) as error:
            return f"{self._title}: {error}"
        return "\n".join([f"{self._title}: {self.controls['view'].value}", " ".join(self._counts()), shown])

    def close(self) -> None:
        """Close the panel and everything in it."""
        self._forget_timer()
        for one in self.children:
            close_whole(one)
        self.layout.close()
        super().close()
