"""What a panel shows, as escaped HTML and plain text: a short table, sums, the receipt in a line, a picture, the code.

The live and the static face are made of the same pieces, so they cannot differ in a number. Same numbers, same bytes.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.receipts import holds, receipt

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LINES, COLUMNS, LETTERS = 15, 12, 40  # what a panel shows at most; the frame holds everything
SHARE = re.compile(r"share|(^|_)rate$|^turnout$|^coverage$|^difference$|^use_of_capacity$")
IDS = re.compile(r"(^|[._])(id|ids|uid|uri)$")
COUNTLESS = re.compile(rf"{IDS.pattern}|(^|_)(season|year)$")  # whole numbers that count nothing: no thousands apart
PAD = "padding:2px 8px;line-height:1.35;"
NUMBERS = ("Int64", "int64", "float64")
LEFT, RIGHT = f"{PAD}text-align:left;", f"{PAD}text-align:right;"
WHOLE = "white-space:nowrap"


def readable(frame: pd.DataFrame, shows: Sequence[str] = ()) -> pd.DataFrame:
    """The part of a table that is shown, as texts: the first lines, the columns in shows (none: all), a rate with its interval.

    Columns without any value are left out. A table whose lines have names (a matrix) shows them first.
    """
    named = not isinstance(frame.index, pd.RangeIndex)
    wanted = (name for name in frame.columns if (not shows or name in shows) and worth_showing(frame[name]))
    columns = list(islice(wanted, COLUMNS - named))
    top = frame.head(LINES)
    found: dict[str, Any] = {" ": [text(name) for name in top.index]} if named else {}
    for name in columns:
        wording, head = words_for(frame[name]), heading(name, frame[name].dtype)
        found[head] = [wording(value) for value in top[name]]
        if f"{name}_low" in frame:
            bounds = zip(found[head], top[f"{name}_low"], top[f"{name}_high"], strict=True)
            found[head] = [interval(shown, low, high) for shown, low, high in bounds]
    return pd.DataFrame(found, index=range(len(top)), dtype="object")


def worth_showing(column: pd.Series[Any]) -> bool:
    """Whether anything is known in a column; of a table without lines all are shown."""
    return not len(column) or bool(column.head(LINES).notna().any() or column.notna().any())


def heading(name: Any, dtype: Any) -> str:
    """A column's name, with the zone where it holds instants."""
    zone = getattr(dtype, "tz", None)
    return f"{name} ({zone})" if zone else str(name)


def words_for(column: pd.Series[Any]) -> Callable[[Any], str]:
    """How the values of a column are written: shares in per cent, other numbers with the same decimals in all lines."""
    if not pd.api.types.is_float_dtype(column.dtype):
        countless = pd.api.types.is_integer_dtype(column.dtype) and COUNTLESS.search(str(column.name))
        return (lambda value: "" if pd.isna(value) else str(value)) if countless else text
    if SHARE.search(str(column.name)):
        return per_cent
    known = column.dropna()
    decimals = 0 if (known == known.round()).all() else 2
    return lambda value: "" if pd.isna(value) else f"{value:,.{decimals}f}"


def per_cent(value: float) -> str:
    """A share as 12.3 %."""
    return "" if pd.isna(value) else f"{value:.1%}".replace("%", " %")


def interval(shown: str, low: float, high: float) -> str:
    """A share with its interval, in per cent."""
    return shown if not shown or pd.isna(low) or pd.isna(high) else f"{shown} ({100 * low:.0f} to {100 * high:.0f})"


def text(value: Any) -> str:
    """One value as short text."""
    if isinstance(value, list | tuple):
        records = bool(value) and isinstance(value[0], dict)
        return counted(len(value), "record") if records else text(", ".join(map(str, value)))
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return ""
    if pd.api.types.is_bool(value):
        return "yes" if value else "no"
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d" if value == value.normalize() and value.tz is None else "%Y-%m-%d %H:%M")
    if pd.api.types.is_integer(value):
        return f"{value:,}"
    whole = " ".join(str(value).split())
    return whole if len(whole) <= LETTERS else f"{whole[: LETTERS - 1]}…"


