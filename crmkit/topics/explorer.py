"""client.explore(): any fetcher of a client: choose it, fill in its parameters, see plan, columns, preview, receipt and code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import pandas as pd

from crmkit import display
from crmkit.errors import CrmkitError
from crmkit.params import Param, unknown_name
from crmkit.topics import faces
from crmkit.topics.cells import close_earlier, close_whole, remember
from crmkit.topics.panel import Control, Form, sent, shown

if TYPE_CHECKING:
    from crmkit.client import Client

PREVIEW = 50  # records asked for, unless told otherwise
UNASKED = "Nothing is asked yet: Preview, or reading .frame, fetches at most {} records."


def control(param: Param, *, place: bool = False) -> Control:
    """The control of one declared parameter; place: part of the path, so it has to be there."""
    label = f"{param.name} (needed)" if place or param.required else param.name
    hint = f"{param.meaning} {param.described}".strip()
    if param.choices and param.several == "no":
        options = param.choices if param.required or place else ("", *param.choices)
        value = param.default if isinstance(param.default, str) else options[0]
        return Control("choice", label, options, value, hint=hint)
    if param.choices and param.several != "map":
        return Control("several", label, param.choices, hint=hint)
    if param.kind == "flag" and param.several == "no":
        return Control("choice", label, (("", None), ("True", True), ("False", False)), hint=hint)
    dated = param.kind in ("day", "instant", "moment") and param.several == "no"
    return Control("day" if dated else "text", label, hint=hint)


def meant(param: Param, value: Any, *, place: bool = False) -> Any:
    """What a control holds, as the keyword takes it: typed lists are parted at commas, dicts and JSON values are read."""
    if not isinstance(value, str) or (param.choices and param.several == "no"):
        return value
    if param.several == "map" or param.kind == "json":
        try:
            return json.loads(value)
        except ValueError:
            return value  # the fetcher says what it takes
    parts = [part.strip() for part in value.split(",") if part.strip()]
    return parts if len(parts) > 1 and (place or param.several != "no") else value


def telling(frame: pd.DataFrame) -> tuple[str, ...]:
    """The columns of a preview: the first, and those that are no ids of something else."""
    return tuple(name for name in frame.columns[:1]) + tuple(name for name in frame.columns[1:] if not faces.IDS.search(name))


class Explorer(widgets.VBox):  # type: ignore[misc]
    """A panel over all fetchers of a client.

    frame: the preview (50 records at most, unless limit says otherwise), asked for when Preview is pressed or frame is read. code:
    Python that fetches the same. controls: name -> widget; the first is the fetcher, then its parameters, limit and the Preview button.
    """

    def __init__(self, client: Client, fetcher: str | None = None) -> None:
        self._cell = f"explore {client.account}"
        close_earlier(self._cell)
        self._client = client
        names = list(type(client).rows())
        if fetcher is not None and fetcher not in names:
            raise unknown_name(str(fetcher), names, f"{type(client).__name__}.explore", "fetcher")
        self._choice = Control("choice", "Fetcher", tuple(names), fetcher or names[0], wide=True).widget()
        self._limit = Control("whole", "Preview at most (records)", value=PREVIEW, least=1, most=1000).widget()
        self._go = widgets.Button(description="Preview", button_style="primary", tooltip="Ask for these records")
        self._fields = Form()
        self._about, self._table, self._copy = (shown() for _ in range(3))
        self._frame: pd.DataFrame | None = None
        parts = [self._choice, self._fields, self._limit, self._go, self._about, self._table, self._copy]
        super().__init__(parts)
        self._choice.observe(self._chosen, names="value")
        self._limit.observe(self._changed, names="value")
        self._go.on_click(lambda _: self.preview())
        self._chosen({})
        remember(self._cell, self)

    @property
    def controls(self) -> dict[str, Any]:
        """Name -> widget."""
        return {"fetcher": self._choice, **self._params, "limit": self._limit, "preview": self._go}

    def _fetcher(self) -> Any:
        return getattr(self._client, self._choice.value)

    def _chosen(self, change: Any) -> None:
        """Another fetcher: its parameters become the controls."""
        before = self._fields.children
        row = type(self._client).rows()[self._choice.value]
        places = row.own_slots(self._client.slots)
        self._places = [param.name for param in places]
        self._declared = {param.name: param for param in (*places, *row.params)}
        self._params = {name: control(one, place=name in self._places).widget() for name, one in self._declared.items()}
        for one in self._params.values():
            one.observe(self._changed, names="value")
        self._fields.children = tuple(self._params.values())
        for one in before:
            close_whole(one)
        self._changed(change)

    def _changed(self, change: Any) -> None:
        self._frame = None
        self._copy.value = faces.code_html(self.code)
        self._about.value = self._describe()
        self._table.value = faces.paragraphs([UNASKED.format(self._limit.value)])

    def _arguments(self) -> tuple[list[Any], dict[str, Any]]:
        values = {
            name: meant(self._declared[name], sent(one.value), place=name in self._places) for name, one in self._params.items()
        }
        places = [values.pop(name) for name in self._places]
        while places and places[-1] is None:
            places.pop()
        return places, {name: value for name, value in values.items() if value is not None}

    @property
    def code(self) -> str:
        """Python that, run as it is in a fresh interpreter, leaves an equal table in frame."""
        places, words = self._arguments()
        given = [repr(value) for value in places] + [f"{name}={value!r}" for name, value in words.items()]
        call = f"client.{self._choice.value}({', '.join([*given, f'limit={self._limit.value}'])})"
        return f"import crmkit\n\nclient = {self._client.recipe}\nframe = {call}\n"

    @property
    def frame(self) -> pd.DataFrame:
        """The preview; asked for at first use, and shown from then on."""
        if self._frame is None:
            places, words = self._arguments()
            self._frame = self._fetcher()(*places, **words, limit=self._limit.value)
            self._about.value = self._describe()  # the plan knows more now
            self._table.value = self._shown(self._frame)
        return self._frame

    def preview(self) -> None:
        """Ask for the records and show them, or what went wrong; what the button does."""
        try:
            self.frame  # noqa: B018 - reading it asks and shows
        except CrmkitError as error:
            self._table.value = faces.problem(error)

    def _shown(self, frame: pd.DataFrame, age: bool = True) -> str:
        lines = [faces.proof_line(frame, age)]
        return faces.paragraphs(lines) + faces.table_html(frame, self._choice.value, telling(frame))

    def _describe(self) -> str:
        """What the fetcher gives, what it would cost, and its columns; asks nothing."""
        fetcher = self._fetcher()
        places, words = self._arguments()
        try:
            plan = str(fetcher.plan(*places, **words, limit=self._limit.value, probe=False))
        except CrmkitError as error:
            plan = str(error)
        columns = fetcher.columns.fillna("")
        listed = display.table("Columns", list(columns.columns), columns.itertuples(index=False))
        folded = f"<details><summary>{faces.counted(len(columns), 'column')}</summary>{listed}</details>"
        return faces.paragraphs([fetcher.row.doc, plan]) + folded

    def static(self) -> str:
        """The face without a kernel, the same bytes for the same records."""
        table = self._table.value if self._frame is None else self._shown(self._frame, age=False)
        return f"<div>{self._about.value}{table}{faces.still_code(self.code)}</div>"

    def plain(self) -> str:
        """The face of a terminal."""
        shown = (
            UNASKED.format(self._limit.value)
            if self._frame is None
            else faces.readable(self._frame, telling(self._frame)).to_string(index=False)
        )
        return f"{self._choice.value}\n{shown}"

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        bundle: dict[str, Any] = super()._repr_mimebundle_(**options)
        return {**bundle, "text/html": self.static(), "text/plain": self.plain()}

    def close(self) -> None:
        """Close the panel and everything in it."""
        for one in self.children:
            close_whole(one)
        self.layout.close()
        super().close()
