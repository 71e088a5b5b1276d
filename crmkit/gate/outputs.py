"""What came out of a run, looked at cell by cell: errors, scripts, things loaded from elsewhere, folders, hidden rows, people and keys."""

from __future__ import annotations

import base64
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup

from crmkit.gate import read
from crmkit.gate.cells import Cell, Notebook, code_cells
from crmkit.gate.faults import Fault
from crmkit.gate.scanning import Known, folded, hits, readable

STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"
ERROR = re.compile(r"Traceback \(most recent call last\)|^[\w.]*(?:Error|Exception)\b ?[:(]", re.MULTILINE)
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
FOLDER = re.compile(r"(?<![\w.:/])/(?:home|Users|root|tmp|usr|opt|var|mnt|srv|private|etc)/[\w.]|\b[A-Za-z]:\\[\w.]|file://")
OWN = tuple({f"{place}/" for place in (str(Path.home()), tempfile.gettempdir(), sys.prefix) if len(place) > 2})
LOADING = {"src", "srcset", "data", "poster", "background", "action", "formaction", "ping", "manifest"}
ACTIVE = {"iframe", "frame", "object", "embed", "applet", "link", "base", "meta", "form", "portal"}
STYLED = re.compile(r"@import|url\(\s*['\"]?(?!#|data:image/)", re.IGNORECASE)
HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?![.\d])|font-size\s*:\s*0(?![.\d])", re.IGNORECASE
)
PICTURES = ("image/png", "image/jpeg")
MARKUP = ("text/html", "image/svg+xml", "text/markdown")
SEEN = ("text/plain", "application/json", "text/latex", "application/vnd.crmkit.number+json", VIEW, *PICTURES, *MARKUP)


@dataclass(frozen=True)
class Watch:
    """What must not be in a report. people, secrets, parameters: known texts. allowed: mail addresses shown on purpose."""

    people: Known = field(default_factory=lambda: Known([]))
    secrets: Known = field(default_factory=lambda: Known([]))
    parameters: tuple[str, ...] = ()
    allowed: frozenset[str] = frozenset()

    def faults(self, where: str, text: str, read: str | None = None) -> Iterator[Fault]:
        """What a text holds that it must not. read: what of it is read rather than obeyed (default: all)."""
        found = hits(text, self.people, self.secrets, self.allowed, read)
        yield from dict.fromkeys(Fault(reason, where, what) for reason, what in found)
        if FOLDER.search(text) or any(own in text for own in OWN):
            yield Fault("path", where)
        plain = folded(text)
        if any(folded(one) in plain for one in self.parameters):
            yield Fault("parameter", where)


def faults_of_outputs(notebook: Notebook, watch: Watch) -> Iterator[Fault]:
    """Everything that is wrong with what a notebook would show, its words and metadata included."""
    state = notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    for number, cell in enumerate(notebook.cells, 1):
        where = f"cell {number}"
        yield from watch.faults(where, cell.source, read.of_code(cell.source) if cell.cell_type == "code" else None)
        yield from watch.faults(f"{where}, metadata", _plain(cell.metadata), read.of_state(cell.metadata))
        if cell.cell_type == "markdown":
            yield from _faults_of_markdown(where, cell.source)
        elif cell.cell_type == "raw":  # the page takes it as it is
            yield from faults_of_markup(where, cell.source)
    for where, cell in code_cells(notebook):
        for output in cell.outputs:
            yield from _faults_of_output(where, output, watch)
        yield from _hidden_rows(where, cell, state)
    rest = {key: value for key, value in notebook.metadata.items() if key not in ("kernelspec", "language_info")}
    yield from watch.faults("notebook, metadata and widget state", _plain(rest), read.of_state(rest))


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if value else ""


def _faults_of_markdown(where: str, source: str) -> Iterator[Fault]:
    from nbconvert.filters import markdown2html
    from nbconvert.filters.markdown_mistune import InvalidNotebook

    try:
        yield from faults_of_markup(where, str(markdown2html(source)))
    except InvalidNotebook:
        yield Fault("outside", where, "a picture that was pasted into the text: nobody can look for names in it.")


def _faults_of_output(where: str, output: Any, watch: Watch) -> Iterator[Fault]:
    yield from watch.faults(f"{where}, metadata", _plain(output.get("metadata")), read.of_state(output.get("metadata", {})))
    if output.output_type == "error":
        yield Fault("error", where, f"{output.ename}.")
        return
    if output.output_type == "stream":
        if ERROR.search(COLOURS.sub("", output.text)):
            yield Fault("error", where, "the text of an error that was caught.")
        yield from watch.faults(where, output.text)
        return
    for kind, value in output.data.items():
        yield from _faults_of_data(where, kind, value, watch)


