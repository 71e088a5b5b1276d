"""Pictures of what moved between two fetches: the bridge of open value, and moves between stages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmkit.errors import ParameterError
from crmkit.topics import drawing
from crmkit.topics.checked import checked
from crmkit.topics.pipelines.wording import currency_of, named, thousands

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ENDS = ("open before", "open after")


@checked
def plot_bridge(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """How the value of open deals came from the earlier fetch to the later one, step by step.

    frame: what bridge() returns. Steps in which nothing happened are left out; numbers are deals.
    """
    drawing.needs(frame, ("step", "deals", "value"), "bridge()")
    ax, unit = drawing.axes(ax), currency_of(frame)
    part = frame[frame["step"].isin(ENDS) | (frame["value"] != 0) | (frame["deals"] != 0)]
    level = 0.0
    drawn: set[str] = set()
    for place, line in enumerate(part.to_dict("records")):
        whole = line["step"] in ENDS
        bottom, height = (0.0, line["value"]) if whole else (min(level, level + line["value"]), abs(line["value"]))
        kind, style = ("open", 0) if whole else ("more", 4) if line["value"] >= 0 else ("less", 1)
        label = kind if kind not in drawn else None
        drawn.add(kind)
        ax.bar(place, height, bottom=bottom, width=0.7, **drawing.bar(style), label=label)
        words = f"{line['value']:,.0f}" if whole else f"{line['value']:+,.0f}"
        words += f"\n{drawing.counted(line['deals'])}" if whole else f"\n{line['deals']:+,}" if line["deals"] else ""
        ax.annotate(words, (place, bottom + height), xytext=(0, 3), textcoords="offset points", ha="center", fontsize=7.5)
        level = line["value"] if whole else level + line["value"]
    ax.set_xticks(range(len(part)), [str(step).replace(" ", "\n", 1) for step in part["step"]])
    ax.margins(y=0.16)
    drawing.legend(ax)
    before, after = (int(frame.loc[frame["step"] == end, "deals"].sum()) for end in ENDS)
    return drawing.finish(
        thousands(ax, "y"),
        frame,
        title=f"What moved: from {before:,} to {after:,} open deals",
        ylabel=f"value of open deals, {unit}",
    )


@checked
def plot_stage_moves(frame: pd.DataFrame, *, pipeline: str | None = None, ax: Axes | None = None) -> Axes:
    """From which stage to which open deals moved, as a matrix of deals: right of the diagonal what went forward.

    frame: what stage_moves() returns. pipeline: its id or name; without it the one with most deals.
    """
    drawing.needs(frame, ("stage_before", "stage_after", "deals"), "stage_moves()")
    ax = drawing.axes(ax)
    part = _one_pipeline(frame, pipeline)
    if part.empty:
        drawing.empty(ax, "no deal was open in both fetches")
        return drawing.finish(ax, frame, title="Moves between stages")
    labels = _labels(part)
    stages = sorted(labels)
    counts = pd.crosstab(
        part["stage_before"].fillna(0), part["stage_after"].fillna(0), values=part["deals"].astype("float64"), aggfunc="sum"
    ).reindex(index=stages, columns=stages)
    cells = counts.fillna(0).to_numpy("float64")
    ax.imshow(cells, cmap=drawing.shades(), aspect="auto")
    half = cells.max() / 2
    for (row, column), count in np.ndenumerate(cells):
        if count:
            ink = "white" if count > half else drawing.INK
            ax.text(column, row, f"{count:.0f}", ha="center", va="center", color=ink, fontsize=9)
    ax.plot([-0.5, len(stages) - 0.5], [-0.5, len(stages) - 0.5], color=drawing.FAINT, linewidth=0.8, linestyle=":")
    ax.set_xticks(range(len(stages)), [labels[stage] for stage in stages], rotation=30, ha="right")
    ax.set_yticks(range(len(stages)), [labels[stage] for stage in stages])
    total = int(part["deals"].sum())
    went = int(part.loc[part["direction"] != "stayed", "deals"].sum())
    name = named(part["pipeline"].iloc[0], "unknown pipeline")
    return drawing.finish(
        ax,
        frame,
        title=f"{drawing.short(name)}: {went:,} of {total:,} open deals changed stage",
        xlabel=f"stage in the later fetch; {drawing.counted(total, 'deals')}",
        ylabel="stage in the earlier fetch",
    )


def _one_pipeline(frame: pd.DataFrame, pipeline: str | None) -> pd.DataFrame:
    if frame.empty:
        return frame
    if pipeline is None:
        keys = frame["pipeline_id"].fillna("")
        return frame[keys == frame["deals"].astype("float64").groupby(keys).sum().idxmax()]
    chosen = frame[frame[["pipeline_id", "pipeline"]].isin([pipeline]).any(axis=1)]
    if chosen.empty:
        raise ParameterError(f"no deal moved in a pipeline called {pipeline!r}.")
    return chosen


def _labels(part: pd.DataFrame) -> dict[int, str]:
    """Stage number -> what it is called; 0 stands for no stage."""
    found: dict[int, str] = {}
    for side in ("before", "after"):
        for stage, label in zip(part[f"stage_{side}"], part[f"label_{side}"], strict=True):
            key: Any = 0 if pd.isna(stage) else int(stage)
            text = "no stage" if pd.isna(stage) else f"{drawing.short(named(label, 'no label'), 16)} {stage} %"
            found[key] = text
    return found
