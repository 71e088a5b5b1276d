"""A report as one HTML file that asks no server for anything: style and pictures are inside, every text is escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files

from crmkit.report import pictures
from crmkit.report.parts import Chapter, Picture, Table

# The browser is told to load nothing, whatever a text in the data may say.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
NO_PICTURES = 'No pictures: matplotlib is not installed. It comes with pip install "crmkit[notebooks]".'


def page(
    title: str, lead: str, figures: Sequence[tuple[str, str]], chapters: Sequence[Chapter], receipts: Sequence[Table]
) -> str:
    """The whole document. figures are a few numbers for the head, each with what it counts."""
    style = files("crmkit.report").joinpath("page.css").read_text(encoding="utf-8")
    tiles = "".join(f"<div><b>{escape(number)}</b><span>{escape(what)}</span></div>" for number, what in figures)
    links = "".join(f'<li><a href="#{_anchor(name)}">{escape(name)}</a></li>' for name in (*_titles(chapters), "Receipts"))
    proofs = "".join(_table(one) for one in receipts)
    body = "".join(_chapter(one, f"c{number}") for number, one in enumerate(chapters, 1))
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f'<header><h1>{escape(title)}</h1>\n<p class="lead">{escape(lead)}</p>\n'
        f'<div class="tiles">{tiles}</div>\n<nav aria-label="Chapters"><ul>{links}</ul></nav></header>\n<main>\n{body}'
        f'<section id="receipts"><h2>Receipts</h2>\n{proofs}</section>\n</main>\n</body>\n</html>\n'
    )


def _titles(chapters: Sequence[Chapter]) -> Iterator[str]:
    return (one.title for one in chapters)


def _anchor(title: str) -> str:
    return escape("-".join(title.lower().split()))


def _chapter(one: Chapter, prefix: str) -> str:
    findings = "".join(f"<li>{escape(finding)}</li>" for finding in one.findings)
    shown = [_picture(each, f"{prefix}p{number}") for number, each in enumerate(one.pictures, 1)]
    if one.pictures and not pictures.can_draw():
        shown = [f'<p class="note">{escape(NO_PICTURES)}</p>\n']
    terms = "".join(f"<dt>{escape(term)}</dt><dd>{escape(meaning)}</dd>" for term, meaning in one.definitions.items())
    return (
        f'<section id="{_anchor(one.title)}"><h2>{escape(one.title)}</h2>\n<p class="about">{escape(one.about)}</p>\n'
        f'<ul class="findings">{findings}</ul>\n{"".join(shown)}{"".join(_table(each) for each in one.tables)}'
        f'<details open class="definitions"><summary>Definitions</summary><dl>{terms}</dl></details>\n</section>\n'
    )


def _picture(one: Picture, prefix: str) -> str:
    return (
        f'<figure><div class="picture" role="img" aria-label="{escape(one.alt)}">{pictures.svg(one, prefix)}</div>\n'
        f"<figcaption>{escape(one.title)}</figcaption></figure>\n"
    )


def _table(one: Table) -> str:
    heads = "".join(
        f'<th scope="col"{_side(right)}>{escape(head)}</th>' for head, right in zip(one.heads, one.right, strict=True)
    )
    lines = "".join(_line(cells, one.right, marked) for cells, marked in zip(one.cells, one.marked, strict=True))
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in one.notes)
    return (
        f'<div class="table"><table><caption>{escape(one.title)}</caption><thead><tr>{heads}</tr></thead>\n'
        f"<tbody>{lines}</tbody></table>{notes}</div>\n"
    )


def _line(cells: Sequence[str], rights: Sequence[bool], marked: bool) -> str:
    first, *others = zip(cells, rights, strict=True)
    head = f'<th scope="row"{_side(first[1])}>{escape(first[0])}</th>'
    rest = "".join(f"<td{_side(right)}>{escape(cell)}</td>" for cell, right in others)
    style = ' class="small"' if marked else ""
    return f"<tr{style}>{head}{rest}</tr>\n"


def _side(right: bool) -> str:
    return ' class="number"' if right else ""
