"""What single people do: who is in two places at once, who is enrolled where no team is listed, and who came and when.

Shared keywords and last columns: see crmkit.coverage.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from crmkit.topics.arrays import among, each_of, numbered
from crmkit.topics.checked import checked
from crmkit.topics.coverage.choose import Chosen, Frames, chosen, counts, instant
from crmkit.topics.coverage.everything import hours, micros
from crmkit.topics.coverage.groups import GROUPS, group_names, grouped
from crmkit.topics.coverage.shapes import FLAG, INSTANT, RATE, TEXT
from crmkit.topics.intervals import small, wilson
from crmkit.topics.shapes import Names

LONGEST = 24.0
BACKWARDS, TOO_LONG, NO_ARRIVAL = "left before arrival", "over 24 hours", "left without arrival"
ENROLLED = ["enrolment_id", "collaborator_id", "team_id"]


@checked
def double_bookings(
    frames: Frames,
    *,
    projects: Names = None,
    functions: Names = None,
    teams: Names = None,
    published: bool | None = None,
    start: Any = None,
    end: Any = None,
    count: str | None = None,
) -> pd.DataFrame:
    """Who is enrolled in two teams that work at the same time, a line per person and pair of teams, by time.

    Two counting enrolments of a collaborator clash where a shift of one team and a shift of another share time (half open: a shift
    that begins when the other ends does not clash). Teams that are only known from enrolments take part. The person still counts in
    both teams; n_unconflicted in by_shift() and by_team() leaves them out. The keywords choose the pairs of which at least one team
    is left; start and end the day on which the shared time begins.

    Columns: collaborator_id; enrolment_id, team_id, team, project, the same with other_ (string); start, end (UTC, of the longest
    time shared), shared_hours (float64, in all), clashes (Int64, pairs of shifts). Each pair once, the team that begins earlier first.
    What is missing: collaborators who were not scanned. Source: Beeple contract sheet, section 6.1.
    """
    some = chosen(
        frames, projects=projects, functions=functions, teams=teams, published=published, start=start, end=end, count=count
    )
    one, other = some.clashes
    pairs = pd.DataFrame({"first": one["place"], "second": other["place"]})
    pairs["low"], pairs["high"] = pairs[["first", "second"]].min(axis=1), pairs[["first", "second"]].max(axis=1)
    pairs["start"] = one["start"].where(one["start"] >= other["start"], other["start"])
    pairs["end"] = one["end"].where(one["end"] <= other["end"], other["end"])
    pairs["shared_hours"] = hours(pairs["end"] - pairs["start"])
    keys = ["low", "high"]
    longest = pairs.sort_values(["shared_hours", "start"], ascending=[False, True], kind="stable").drop_duplicates(keys)
    sums = pairs.groupby(keys)["shared_hours"].agg(["sum", "size"]).reindex(pd.MultiIndex.from_frame(longest[keys]))
    found = longest.assign(shared_hours=sums["sum"].to_numpy(dtype=RATE), clashes=counts(sums["size"])).reset_index(drop=True)
    first, second = found["first"].to_numpy(dtype=np.int64), found["second"].to_numpy(dtype=np.int64)
    mine, theirs = _enrolled(some, first), _enrolled(some, second).drop(columns="collaborator_id").add_prefix("other_")
    table = pd.concat([mine, theirs, found[["start", "end", "shared_hours", "clashes"]]], axis=1)
    chosen_teams = some.teams["team_id"]
    either = among(table["team_id"], chosen_teams) | among(table["other_team_id"], chosen_teams)
    keep = _in_period(some, table["start"]) & either
    table = table[keep].sort_values(["start", "collaborator_id", "team_id", "other_team_id"], kind="stable")
    names = ["collaborator_id", *(name for name in table if name != "collaborator_id")]
    return some.finished(table[names], "double_bookings")


@checked
def orphan_enrolments(frames: Frames, *, start: Any = None, end: Any = None, count: str | None = None) -> pd.DataFrame:
    """Counting enrolments whose team is in no list of teams; the team inside the enrolment still tells its shifts.

    The team's project is deleted or hidden from the key, or, where only some projects were read, one of the others. They fill no
    listed need and are in no other table but double_bookings(); their people are busy all the same.

    Columns: enrolment_id, collaborator_id, team_id, team, function (string), shifts (Int64), start, end (UTC, of the first and the
    last shift), net_hours (float64, of the person, in all); by start. start=, end= choose by first shift.
    Source: Beeple contract sheet, section 6.1.
    """
    some = chosen(frames, start=start, end=end, count=count)
    known = frames["teams"]
    strange = some.counting[~among(some.counting["team_id"], known.loc[known["listed"].fillna(True), "team_id"])]
    table = strange[ENROLLED].reset_index(drop=True)
    names = known.drop_duplicates("team_id").set_index("team_id")
    work = some.work.groupby("team_id").agg(
        shifts=("work", "size"), start=("start", "min"), end=("end", "max"), net_hours=("net_hours", "sum")
    )
    work = work.reindex(table["team_id"]).reset_index(drop=True)
    table = table.assign(
        team=table["team_id"].map(names["team"]).astype(TEXT),
        function=table["team_id"].map(names["function"]).astype(TEXT),
        shifts=counts(work["shifts"].fillna(0).astype("int64")),
        start=work["start"].astype(INSTANT),
        end=work["end"].astype(INSTANT),
        net_hours=work["net_hours"].fillna(0.0).astype(RATE),
    )
    if start is not None or end is not None:
        table = table[_in_period(some, table["start"])]
    return some.finished(table.sort_values(["start", "enrolment_id"], kind="stable"), "orphan_enrolments")


@checked
def worked(
    frames: Frames,
    *,
    now: Any = None,
    projects: Names = None,
    functions: Names = None,
    teams: Names = None,
    published: bool | None = None,
    start: Any = None,
    end: Any = None,
    count: str | None = None,
) -> pd.DataFrame:
    """Worked against planned: a line per counting enrolment for which check-ins are kept and whose shift has begun, by start.

    An enrolment has one check-in and one check-out, however many shifts its team has; they are compared with the shift that begins
    nearest to the arrival (the first one, where nobody checked in): restrict to shifts == 1 where that matters. Breaks are not
    clocked, so worked_hours is compared with gross hours.

    now: the moment (or local day, its midnight) before which a shift must have begun to be expected; by default the moment of the
    oldest answer about people (fetched_at), and without one no limit.
    Columns: enrolment_id, collaborator_id, team_id, team, project, function (string), shifts (Int64), start, end (UTC, of the shift),
    arrived, left (UTC); present (boolean: checked in); late_minutes = arrived - start, early_minutes = end - left (float64, negative
    when earlier, or longer); gross_hours, net_hours (planned), worked_hours = left - arrived, difference_hours = worked_hours -
    gross_hours (float64; NaN without both ends, or where they are odd); odd (string: "left before arrival", "over 24 hours", "left
    without arrival", or missing).
    Time zone: check-ins come as wall clock and were read in the tenant's zone; an hour that comes twice in autumn is summer time.
    What is missing: absence without a check-in cannot be told from a forgotten check-in. Source: Beeple contract sheet, section 6.1.
    """
    some = chosen(
        frames, projects=projects, functions=functions, teams=teams, published=published, start=start, end=end, count=count
    )
    kept = some.counting[some.counting["checks_in"].fillna(False)].reset_index(drop=True)
    lines = _nearest_shift(some, kept)
    before = _moment(some, now)
    if before is not None:
        lines = lines[lines["start"] < before]
    lines = lines[_in_period(some, lines["start"])].sort_values(["start", "team_id", "enrolment_id"], kind="stable")
    team = some.teams.iloc[lines["at"].to_numpy()].reset_index(drop=True)
    lines = lines.reset_index(drop=True)
    stay = hours(lines["left"] - lines["arrived"])
    odd = pd.Series(pd.NA, index=lines.index, dtype=TEXT)
    odd = (
        odd.mask(lines["arrived"].isna() & lines["left"].notna(), NO_ARRIVAL)
        .mask(stay < 0, BACKWARDS)
        .mask(stay > LONGEST, TOO_LONG)
    )
    span = stay.where(odd.isna())
    early = hours(lines["end"] - lines["left"]) * 60
    table = lines[ENROLLED].assign(
        **{name: team[name] for name in ("team", "project", "function")},
        shifts=counts(lines["shifts"]),
        **{name: lines[name] for name in ("start", "end", "arrived", "left")},
        present=lines["arrived"].notna().astype(FLAG),
        late_minutes=hours(lines["arrived"] - lines["start"]) * 60,
        early_minutes=early.where(odd.isna()),
        **{name: lines[name] for name in ("gross_hours", "net_hours")},
        worked_hours=span,
        difference_hours=span - lines["gross_hours"],
        odd=odd,
    )
    return some.finished(table, "worked", now=None if now is None else str(now))


@checked
def presence(
    frames: Frames,
    *,
    by: Names = "function",
    now: Any = None,
    min_n: int = 10,
    level: float = 0.95,
    projects: Names = None,
    functions: Names = None,
    teams: Names = None,
    published: bool | None = None,
    start: Any = None,
    end: Any = None,
    count: str | None = None,
) -> pd.DataFrame:
    """Of those who were to come, how many checked in, and how late, per group of shifts; worked() in groups.

    by: one or several of "project", "function", and of the shift's local start "month", "weekday", "hour". now: see worked().
    Columns: the groups; expected, present (Int64, enrolments); present_share = present / expected with its Wilson interval
    present_share_low, present_share_high, small (boolean: fewer than min_n expected); no_check_out, odd (Int64, of those present;
    odd also without a check-in); late_median (minutes, float64, of those present); gross_hours, worked_hours (float64, summed over
    enrolments with both ends and nothing odd). Groups in the order of the calendar, others by size.
    What is missing: a forgotten check-in looks like an absence. Source: Beeple contract sheet, section 6.1.
    """
    keys = group_names(by, tuple(one for one in GROUPS if one not in ("subproject", "published")))
    some = chosen(
        frames, projects=projects, functions=functions, teams=teams, published=published, start=start, end=end, count=count
    )
    table = worked(
        frames,
        now=now,
        projects=projects,
        functions=functions,
        teams=teams,
        published=published,
        start=start,
        end=end,
        count=count,
    )
    full = table["worked_hours"].notna()
    lines = table.assign(
        expected=1,
        present=table["present"].astype("int64"),
        odd=table["odd"].notna().astype("int64"),
        no_check_out=(table["present"] & table["left"].isna()).astype("int64"),
        gross_hours=table["gross_hours"].where(full),
    )
    code, groups, ordered = grouped(lines, keys, lines["start"], some.zone)
    sums = lines.groupby(code)[["expected", "present", "no_check_out", "odd", "gross_hours", "worked_hours"]].sum()
    low, high = wilson(sums["present"].to_numpy(dtype=RATE), sums["expected"].to_numpy(dtype=RATE), level)
    found = groups.assign(
        **{name: counts(sums[name]) for name in ("expected", "present")},
        present_share=(sums["present"] / sums["expected"]).to_numpy(dtype=RATE),
        present_share_low=low,
        present_share_high=high,
        small=small(sums["expected"], min_n),
        **{name: counts(sums[name]) for name in ("no_check_out", "odd")},
        late_median=lines.groupby(code)["late_minutes"].median().to_numpy(dtype=RATE),
        **{name: sums[name].to_numpy(dtype=RATE) for name in ("gross_hours", "worked_hours")},
    )
    return some.finished(
        ordered(found, "expected"), "presence", by=keys, now=None if now is None else str(now), min_n=min_n, level=level
    )


def _enrolled(some: Chosen, places: Any) -> pd.DataFrame:
    """Counting enrolments with the names of their teams, listed or not."""
    found = pd.DataFrame(some.counting[ENROLLED].iloc[places]).reset_index(drop=True)
    names = some.frames["teams"].drop_duplicates("team_id").set_index("team_id")
    return found.assign(**{name: found["team_id"].map(names[name]).astype(TEXT) for name in ("team", "project")})


def _in_period(some: Chosen, starts: pd.Series[Any]) -> pd.Series[bool]:
    """Which moments lie in the asked period."""
    keep = pd.Series(True, index=starts.index)
    if some.since is not None:
        keep &= starts >= some.since
    if some.until is not None:
        keep &= starts < some.until
    return keep


def _moment(some: Chosen, now: Any) -> pd.Timestamp | None:
    """The asked moment, or the one at which people were looked at."""
    if now is None:
        told = some.scan["fetched_at"]
        return None if pd.isna(told) else told
    return instant(now, some.zone)


def _nearest_shift(some: Chosen, kept: pd.DataFrame) -> pd.DataFrame:
    """Each enrolment with the shift of its team that begins nearest to the arrival, the first one without an arrival."""
    shifts = some.shifts[["at", "start", "end", "gross_hours", "net_hours"]]
    of_shift, of_line = numbered(some.shifts["team_id"], kept["team_id"])
    line, shift = each_of(of_line, of_shift)
    start, arrived = micros(shifts["start"]), micros(kept["arrived"])
    away = np.where(kept["arrived"].isna().to_numpy()[line], 0, np.abs(arrived[line] - start[shift]))
    order = np.lexsort((start[shift], away, line))
    nearest = order[np.flatnonzero(np.diff(line[order], prepend=-1))]
    found = [kept.iloc[line[nearest]].reset_index(drop=True), shifts.iloc[shift[nearest]].reset_index(drop=True)]
    sizes = np.bincount(of_shift, minlength=1)
    return pd.concat(found, axis=1).assign(shifts=sizes[of_line[line[nearest]]])