def totals(frame: pd.DataFrame, adds: Iterable[str]) -> str:
    """The sums of the columns that may be added up, where any value is known."""
    known = [name for name in adds if name in frame and frame[name].notna().any()]
    return f"Sums: {', '.join(f'{name} {amount(frame[name].sum())}' for name in known)}." if known else ""


def amount(value: Any) -> str:
    """A sum: whole where it is, else with two decimals."""
    return f"{int(value):,}" if value == int(value) else f"{value:,.2f}"


def counted(number: int, noun: str) -> str:
    """1 line, 2 lines."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def proof_line(frame: pd.DataFrame, age: bool = True) -> str:
    """The receipt in one line, where the table still carries one; age: with the time of the oldest answer."""
    if not holds(frame):
        return ""
    proof = receipt(frame)
    since = f"; answers from {proof.oldest} UTC" if age and proof.oldest else ""
    return f"From {proof.crm} ({proof.endpoint}): {proof.verdict}{since}."


def paragraphs(lines: Iterable[str]) -> str:
    """Lines as paragraphs; empty ones are left out."""
    return "".join(f'<p style="margin:2px 0;line-height:1.4">{html.escape(line)}</p>' for line in lines if line)


def problem(error: Exception) -> str:
    """What went wrong, where the table would be."""
    return f'<p style="margin:2px 0;line-height:1.4"><strong>{html.escape(str(error))}</strong></p>'


def table_html(frame: pd.DataFrame, caption: str, shows: Sequence[str] = ()) -> str:
    """The part of a table that is shown, as escaped HTML: numbers to the right, and a caption that says what is left out."""
    shown = readable(frame, shows)
    numbers = {heading(name, dtype) for name, dtype in frame.dtypes.items() if str(dtype) in NUMBERS}
    sides = [RIGHT if name in numbers else LEFT for name in shown]
    # A long name may break after an underscore; copied, it is still the column's name.
    head = "".join(
        f'<th style="{side}">{html.escape(str(name)).replace("_", "_<wbr>")}</th>'
        for name, side in zip(shown, sides, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(f'<td style="{side}{WHOLE}">{html.escape(one)}</td>' for one, side in zip(line, sides, strict=True))
        + "</tr>"
        for line in shown.itertuples(index=False, name=None)
    )
    title = f'<caption style="{LEFT}">{html.escape(caption + left_out(frame, shown))}</caption>'
    table = f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div style="overflow-x:auto">{table}</div>'


def left_out(frame: pd.DataFrame, shown: pd.DataFrame) -> str:
    """How much of a table is shown."""
    lines = f"the first {len(shown)} of {len(frame):,} lines" if len(frame) > len(shown) else counted(len(frame), "line")
    unseen = (name for name, dtype in frame.dtypes.items() if heading(name, dtype) not in shown)
    hidden = [name for name in unseen if not re.search("_(low|high)$", str(name))]
    more = f"; {counted(len(hidden), 'further column')} in .frame" if hidden else ""
    return f" ({lines}{more})"


def picture_html(figure: Figure | None, alt: str) -> str:
    """A figure as inline SVG with a text for those who do not see it; the same bytes for the same picture."""
    if figure is None:
        return ""
    from matplotlib import rc_context

    from crmkit.topics.canvas import Canvas

    file = io.StringIO()
    for axis in (axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis) if not axis.label.get_text()):
        axis.set_label_coords(0, 0)  # no ticks are measured to find the place of a label that is not there
    with rc_context({"svg.hashsalt": "crmkit", "svg.fonttype": "none"}):
        Canvas(figure, file).write()
    svg = re.sub(r"^.*?(?=<svg)", "", file.getvalue(), flags=re.DOTALL)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{html.escape(alt, quote=True)}" ', 1)


def code_html(code: str) -> str:
    """The code with a button that copies it; where a page runs no scripts, text to select."""
    copy = "getSelection().selectAllChildren(this.nextElementSibling);document.execCommand('copy')"
    button = f'<button type="button" class="jupyter-button widget-button" onclick="{copy}">Copy code</button>'
    return button + still_code(code)


def still_code(code: str) -> str:
    """The code, for readers without a kernel."""
    return f'<pre style="margin:4px 0;line-height:1.35;overflow-x:auto;font-family:monospace">{html.escape(code.rstrip())}</pre>'
