"""Pictures of groups over time, of persons, places, tickets and payments."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crmkit.errors import ParameterError
from crmkit.topics import drawing
from crmkit.topics.attendance.plots import WIDTH, event_names, per_cent_axis
from crmkit.topics.attendance.tickets import PAYMENTS, SOLD, STOCK_USE
from crmkit.topics.checked import checked

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 15


@checked
def plot_group_change(table: pd.DataFrame, *, most: int = MOST, ax: Axes | None = None) -> Axes:
    """How much each group's rate fell or rose, in percentage points with interval; hollow where a season holds few.

    table: what group_change() returns. most: the groups that changed most, down or up.
    """
    ax = drawing.axes(ax)
    drawing.needs(table, ["group", "change", "change_low", "change_high", "small"], "group_change()")
    largest = table["change"].abs().sort_values(ascending=False, kind="stable").index[:most]
    shown = pd.DataFrame(table.loc[sorted(largest)]).reset_index(drop=True)
    title = "Change of the rate from the first season to the last, by group"
    if shown.empty:
        return drawing.finish(drawing.empty(ax, "no group has two seasons"), table, title=title)
    drawing.rows(ax, shown["group"])
    ax.axvline(0, color=drawing.FAINT, linewidth=1)
    for place, line in enumerate(shown.to_dict("records")):
        colour = drawing.PALETTE[2] if line["change_high"] < 0 else drawing.PALETTE[0]
        ax.plot([line["change_low"] * 100, line["change_high"] * 100], [place, place], color=colour, linewidth=1.4)
        face = "white" if line["small"] else colour
        ax.plot(line["change"] * 100, place, "v" if line["change"] < 0 else "^", color=colour, markerfacecolor=face, markersize=6)
    ax.grid(axis="x", color=drawing.GRID, linewidth=0.8)
    hollow = "; hollow: small group" if shown["small"].any() else ""
    cut = (
        f"\nthe {len(shown)} that changed most of {len(table)} groups"
        if len(table) > len(shown)
        else f"; {drawing.counted(len(table), 'groups')}"
    )
    return drawing.finish(ax, table, title=title, xlabel=f"percentage points; line: interval{hollow}{cut}")


@checked
def plot_habits(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """How many people answer in which way. table: what habits() returns."""
    ax = drawing.axes(ax)
    drawing.needs(table, ["habit", "people", "share", "lapsed"], "habits()")
    title = "How often people sign up"
    if table.empty:
        return drawing.finish(drawing.empty(ax, "nobody was invited"), table, title=title)
    drawing.rows(ax, [f"yes to {name}" if name[0] in "8hl" else name for name in table["habit"]], width=34)
    people, lapsed = table["people"].to_numpy("int64"), table["lapsed"].to_numpy("int64")
    drawing.bars(
        ax, range(len(table)), people - lapsed, width=0.65, label="still sign up, or never did", across=True, **drawing.bar(0)
    )
    if lapsed.any():
        drawing.bars(
            ax, range(len(table)), lapsed, begin=people - lapsed, width=0.65, label="lapsed", across=True, **drawing.bar(1)
        )
        drawing.legend(ax)
    for place, (count, part) in enumerate(zip(people, table["share"], strict=True)):
        ax.text(count, place, f" {count:,} ({part:.0%})", va="center", fontsize=8.5, color=drawing.INK)
    ax.set_xlim(0, max(1, people.max()) * 1.18)
    ax.grid(axis="x", color=drawing.GRID, linewidth=0.8)
    return drawing.finish(ax, table, title=title, xlabel=f"people ({drawing.counted(int(people.sum()))})")


@checked
def plot_people(table: pd.DataFrame, *, min_invited: int = 5, ax: Axes | None = None) -> Axes:
    """How the share of invitations with a yes is spread over people. table: what by_person() returns.

    min_invited: people with fewer invitations are left out; their share says little.
    """
    ax = drawing.axes(ax)
    drawing.needs(table, ["invited", "yes_share_of_invited", "lapsed"], "by_person()")
    shown = pd.DataFrame(table[table["invited"] >= min_invited])
    title = "Signed up, share of the invitations of each person"
    if shown.empty:
        return drawing.finish(drawing.empty(ax, f"nobody was invited {min_invited} times"), table, title=title)
    lapsed = shown["lapsed"].fillna(False).to_numpy(bool)
    shares = shown["yes_share_of_invited"].to_numpy("float64")
    edges = np.arange(11) / 10  # linspace() gives 0.30000000000000004, above a share of three in ten
    of = {name: np.histogram(shares[part], edges)[0] for name, part in (("not lapsed", ~lapsed), ("lapsed", lapsed))}
    bottom = np.zeros(10, dtype="int64")
    for series, (name, heights) in enumerate(of.items()):
        if heights.any():
            drawing.bars(ax, edges[:-1] + 0.05, heights, width=0.1, begin=bottom, label=name, **drawing.bar(series))
        bottom = bottom + heights
    middle = float(np.median(shares))
    ax.axvline(middle, color=drawing.INK, linewidth=1.2, linestyle="--", label=f"median {middle:.0%}")
    drawing.legend(ax)
    per_cent_axis(ax, 1.0)
    ax.set_xlim(0, 1)
    ax.grid(visible=False, axis="x")
    ax.grid(axis="y", color=drawing.GRID, linewidth=0.8)
    n = drawing.counted(len(shown), f"people with {min_invited} or more invitations")
    return drawing.finish(ax, table, title=title, xlabel=f"per cent of their invitations; {n}", ylabel="people")


@checked
def plot_capacity(table: pd.DataFrame, *, most: int = MOST, ax: Axes | None = None) -> Axes:
    """How full events were: who said yes and who came, against the places; the fullest first.

    table: what capacity() returns. most: show at most so many. Where nobody took attendance only the yes is shown.
    """
    ax = drawing.axes(ax)
    drawing.needs(table, ["name", "start", "capacity", "signed_up_share", "attended", "taken", "ended"], "capacity()")
    shown = table.sort_values("signed_up_share", ascending=False, kind="stable").head(most).reset_index(drop=True)
    title = "Use of capacity"
    if shown.empty:
        return drawing.finish(drawing.empty(ax, "no event has a capacity"), table, title=title)
    drawing.rows(ax, event_names(shown), width=WIDTH)
    said = shown["signed_up_share"].to_numpy("float64")
    seen = shown["ended"].fillna(False).to_numpy(bool) & shown["taken"].isin(["full", "part"]).to_numpy(bool)
    came = np.where(seen, shown["attended"].fillna(0).to_numpy("float64") / shown["capacity"].to_numpy("float64"), np.nan)
    drawing.bars(ax, range(len(shown)), said, width=0.72, label="signed up", across=True, **drawing.bar(3))
    drawing.bars(ax, range(len(shown)), came, width=0.36, label="came, as recorded", across=True, **drawing.bar(0))
    ax.axvline(1, color=drawing.ALARM, linewidth=1.2, linestyle="--", label="capacity")
    for place, (part, size) in enumerate(zip(said, shown["capacity"], strict=True)):
        drawing.beside(
            ax,
            f"of {size:,.0f}",
            (part, place),
            (3, 0),
            va="center",
            fontsize=8,
            color=drawing.FAINT,
            bbox={"color": "white", "pad": 0.5},
        )
    per_cent_axis(ax, 1.0)
    ax.set_xlim(0, max(1.12, float(said.max()) * 1.15))
    drawing.legend(ax)
    cut = f"the {len(shown)} fullest of {len(table)} events" if len(table) > len(shown) else drawing.counted(len(table), "events")
    return drawing.finish(ax, table, title=title, xlabel=f"per cent of the places; {cut} with a capacity")


@checked
def plot_sold(table: pd.DataFrame, *, most: int = MOST, ax: Axes | None = None) -> Axes:
    """Pieces sold per product, over all events of a table, the most first. table: what sold() returns."""
    ax = drawing.axes(ax)
    drawing.needs(table, ["product", "sold", "event_id"], f"sold() ({', '.join(list(SOLD)[:3])}, ...)")
    sums = table.groupby("product", dropna=False).agg(sold=("sold", "sum"), events=("event_id", "nunique"))
    shown = sums.sort_values("sold", ascending=False, kind="stable").head(most).reset_index()
    title = "Tickets and products sold"
    if shown.empty:
        return drawing.finish(drawing.empty(ax, "nothing was sold"), table, title=title)
    drawing.rows(ax, shown["product"].fillna("unknown"))
    drawing.bars(ax, range(len(shown)), shown["sold"], width=0.65, across=True, **drawing.bar(0))
    for place, line in enumerate(shown.to_dict("records")):
        events = f"{line['events']:,} event" + ("s" if line["events"] != 1 else "")
        ax.text(line["sold"], place, f" {line['sold']:,.0f} ({events})", va="center", fontsize=8, color=drawing.INK)
    ax.set_xlim(0, max(1.0, float(shown["sold"].max())) * 1.25)
    ax.grid(axis="x", color=drawing.GRID, linewidth=0.8)
    cut = f"; {len(shown)} of {len(sums)} products" if len(sums) > len(shown) else ""
    return drawing.finish(ax, table, title=title, xlabel=f"pieces ({drawing.counted(int(sums['sold'].sum()))}){cut}")


@checked
def plot_stock(table: pd.DataFrame, *, most: int = MOST, ax: Axes | None = None) -> Axes:
    """How much of the stock of ticket types is given out, held back and left; the most given out first.

    table: what stock_use() returns. Types whose numbers do not add up are marked with an exclamation mark.
    """
    ax = drawing.axes(ax)
    drawing.needs(table, [name for name in STOCK_USE if name != "currency"], "stock_use()")
    known = pd.DataFrame(table[table["sold_out_share"].notna()])
    shown = known.sort_values("sold_out_share", ascending=False, kind="stable").head(most).reset_index(drop=True)
    title = "Ticket types: given out, held back and left"
    if shown.empty:
        return drawing.finish(drawing.empty(ax, "no ticket type has a stock"), table, title=title)
    marks = ["" if fits is True else "! " for fits in shown["adds_up"].astype(object)]
    parts = zip(marks, shown["product"], shown["name"], shown["start"], strict=True)
    drawing.rows(
        ax,
        [f"{mark}{drawing.short(what, 14)}, {drawing.short(name, 17)} {at:%d-%m-%y}" for mark, what, name, at in parts],
        width=44,
    )
    left, whole = np.zeros(len(shown)), shown["total"].to_numpy("float64")
    for series, (column, words) in enumerate((("allocated", "given out"), ("reserved", "held back"), ("available", "left"))):
        part = shown[column].fillna(0).to_numpy("float64") / whole
        if part.any():
            drawing.bars(
                ax, range(len(shown)), part, begin=left, width=0.68, label=words, across=True, **drawing.bar((0, 1, 3)[series])
            )
        left += part
    for place, total in enumerate(whole):
        ax.text(1.01, place, f"{total:,.0f}", va="center", fontsize=8, color=drawing.FAINT)
    per_cent_axis(ax, 1.0)
    ax.grid(visible=False)
    drawing.legend(ax)
    cut = f"{len(shown)} of {len(known)} types" if len(known) > len(shown) else drawing.counted(len(known), "types")
    return drawing.finish(ax, table, title=title, xlabel=f"per cent of the stock; right: pieces; {cut}")


@checked
def plot_payments(table: pd.DataFrame, *, currency: str | None = None, most: int = MOST, ax: Axes | None = None) -> Axes:
    """What was paid and is still due per event, in one currency; the most due first.

    table: what payments() returns. currency: which, in letters of either case; by default the one with most orders. Raises
    ParameterError for a currency that no line has.
    """
    ax = drawing.axes(ax)
    drawing.needs(table, [name for name in PAYMENTS if name != "tickets_amount"], "payments()")
    sizes = table.groupby("currency")["orders"].sum().sort_values(ascending=False, kind="stable")
    word = _written(currency, sizes.index) if currency and len(sizes) else str(sizes.index[0]) if len(sizes) else ""
    known = pd.DataFrame(table[(table["currency"] == word) & (table["total"] > 0)])
    shown = known.sort_values(["outstanding", "total"], ascending=False, kind="stable").head(most).reset_index(drop=True)
    title = f"Paid and still due, {word.upper()}" if word else "Paid and still due"
    if shown.empty:
        return drawing.finish(drawing.empty(ax, "nothing was charged"), table, title=title)
    drawing.rows(ax, event_names(shown), width=WIDTH)
    paid, due = shown["paid"].to_numpy("float64"), shown["outstanding"].to_numpy("float64")
    drawing.bars(ax, range(len(shown)), paid, width=0.68, label="paid", across=True, **drawing.bar(0))
    drawing.bars(ax, range(len(shown)), due, begin=paid, width=0.68, label="still due", across=True, **drawing.bar(1))
    ax.grid(axis="x", color=drawing.GRID, linewidth=0.8)
    drawing.legend(ax)
    cut = f"{len(shown)} of {len(known)} events" if len(known) > len(shown) else drawing.counted(len(known), "events")
    label = f"{word.upper()} (unit as the vendor sends it); {int(known['orders'].sum()):,} orders; {cut}"
    return drawing.finish(ax, table, title=title, xlabel=label)


def _written(currency: str, there: Iterable[str]) -> str:
    """A currency as the table writes it."""
    known = {str(one).casefold(): str(one) for one in there}
    if currency.casefold() not in known:
        raise ParameterError(f"nothing was charged in {currency!r}.", hint=f"there are {', '.join(known.values())}.")
    return known[currency.casefold()]
