"""A report as one HTML file that asks no server for anything: style and pictures are inside, every text is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib.resources import files

from crmkit.report import pictures
from crmkit.report.parts import MARK, Chapter, Picture, Table

# The browser is told to load nothing, whatever a text in the data may say.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
NO_PICTURES = 'No pictures: matplotlib is not installed. It comes with pip install "crmkit[notebooks]".'
PROVENANCE = "Receipts"
PROOF = (
    "What was read, table by table, and whether it is everything. Declared is the total that the server names; a list that comes in "
    "one answer has none. Where a vendor names no total and no last page, completeness cannot be checked."
)


def page(
    title: str, lead: str, figures: Sequence[tuple[str, str]], chapters: Sequence[Chapter], receipts: Sequence[Table], source: str
) -> str:
    """The whole document. figures: a few numbers for the head, each with what it counts; source: how the page came to be."""
    style = "".join(files(place).joinpath("page.css").read_text(encoding="utf-8") for place in ("crmkit", "crmkit.report"))
    tiles = "".join(f"<div><b>{escape(number)}</b><span>{escape(what)}</span></div>" for number, what in figures)
    entries = [(one.title, one.question) for one in chapters] + [(PROVENANCE, "What was read, and is it everything?")]
    links = "".join(f'<li><a href="#{_anchor(name)}">{escape(name)}</a> {escape(asked)}</li>\n' for name, asked in entries)
    proofs = "".join(_table(one) for one in receipts)
    body = "".join(_chapter(one, f"c{number}") for number, one in enumerate(chapters, 1))
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f'<header><h1>{escape(title)}</h1>\n<p class="lead">{escape(lead)}</p>\n'
        f'<div class="tiles">{tiles}</div>\n<nav aria-label="Contents"><ol>\n{links}</ol></nav></header>\n<main>\n{body}</main>\n'
        f'<footer id="{_anchor(PROVENANCE)}"><h2>{PROVENANCE}</h2>\n<p class="question">{escape(PROOF)}</p>\n{proofs}'
        f'<p class="source">{escape(source)}</p></footer>\n</body>\n</html>\n'
    )


def _anchor(title: str) -> str:
    return escape("-".join(title.lower().split()))


def _chapter(one: Chapter, prefix: str) -> str:
    terms = "".join(f"<dt>{escape(term)}</dt><dd>{escape(meaning)}</dd>" for term, meaning in one.definitions.items())
    return (
        f'<section id="{_anchor(one.title)}"><h2>{escape(one.title)}</h2>\n<p class="question">{escape(one.question)}</p>\n'
        f"{_figure(one.picture, one.finding, prefix)}{''.join(_table(each) for each in one.tables)}"
        f'<details open class="definitions"><summary>Definitions</summary><dl>{terms}</dl></details>\n</section>\n'
    )


def _figure(one: Picture, finding: str, prefix: str) -> str:
    """The picture, below the sentence that it shows."""
    shown = f'<p class="note">{escape(NO_PICTURES)}</p>'
    if pictures.can_draw():
        shown = f'<div class="picture" role="img" aria-label="{escape(one.alt)}" tabindex="0">{pictures.svg(one, prefix)}</div>'
    return f"<figure><figcaption>{escape(finding)}</figcaption>\n{shown}</figure>\n"


def _table(one: Table) -> str:
    heads = "".join(
        f'<th scope="col"{_side(right)}>{escape(head)}</th>' for head, right in zip(one.heads, one.right, strict=True)
    )
    lines = "".join(_line(cells, one.right, marked) for cells, marked in zip(one.cells, one.marked, strict=True))
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in one.notes)
    return (
        f'<div class="table"><div class="wide"><table><caption>{escape(one.title)}</caption><thead><tr>{heads}</tr></thead>\n'
        f"<tbody>{lines}</tbody></table></div>{notes}</div>\n"
    )


def _line(cells: Sequence[str], rights: Sequence[bool], marked: bool) -> str:
    first, *others = zip(cells, rights, strict=True)
    named = escape(first[0]).replace(f" {MARK}", f"&nbsp;{MARK}")
    head = f'<th scope="row"{_side(first[1])}>{named}</th>'
    rest = "".join(f"<td{_side(right)}>{escape(cell)}</td>" for cell, right in others)
    style = ' class="small"' if marked else ""
    return f"<tr{style}>{head}{rest}</tr>\n"


def _side(right: bool) -> str:
    return ' class="number"' if right else ""
