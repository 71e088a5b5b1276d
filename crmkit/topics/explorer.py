"""client.explore(): any fetcher of a client: choose it, fill in its parameters, see plan, columns, preview, receipt and code."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import pandas as pd

from crmkit import display
from crmkit.errors import CrmkitError
from crmkit.params import Param
from crmkit.topics.panel import WIDE, Control, close_earlier, close_whole, proof_line, remember, sent, table_html

if TYPE_CHECKING:
    from crmkit.client import Client

PREVIEW = 50


def control(param: Param) -> Control:
    """The control of one declared parameter."""
    if param.choices and param.several == "no":
        options = param.choices if param.required else ("", *param.choices)
        return Control("choice", param.name, options, param.default if isinstance(param.default, str) else options[0])
    if param.choices:
        return Control("several", param.name, param.choices)
    if param.kind == "flag":
        return Control("choice", param.name, (("", None), ("True", True), ("False", False)))
    return Control("day" if param.kind in ("day", "instant", "moment") and param.several == "no" else "text", param.name)


class Explorer(widgets.VBox):  # type: ignore[misc]
    """A panel over all fetchers of a client.

    frame: the preview (at most 50 records, fetched when Preview is pressed or frame is read). code: Python that fetches the same.
    controls: name -> widget; the first is the fetcher, the others are its parameters.
    """

    def __init__(self, client: Client) -> None:
        close_earlier(f"explore {client.account}")
        self._client = client
        names = list(type(client).rows())
        self._choice = widgets.Dropdown(options=names, value=names[0], description="Fetcher", style=WIDE)
        self._limit = widgets.BoundedIntText(value=PREVIEW, min=1, max=1000, description="Preview records", style=WIDE)
        self._go = widgets.Button(description="Preview", button_style="primary")
        self._fields = widgets.VBox()
        self._about, self._table = widgets.HTML(), widgets.HTML()
        self._code = widgets.Textarea(description="Code", rows=5, style=WIDE, layout=widgets.Layout(width="98%"))
        self._frame: pd.DataFrame | None = None
        super().__init__([self._choice, self._fields, self._limit, self._go, self._about, self._table, self._code])
        self._choice.observe(self._chosen, names="value")
        self._limit.observe(self._changed, names="value")
        self._go.on_click(lambda _: self._preview())
        self._chosen({})
        remember(f"explore {client.account}", self)

    @property
    def controls(self) -> dict[str, Any]:
        """Name -> widget."""
        return {"fetcher": self._choice, **self._params, "limit": self._limit}

    def _fetcher(self) -> Any:
        return getattr(self._client, self._choice.value)

    def _chosen(self, change: Any) -> None:
        """Another fetcher: its parameters become the controls."""
        for one in self._fields.children:
            close_whole(one)
        row = type(self._client).rows()[self._choice.value]
        declared = (*row.own_slots(self._client.slots), *row.params)
        self._places = [param.name for param in row.own_slots(self._client.slots)]
        self._params = {param.name: control(param).widget() for param in declared}
        for one in self._params.values():
            one.observe(self._changed, names="value")
        self._fields.children = tuple(self._params.values())
        self._changed(change)

    def _changed(self, change: Any) -> None:
        self._frame = None
        self._code.value = self.code
        self._about.value = self._describe()
        self._table.value = ""

    def _arguments(self) -> tuple[list[Any], dict[str, Any]]:
        values = {name: sent(one.value) for name, one in self._params.items()}
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
        """The preview; asked for at first use."""
        if self._frame is None:
            places, words = self._arguments()
            self._frame = self._fetcher()(*places, **words, limit=self._limit.value)
        return self._frame

    def _preview(self) -> None:
        try:
            frame = self.frame
            self._about.value = self._describe() + f"<p>{html.escape(proof_line(frame))}</p>"
            self._table.value = table_html(frame, self._choice.value)
        except CrmkitError as error:
            self._table.value = f"<p><strong>{html.escape(str(error))}</strong></p>"

    def _describe(self) -> str:
        """What the fetcher gives, what it would cost, and its columns; asks nothing."""
        fetcher = self._fetcher()
        places, words = self._arguments()
        try:
            plan = str(fetcher.plan(*places, **words, limit=self._limit.value, probe=False))
        except CrmkitError as error:
            plan = str(error)
        columns = fetcher.columns
        listed = display.table("Columns", list(columns.columns), columns.itertuples(index=False))
        return f"<p>{html.escape(fetcher.row.doc)}</p><p>{html.escape(plan)}</p><details><summary>Columns</summary>{listed}</details>"

    def static(self) -> str:
        """The face without a kernel."""
        return f"<div>{self._about.value}{self._table.value}</div>"

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        bundle: dict[str, Any] = super()._repr_mimebundle_(**options)
        return {**bundle, "text/html": self.static(), "text/plain": self.code}

    def close(self) -> None:
        """Close the panel and everything in it."""
        for one in (*self.controls.values(), self._go, self._fields, self._about, self._table, self._code):
            close_whole(one)
        self.layout.close()
        super().close()
