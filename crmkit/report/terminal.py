"""Tables and chapters as plain text for a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import fill, wrap

from crmkit.report.parts import Chapter, Table

WIDTH = 80
NARROW, SHORTEST = 8, 12
GAP = "  "


def lined_up(heads: Sequence[str], lines: Sequence[Sequence[str]], right: Sequence[bool], *, width: int = WIDTH) -> str:
    """Columns under their heads, numbers to the right, long heads broken; texts are cut, the longest first, until lines fit in width."""
    longest = max((len(cell) for line in lines for cell in line), default=0)
    while True:
        shown, widths = _laid_out(heads, lines, right, longest)
        if longest <= SHORTEST or sum(widths) + len(GAP) * (len(widths) - 1) <= width:
            return "\n".join(_line(line, widths, right) for line in shown)
        longest -= 1


def _laid_out(
    heads: Sequence[str], lines: Sequence[Sequence[str]], right: Sequence[bool], longest: int
) -> tuple[list[Sequence[str]], list[int]]:
    """Lines with texts of at most so many characters, heads and a rule above them; and the width of each column."""
    cut = [[_tame(cell, len(cell) if number else longest) for cell, number in zip(line, right, strict=True)] for line in lines]
    cells = [max((len(line[at]) for line in cut), default=0) for at in range(len(heads))]
    broken = [
        wrap(_tame(head, len(head)), max(cell, NARROW), break_long_words=False) for head, cell in zip(heads, cells, strict=True)
    ]
    widths = [max(cell, *(len(word) for word in words)) for cell, words in zip(cells, broken, strict=True)]
    tall = max(len(words) for words in broken)
    top = zip(*([""] * (tall - len(words)) + words for words in broken), strict=True)
    return [*top, ["─" * width for width in widths], *cut], widths


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    places = zip(cells, widths, right, strict=True)
    return GAP.join(cell.rjust(width) if number else cell.ljust(width) for cell, width, number in places).rstrip()


def _tame(text: str, longest: int) -> str:
    # A name from a record must not move the cursor or colour the terminal.
    text = "".join(one if one.isprintable() else "�" for one in text)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def table(one: Table) -> str:
    """A table with its title and notes."""
    notes = [fill(note, WIDTH) for note in one.notes]
    return "\n".join([one.title, "", lined_up(one.heads, one.cells, one.right), *notes])


def chapter(one: Chapter) -> Iterator[str]:
    """A chapter, block by block."""
    yield f"{one.title.upper()}\n{fill(one.question, WIDTH)}"
    yield fill(one.finding, WIDTH, initial_indent="→ ", subsequent_indent="  ")
    yield from (table(each) for each in one.tables)
