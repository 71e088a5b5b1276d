"""What moved between two dated fetches of the same account.

OnePageCRM keeps no history of stages or amounts, so two results of load() from different days are the only way to see movement
(OnePageCRM sheet, section 5, history). Deals are matched by deal_id. What happened between the two days and was undone is not seen;
if either fetch is incomplete, new and gone deals may be neither, and the receipt of the result says so.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from crmkit.errors import ParameterError
from crmkit.topics.lineage import carried
from crmkit.topics.pipelines.choose import filtered, one_currency, value_of
from crmkit.topics.pipelines.deals import CENT, DAY, LOST, PENDING, WON
from crmkit.topics.shapes import Dtypes, Names, typed, wanted

CHANGES = ("new", "gone", "won", "lost", "reopened", "delivery", "pipeline", "stage", "amount", "expected", "owner")
KEPT = {
    "state": "string",
    "pipeline_id": "string",
    "pipeline": "string",
    "stage": "Int64",
    "label": "string",
    "expected": DAY,
    "owner_id": "string",
    "value": "float64",
    "weighted": "float64",
}
FACTS = {"deal_id": "string", "name": "string", "company": "string", "owner": "string"}
SIDES = ("before", "after")
MOVED: Dtypes = {
    "change": "string",
    **FACTS,
    **{f"{name}_{side}": dtype for name, dtype in KEPT.items() if name not in ("pipeline_id", "owner_id") for side in SIDES},
    "difference": "float64",
    "currency": "string",
}


@filtered
def moved(before: pd.DataFrame, after: pd.DataFrame, *, changes: Names = None, value: str = "total_amount") -> pd.DataFrame:
    """What happened to each deal between two fetches: a line per deal and change.

    Parameters
    before, after: the deals of an earlier and a later load(). changes: only these. value: total_amount, amount, total_margin or
    margin.
    pipelines, owners, sources, currency: only these deals, as for choose().

    Returns change (string), one of: new and gone (in one fetch only), won and lost (now and not before, also for new deals), reopened
    (pending again), delivery (moved into a delivery pipeline while pending), pipeline and stage (of deals pending in both fetches; a
    stage of another pipeline is a change of pipeline), amount (the value differs by more than half a cent) and owner (of deals in both),
    expected (of deals pending in both). Then deal_id, name, company, owner (of the later fetch, where the deal is in it); state, pipeline, stage, label,
    expected, value and weighted (value × chance) as state_before, state_after and so on; difference = value_after - value_before, a
    deal that is not there being worth 0; currency. A deal without change is not in it. In the order of CHANGES, large values first.
    Raises ParameterError for several currencies, or a change that does not exist. Source: OnePageCRM sheet, section 5 (history).
    """
    asked = wanted(CHANGES if changes is None else changes)
    unknown = sorted(set(asked) - set(CHANGES))
    if unknown:
        raise ParameterError(f"no change is called {', '.join(unknown)}.", hint=f"there are {', '.join(CHANGES)}.")
    pairs = paired(before, after, value)
    found = _found(pairs)
    parts = [pairs[found[name]].assign(change=name, rank=rank) for rank, name in enumerate(CHANGES) if name in asked]
    lines = pd.concat(parts or [pairs.head(0).assign(change="", rank=0)])
    lines = lines.assign(size=-lines[["value_before", "value_after"]].max(axis=1))
    lines = lines.sort_values(["rank", "size", "deal_id"], kind="stable")
    return carried(typed({name: lines[name].array for name in MOVED}, MOVED), [before, after])


def paired(before: pd.DataFrame, after: pd.DataFrame, value: str) -> pd.DataFrame:
    """A line per deal of either fetch, with its columns of both; what is not there is missing."""
    currency = one_currency(pd.concat([before[["currency"]], after[["currency"]]]))
    early, late = (_side(deals, value, side) for deals, side in zip((before, after), SIDES, strict=True))
    pairs = early.join(late, how="outer").rename_axis("deal_id").reset_index()
    known = pd.concat([pd.DataFrame(one[list(FACTS)]) for one in (after, before)]).drop_duplicates("deal_id").set_index("deal_id")
    pairs = pairs.join(known, on="deal_id")
    difference = pairs["value_after"].fillna(0.0) - pairs["value_before"].fillna(0.0)
    return pairs.assign(difference=difference, currency=pd.array([currency] * len(pairs), dtype="string"))


def _side(deals: pd.DataFrame, value: str, side: str) -> pd.DataFrame:
    worth = deals[value_of(value)]
    full = pd.DataFrame(deals).assign(value=worth, weighted=worth * deals["chance"]).drop_duplicates("deal_id", keep="last")
    return full.set_index("deal_id")[list(KEPT)].add_suffix(f"_{side}")


def _found(pairs: pd.DataFrame) -> dict[str, pd.Series[bool]]:
    """Which deals each change holds for."""
    was, now = pairs["state_before"].fillna(""), pairs["state_after"].fillna("")
    both, pending = (was != "") & (now != ""), (was == PENDING) & (now == PENDING)
    other_pipeline = pending & _differs(pairs, "pipeline_id")
    closed = [WON, LOST]
    return {
        "new": was == "",
        "gone": now == "",
        "won": (now == WON) & (was != WON),
        "lost": (now == LOST) & (was != LOST),
        "reopened": was.isin(closed) & (now == PENDING),
        "delivery": both & (now == "in delivery") & (was != "in delivery"),
        "pipeline": other_pipeline,
        "stage": pending & ~other_pipeline & _differs(pairs, "stage"),
        "amount": both & (pairs["difference"].abs() > CENT),
        "expected": pending & _differs(pairs, "expected"),
        "owner": both & _differs(pairs, "owner_id"),
    }


def _differs(pairs: pd.DataFrame, name: str) -> pd.Series[bool]:
    """Where a column is not the same in both fetches; missing equals missing."""
    was, now = pairs[f"{name}_before"], pairs[f"{name}_after"]
    return (was != now).fillna(was.isna() != now.isna()).astype(bool) & ~(was.isna() & now.isna())


STAGE_MOVES: Dtypes = {
    "pipeline_id": "string",
    "pipeline": "string",
    "stage_before": "Int64",
    "label_before": "string",
    "stage_after": "Int64",
    "label_after": "string",
    "direction": "string",
    "deals": "Int64",
    "value": "float64",
    "weighted_difference": "float64",
    "currency": "string",
}


@filtered
def stage_moves(before: pd.DataFrame, after: pd.DataFrame, *, value: str = "total_amount") -> pd.DataFrame:
    """From which stage to which the deals moved that were pending in both fetches and stayed in their pipeline.

    Parameters
    before, after, value: as for moved().
    pipelines, owners, sources, currency: only these deals, as for choose().

    Returns a line per pipeline and pair of stages that occurs, deals that stayed among them: pipeline_id, pipeline, label_before,
    label_after, direction (forward, back, stayed; missing where a stage is) as string, stage_before, stage_after, deals (Int64),
    value (of the later fetch) and weighted_difference (how much value × chance grew; float64, in currency). Parts sum to the deals
    pending in both fetches, less those that changed pipeline. Source: OnePageCRM sheet, section 5 (history).
    """
    pairs = paired(before, after, value)
    pending = (pairs["state_before"] == PENDING) & (pairs["state_after"] == PENDING)
    stayed = pairs[pending.fillna(False) & ~_differs(pairs, "pipeline_id")]
    keys = ["pipeline_id_after", "stage_before", "stage_after"]
    lines = []
    for _, part in stayed.groupby(keys, dropna=False) if len(stayed) else ():
        first = part.iloc[0]
        line = {name: first[name] for name in ("stage_before", "stage_after", "label_before", "label_after", "currency")}
        grown = part["weighted_after"].fillna(0.0) - part["weighted_before"].fillna(0.0)
        lines.append(
            line
            | {"pipeline_id": first["pipeline_id_after"], "pipeline": first["pipeline_after"], "deals": len(part)}
            | {"direction": _direction(first), "value": part["value_after"].sum(), "weighted_difference": grown.sum()}
        )
    table = typed({name: [line[name] for line in lines] for name in STAGE_MOVES}, STAGE_MOVES)
    return carried(table, [before, after])


def _direction(line: pd.Series[Any]) -> str | None:
    was, now = line["stage_before"], line["stage_after"]
    if pd.isna(was) or pd.isna(now):
        return None
    return "stayed" if was == now else "forward" if now > was else "back"


BRIDGE = {"step": "string", "deals": "Int64", "value": "float64", "currency": "string"}
STEPS = ("open before", "new", "reopened", "worth more", "worth less", "won", "lost", "gone", "no longer open", "open after")


@filtered
def bridge(before: pd.DataFrame, after: pd.DataFrame, *, value: str = "total_amount") -> pd.DataFrame:
    """How the open deals of the earlier fetch became those of the later one, in deals and in value.

    Parameters
    before, after, value: as for moved().
    pipelines, owners, sources, currency: only these deals, as for choose().

    Returns ten lines in this order: step (string) - open before; new (open, not there before), reopened (open, and not open before),
    worth more and worth less (open in both, value changed); won, lost, gone, no longer open (into delivery, or a status that is
    none); open after - deals (Int64) and value (float64, in currency). What went has its earlier value and both numbers negative;
    worth more and worth less hold the difference of the values and change no number of deals, so there deals is 0. The lines from
    the first to the last but one add up to the last. Source: OnePageCRM sheet, section 5 (history, status).
    """
    pairs = paired(before, after, value)
    was, now = pairs["state_before"].fillna(""), pairs["state_after"].fillna("")
    opened, left, kept = (
        (was != PENDING) & (now == PENDING),
        (was == PENDING) & (now != PENDING),
        (was == PENDING) & (now == PENDING),
    )
    goes = {"won": left & (now == WON), "lost": left & (now == LOST), "gone": left & (now == "")}
    goes["no longer open"] = left & ~(goes["won"] | goes["lost"] | goes["gone"])
    difference = pairs["difference"]
    lines: dict[str, tuple[int, float]] = {
        "open before": _sum(pairs, was == PENDING, "value_before"),
        "new": _sum(pairs, opened & (was == ""), "value_after"),
        "reopened": _sum(pairs, opened & (was != ""), "value_after"),
        "worth more": (0, float(difference[kept & (difference > 0)].sum())),
        "worth less": (0, float(difference[kept & (difference < 0)].sum())),
        "open after": _sum(pairs, now == PENDING, "value_after"),
    }
    for step, mask in goes.items():
        count, worth = _sum(pairs, mask, "value_before")
        lines[step] = (-count, -worth)
    currency = pairs["currency"].iloc[0] if len(pairs) else None
    columns = {
        "step": list(STEPS),
        "deals": [lines[step][0] for step in STEPS],
        "value": [lines[step][1] + 0.0 for step in STEPS],
        "currency": [currency] * len(STEPS),
    }
    return carried(typed(columns, BRIDGE), [before, after])


def _sum(pairs: pd.DataFrame, mask: pd.Series[bool], name: str) -> tuple[int, float]:
    return int(mask.sum()), float(pairs.loc[mask, name].sum())