def _faults_of_data(where: str, kind: str, value: Any, watch: Watch) -> Iterator[Fault]:
    text = value if isinstance(value, str) else _plain(value)
    if "javascript" in kind:
        yield Fault("script", where)
    elif kind not in SEEN:
        yield Fault("hidden rows", where, f"an output of kind {kind}, which the report would not show.")
    if kind in PICTURES:
        text = "\n".join(readable(base64.b64decode(text)))
        yield from watch.faults(where, "\n".join(line for line in text.splitlines() if len(line) > len("a@b.be")))
        return
    if kind == "text/plain" and ERROR.search(text):
        yield Fault("error", where, "the text of an error that was caught.")
    if kind in MARKUP:
        yield from _faults_of_markdown(where, text) if kind == "text/markdown" else faults_of_markup(where, text)
    markup = kind in ("text/html", "image/svg+xml")
    yield from watch.faults(
        where, text, read.of_markup(text) if markup else None if isinstance(value, str) else read.of_state(value)
    )


def faults_of_markup(where: str, text: str) -> Iterator[Fault]:
    """Scripts, what a browser would load, and invisible tables and lists in HTML or SVG."""
    for tag in BeautifulSoup(text, "html.parser").find_all(True):
        values = {name.lower(): " ".join(one) if isinstance(one, list) else str(one) for name, one in tag.attrs.items()}
        links = [values[name] for name in ("href", "xlink:href") if name in values]
        if (
            tag.name == "script"
            or any(name.startswith("on") for name in values)
            or any(re.match(r"\s*(javascript|vbscript|data:text)", one, re.I) for one in links)
        ):
            yield Fault("script", where)
        loaded = [values[name] for name in LOADING & set(values)] + ([] if tag.name == "a" else links)
        if tag.name in ACTIVE or any(one.strip() and not re.match(r"\s*(#|data:image/)", one, re.I) for one in loaded):
            yield Fault("outside", where, f"a <{tag.name}>.")
        if STYLED.search(values.get("style", "")) or (tag.name == "style" and STYLED.search(tag.get_text())):
            yield Fault("outside", where, "a style that loads a file.")
        unseen = tag.name in ("template", "noscript") or "hidden" in values or HIDDEN.search(values.get("style", ""))
        if unseen and tag.get_text(strip=True):
            yield Fault("hidden rows", where, f"an invisible <{tag.name}> with text in it.")
    if "<!--" in text and any(len(one) > 200 for one in re.findall(r"<!--(.*?)-->", text, re.DOTALL)):
        yield Fault("hidden rows", where, "a long comment that nobody sees.")


def _hidden_rows(where: str, cell: Cell, state: dict[str, Any]) -> Iterator[Fault]:
    """Widgets that hold more lines than the static face of their cell shows, files, or the text of errors."""
    for output in cell.outputs:
        view = output.get("data", {}).get(VIEW)
        if not view:
            continue
        shown = _lines(output.data.get("text/html", ""))
        models = [state[name] for name in _tree(view["model_id"], state)]
        held = max((_rows(one.get("state", {})) for one in models), default=0)
        if held > max(shown, 1):
            yield Fault("hidden rows", where, f"a widget holds {held:,} lines, {shown:,} are shown.")
        if any(one.get("buffers") for one in models):
            yield Fault("hidden rows", where, "a widget holds binary data.")
        if any(one["output_type"] == "error" for model in models for one in model.get("state", {}).get("outputs", ())):
            yield Fault("error", where, "an error inside a widget.")
        if "text/html" not in output.data:
            yield Fault("hidden rows", where, "a widget without a static face: readers would see nothing.")


def _tree(name: str, state: dict[str, Any]) -> list[str]:
    """A widget's model and all that it refers to."""
    found, waiting = [], [name]
    while waiting:
        here = waiting.pop()
        if here in state and here not in found:
            found.append(here)
            waiting += re.findall(r"IPY_MODEL_(\w+)", json.dumps(state[here].get("state", {})))
    return found


def _rows(value: Any) -> int:
    """The largest number of lines that a value of a widget's state holds: of a table in it, or of a list of records."""
    if isinstance(value, str):
        return _lines(value)
    if isinstance(value, dict):
        return max((_rows(one) for one in value.values()), default=0)
    if isinstance(value, list):
        records = len(value) if any(isinstance(one, dict | list) for one in value) else 0
        return max([records, *(_rows(one) for one in value)])
    return 0


def _lines(text: str) -> int:
    return len(re.findall(r"<tr\b", text, re.IGNORECASE))
