"""The review panel: two records side by side, yes, no or later, and every answer kept at once."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pandas as pd

from crmkit import display
from crmkit.clean.matching import decided
from crmkit.clean.matching.decided import Key, pairs_of
from crmkit.clean.matching.result import Matches
from crmkit.clean.matching.weights import FIELDS
from crmkit.topics.cells import close_earlier, close_whole, remember

ROWS = {
    "name": ("first_name", "last_name", "generation"),
    "birth date": ("birth_date",),
    "gender": ("gender",),
    "mail": ("mail",),
    "phone": ("phone",),
    "address": ("address",),
}
SHOWN = 15
WIDE = {"description_width": "initial"}
HELP = "Tab goes from button to button, Space presses one."


class ReviewPanel(widgets.VBox):  # type: ignore[misc]
    """Pairs to decide, one at a time.

    decisions: DataFrame of all that is decided, as in the file. frame: DataFrame of the pairs still to decide. controls: name ->
    widget (yes, no, later, back, note). code: Python that applies the decisions to the frames. pair: system and id of both records
    on screen, or None.
    """

    def __init__(self, result: Matches, pairs: pd.DataFrame, path: Path) -> None:
        close_earlier("review")
        self._result, self._path, self._asked = result, path, pairs.reset_index(drop=True)
        self.decisions = decided.decisions(path)
        done = {frozenset(keys) for keys in pairs_of(self.decisions)}
        self._keys = pairs_of(self._asked)
        self._queue = [line for line, keys in enumerate(self._keys) if frozenset(keys) not in done]
        self._later, self._answered = set[int](), list[int]()
        self.controls = self._buttons()
        self._bar = widgets.IntProgress(min=0, max=max(1, len(self._keys)), layout=widgets.Layout(width="60%"))
        self._about, self._pair = widgets.HTML(), widgets.HTML()
        buttons = widgets.HBox([self.controls[name] for name in ("yes", "no", "later", "back")])
        super().__init__([self._about, self._bar, self._pair, buttons, self.controls["note"], widgets.HTML(f"<p>{HELP}</p>")])
        self._draw()
        remember("review", self)

    def _buttons(self) -> dict[str, Any]:
        said = {
            "yes": ("Yes, one person", "success"),
            "no": ("No, two people", "danger"),
            "later": ("Later", ""),
            "back": ("Back", ""),
        }
        found: dict[str, Any] = {}
        for name, (label, style) in said.items():
            found[name] = widgets.Button(description=label, button_style=style, tooltip=label)
            found[name].on_click(self._press(name))
        found["note"] = widgets.Text(description="Note", placeholder="kept in the file: no names", style=WIDE)
        return found

    def _press(self, name: str) -> Callable[[Any], None]:
        return lambda button: self.answer(name)

    @property
    def pair(self) -> tuple[Key, Key] | None:
        """System and id of the two records on screen; None when all is decided."""
        return self._keys[self._queue[0]] if self._queue else None

    @property
    def frame(self) -> pd.DataFrame:
        """The pairs still to decide, in the order in which they come."""
        return self._asked.loc[self._queue].reset_index(drop=True)

    @property
    def code(self) -> str:
        """Python that applies the decisions."""
        return f"result = crmkit.clean.match(frames, decisions={str(self._path)!r})\n"

    def answer(self, word: str) -> None:
        """What a button does: yes or no is saved and the next pair comes; later puts the pair at the end; back takes the last answer up again."""
        if word == "back":
            if self._answered:
                self._queue.insert(0, self._answered.pop())
        elif self._queue:
            line = self._queue.pop(0)
            if word == "later":
                self._later.add(line)
                self._queue.append(line)
            else:
                self._keep(line, word)
        self._draw()

    def _keep(self, line: int, word: str) -> None:
        (system_a, id_a), (system_b, id_b) = self._keys[line]
        said = {"decision": word, "date": date.today().isoformat(), "note": self.controls["note"].value.strip()}
        self.decisions = decided.added(
            self.decisions, [{"system_a": system_a, "id_a": id_a, "system_b": system_b, "id_b": id_b, **said}]
        )
        decided.save(self.decisions, self._path)
        self._answered.append(line)
        self._later.discard(line)
        self.controls["note"].value = ""

    def _draw(self) -> None:
        done = len(self._keys) - len(self._queue)
        self._bar.value = done
        self._about.value = f"<p>{html.escape(self._progress())}</p>"
        self._pair.value = self._side_by_side()
        for name in ("yes", "no", "later"):
            self.controls[name].disabled = not self._queue
        self.controls["back"].disabled = not self._answered

    def _progress(self) -> str:
        done, later = len(self._keys) - len(self._queue), len(self._later.intersection(self._queue))
        waiting = f", {later:,} put off" if later else ""
        return f"{done:,} of {len(self._keys):,} pairs decided{waiting}; answers are kept in {self._path.name}."

    def _side_by_side(self) -> str:
        """Both records as the frames have them, and what each field says; every text is escaped."""
        if self.pair is None:
            return "<p>Nothing is left to decide.</p>"
        one, other = self.pair
        line = self._asked.loc[self._queue[0]]
        told = self._result.shown(one), self._result.shown(other)
        rows = [
            (
                name,
                told[0][name],
                told[1][name],
                "; ".join(str(line[field]) for field in fields if line[field]),
                _bits(line, fields),
            )
            for name, fields in ROWS.items()
        ]
        chance = f"The chance of one person is {line['probability']:.1%}"
        caption = f"{chance}; {line['why']}" if line["why"] else chance
        return display.table(caption, ("", " ".join(one), " ".join(other), "what it says", "weight"), rows)

    def static(self) -> str:
        """The face without a kernel: how far it is, and the pairs still to decide by system and id; no names, mails or numbers."""
        rows = [
            (f"{one[0]} {one[1]}", f"{other[0]} {other[1]}", f"{line['probability']:.1%}", evidence(line))
            for line, (one, other) in ((self._asked.loc[place], self._keys[place]) for place in self._queue[:SHOWN])
        ]
        more = f"the first {len(rows)} of {len(self._queue):,}" if len(self._queue) > len(rows) else f"{len(rows)}"
        table = display.table(f"Pairs to decide ({more})", ("record", "record", "chance of one person", "evidence"), rows)
        return f"<div><p>{html.escape(self._progress())}</p>{table}</div>"

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        bundle: dict[str, Any] = super()._repr_mimebundle_(**options)
        return {**bundle, "text/html": self.static(), "text/plain": self._progress()}

    def close(self) -> None:
        """Close the panel and everything in it."""
        for one in (*self.controls.values(), *self.children):
            close_whole(one)
        self.layout.close()
        super().close()


def _bits(line: Any, fields: tuple[str, ...]) -> str:
    said = [float(line[f"{field}_weight"]) for field in fields if line[field]]
    return f"{sum(said):+.1f}" if said else ""


def evidence(line: Any) -> str:
    """What the fields of a pair say, in one sentence without personal data."""
    return "; ".join([*(str(line[field]) for field in FIELDS if line[field]), *([f"but: {line['why']}"] if line["why"] else [])])


def review(result: Matches, path: str | Path = "decisions.json", *, pairs: pd.DataFrame | None = None) -> ReviewPanel:
    """A panel in which a reader decides pairs: side by side, yes, no or later.

    Parameters
    result: what match() gave. path: the file that keeps the answers, .json or .csv; it is read first, so that work goes on where it
    stopped, and written after every answer. It holds systems, ids, yes or no, the day and the note, nothing else of anybody: write no
    names into notes. pairs: lines of result.pairs to look at; by default those for review, the surest first.

    Returns the panel; its .decisions can be given to match(decisions=...) at once, as can the file after the next fetch. What is saved
    with a notebook is the static face, which shows ids and evidence but no names; the pair on screen is in the widget state, if that is
    saved too. Raises ConfigError where the file's name says no format, ShapeError where the file is broken.
    """
    chosen = result.pairs[result.pairs["decision"] == "review"] if pairs is None else pairs
    return ReviewPanel(result, chosen, decided.checked(path))
