"""Tables and chapters as plain text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import fill, wrap

from crmkit.report.parts import Chapter, Table

WIDTH = 100
LONGEST = 44
NARROW = 9


def lined_up(heads: Sequence[str], lines: Sequence[Sequence[str]], right: Sequence[bool], *, longest: int = LONGEST) -> str:
    """Columns under their heads, numbers to the right, texts cut at longest, long heads broken."""
    cut = [[_cut(cell, longest) for cell in line] for line in lines]
    cells = [max((len(line[at]) for line in cut), default=0) for at in range(len(heads))]
    broken = [
        wrap(_cut(head, longest), max(cell, NARROW), break_long_words=False) for head, cell in zip(heads, cells, strict=True)
    ]
    widths = [max(cell, *(len(word) for word in words)) for cell, words in zip(cells, broken, strict=True)]
    tall = max(len(words) for words in broken)
    top = zip(*([""] * (tall - len(words)) + words for words in broken), strict=True)
    shown = [*top, ["─" * width for width in widths], *cut]
    return "\n".join(_line(line, widths, right) for line in shown)


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    places = zip(cells, widths, right, strict=True)
    return "  ".join(cell.rjust(width) if number else cell.ljust(width) for cell, width, number in places).rstrip()


def _cut(text: str, longest: int) -> str:
    # A name from a record must not move the cursor or colour the terminal.
    text = "".join(one if one.isprintable() else "�" for one in text)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def table(one: Table) -> str:
    """A table with its title and notes."""
    notes = [fill(note, WIDTH) for note in one.notes]
    return "\n".join([one.title, "", lined_up(one.heads, one.cells, one.right), *notes])


def chapter(one: Chapter) -> Iterator[str]:
    """A chapter, block by block."""
    yield f"{one.title.upper()}\n{fill(one.about, WIDTH)}"
    if one.findings:
        yield "\n".join(fill(finding, WIDTH, initial_indent="• ", subsequent_indent="  ") for finding in one.findings)
    yield from (table(each) for each in one.tables)
