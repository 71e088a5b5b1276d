"""Sign-ups: how many people answered an invitation, and what they answered.

Definitions are those of the Peepl contract sheet, section 6. An answer is a sign-up, not presence at the door: check-ins are not in
the API. Days are those of Europe/Brussels.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from crmkit.report import pictures
from crmkit.report.parts import SMALL, Chapter, Picture, Table, per_cent, points
from crmkit.report.pull import Pull

ZONE = "Europe/Brussels"
ANSWERS = {"A": "yes", "N": "no", "U": "no_answer"}
COUNTS = ["yes", "no", "no_answer"]
SHARES = ("response_rate", "yes_share_of_answers", "yes_share_of_invited")
CLOSED = ("internal", "session")
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
DEFINITIONS = {
    "invited": "Everybody on one of the three lists of an activity: yes, no, no answer yet.",
    "answered": "Yes or no.",
    "response rate": "Answered / invited.",
    "yes share of answers": "Yes / answered.",
    "yes share of invited": "Yes / invited. A dash where nobody was invited or nobody answered.",
    "yes": "Signed up. Whether somebody came is not in the API: check-ins at the door cannot be read.",
    "day, weekday, month": "Of the start, in Europe/Brussels.",
    "season": "1 September to 31 August.",
    "team activity": "Of type internal or session: for the members of a team. The others, external and sale, are for the whole club; "
    "fewer answer those, whatever the weekday, so the two are not mixed where weekdays or groups are compared.",
    "group": "Who had a position in the group on the day of the activity; a person in two groups counts in both.",
}


def signups(activities: pd.DataFrame, attendance: pd.DataFrame) -> pd.DataFrame:
    """One line per invitation: the person, the answer, and what the activity was.

    activities, attendance: frames of the fetchers of these names. Who stands under more than one answer counts once, with the
    answer that was read last. Returns user_id, activity_id (Int64), answer (yes, no, no_answer), activity, type, weekday (string),
    day, month (datetime64[us], of the start in Europe/Brussels; the first of the month), season (Int64, the year it began).
    """
    local = activities["start_date"].dt.tz_convert(ZONE).dt.tz_localize(None)
    events = pd.DataFrame(
        {
            "activity_id": activities["id"],
            "activity": activities["name"],
            "type": activities["type"],
            "day": local.dt.normalize(),
            "weekday": local.dt.day_name().astype("string"),
            "month": local.dt.normalize() - pd.to_timedelta(local.dt.day - 1, unit="D"),
            "season": (local.dt.year - (local.dt.month < 9)).astype("Int64"),
        }
    )
    answers = attendance.drop_duplicates(["activity_id", "user_id"], keep="last")
    answers = answers.assign(answer=answers["status"].map(ANSWERS))[["user_id", "activity_id", "answer"]]
    return answers.merge(events, on="activity_id", validate="many_to_one")


def rates(signups: pd.DataFrame, by: str | list[str]) -> pd.DataFrame:
    """Counts and rates per value of one or more columns.

    Returns those columns, activities (how many), yes, no, no_answer, invited, answered (Int64), the three shares (float64, NaN where
    the divisor is 0) and small (boolean: fewer than ten answers).
    """
    names = [by] if isinstance(by, str) else by
    grouped = signups.groupby(names, observed=True)
    table = grouped["activity_id"].nunique().to_frame("activities")
    for answer in COUNTS:
        table[answer] = (signups["answer"] == answer).groupby([signups[name] for name in names], observed=True).sum()
    table = table.astype("Int64").reset_index()
    table["invited"] = table[COUNTS].sum(axis=1)
    table["answered"] = table["yes"] + table["no"]
    table["response_rate"] = _share(table["answered"], table["invited"])
    table["yes_share_of_answers"] = _share(table["yes"], table["answered"])
    table["yes_share_of_invited"] = _share(table["yes"], table["invited"])
    table["small"] = table["answered"] < SMALL
    return table


def _share(part: pd.Series[int], whole: pd.Series[int]) -> pd.Series[float]:
    return part.astype("float64") / whole.astype("float64").where(whole > 0)


def by_weekday(signups: pd.DataFrame) -> pd.DataFrame:
    """rates() per weekday, Monday first."""
    days = signups.assign(weekday=pd.Categorical(signups["weekday"], WEEKDAYS, ordered=True))
    return rates(days, "weekday").astype({"weekday": "string"})


def by_activity(signups: pd.DataFrame) -> pd.DataFrame:
    """rates() per activity, best share of invited first; the earlier one first where they are equal."""
    table = rates(signups, ["activity_id", "activity", "type", "day", "weekday"]).drop(columns="activities")
    return table.sort_values(["yes_share_of_invited", "day", "activity_id"], ascending=[False, True, True], ignore_index=True)


def with_groups(signups: pd.DataFrame, positions: pd.DataFrame, combinations: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """Invitations with the group that the person was in on the day; a line per group, none for people without one.

    positions: frame of contact_positions. Whether the last day of a position counts is not documented; here it does. Raises nothing
    when no person matches (that user_id is the contact's number is inferred): the answer is then empty.
    """
    held = positions[["user_id", "combination_id", "start_date", "end_date"]].merge(
        combinations[["id", "group_id"]], left_on="combination_id", right_on="id", validate="many_to_one"
    )
    held = held.merge(groups[["id", "path"]].rename(columns={"id": "group_id", "path": "group"}), on="group_id")
    both = signups.merge(held[["user_id", "group_id", "group", "start_date", "end_date"]], on="user_id")
    active = (both["start_date"] <= both["day"]) & (both["end_date"].isna() | (both["end_date"] >= both["day"]))
    return both[active].drop_duplicates(["user_id", "activity_id", "group_id"], ignore_index=True)


def by_group(grouped: pd.DataFrame) -> pd.DataFrame:
    """Yes share of invited per group and season, and how it changed from the first season to the last.

    grouped: what with_groups() returns. Returns group (names from below the root on, with the number where they repeat), invited
    (Int64), a share per season, change (float64, NaN without both seasons), small; the steepest fall first.
    """
    shares = rates(grouped, ["group_id", "group", "season"])
    seasons = sorted(shares["season"].unique())
    lines = shares.groupby(["group_id", "group"])
    table = pd.DataFrame({"invited": lines["invited"].sum()})
    for season in seasons:
        one = shares[shares["season"] == season].set_index(["group_id", "group"])
        table[season_name(season)] = one["yes_share_of_invited"]
    both = len(seasons) > 1
    table["change"] = table[season_name(seasons[-1])] - table[season_name(seasons[0])] if both else float("nan")
    table["small"] = lines["small"].any()
    table = table.reset_index().sort_values(["change", "group_id"], ignore_index=True)
    names = table["group"].str.replace(r"^[^/]+ / ", "", regex=True)
    numbers = " (" + table["group_id"].astype("string") + ")"
    table["group"] = names + numbers.where(names.duplicated(keep=False), "")
    return table.drop(columns="group_id")


def season_name(year: int) -> str:
    """2023 as 2023–24."""
    return f"{year}–{(year + 1) % 100:02d}"


def by_person(signups: pd.DataFrame) -> pd.DataFrame:
    """How people answer, without naming any: people (Int64) and share of people per habit, and what they were invited to."""
    people = pd.crosstab(signups["user_id"], signups["answer"]).reindex(columns=COUNTS, fill_value=0)
    invited = people.sum(axis=1)
    share = people["yes"] / invited
    habit = pd.Series("says yes to less than half", index=people.index)
    habit = habit.mask(share >= 0.5, "says yes to half or more").mask(share >= 0.8, "says yes to 80 % or more")
    habit = habit.mask(people["yes"] == 0, "answers, but never yes").mask(people["no_answer"] == invited, "never answers")
    order = ["says yes to 80 % or more", "says yes to half or more", "says yes to less than half", "answers, but never yes"]
    table = pd.DataFrame({"people": habit.value_counts(), "invitations": invited.groupby(habit).sum()})
    table = table.reindex([*order, "never answers"], fill_value=0).rename_axis("habit").reset_index()
    table.insert(2, "share_of_people", table["people"] / len(people))
    return table.astype({"people": "Int64", "invitations": "Int64"})


def chapter(pull: Pull) -> Chapter:
    """The attendance chapter: activities already held; what is still to come has a table of its own."""
    frames = pull.frames
    every = signups(frames["activities"], frames["attendance"])
    held, ahead = every[every["day"] < pull.today], every[every["day"] >= pull.today]
    team, club = held[held["type"].isin(CLOSED)], held[~held["type"].isin(CLOSED)]
    weekdays, months = by_weekday(team), rates(team, "month")
    groups = by_group(with_groups(team, frames["contact_positions"], frames["combinations"], frames["groups"]))
    return Chapter(
        "Attendance",
        "Who says yes to what, by sign-up answers; presence at the door is not in the API.",
        tuple(_findings(held, weekdays, groups)),
        (*_day_tables(weekdays, by_weekday(club)), *_activity_tables(team), _group_table(groups), *_more_tables(held, ahead)),
        (_picture(weekdays, months),),
        DEFINITIONS,
    )


def _findings(held: pd.DataFrame, weekdays: pd.DataFrame, groups: pd.DataFrame) -> Iterator[str]:
    for whole in rates(held.assign(all="all"), "all").to_dict("records"):
        yield (
            f"{whole['activities']:,} activities with a sign-up list, {whole['invited']:,} invitations: "
            f"{per_cent(whole['response_rate'])} answered; {per_cent(whole['yes_share_of_answers'])} of the answers are a yes."
        )
    solid = weekdays[~weekdays["small"]].sort_values("yes_share_of_invited").to_dict("records")
    if solid:
        worst, best = solid[0], solid[-1]
        yield (
            f"Team activities draw most on {best['weekday']} ({per_cent(best['yes_share_of_invited'])} of the invited say yes), "
            f"least on {worst['weekday']} ({per_cent(worst['yes_share_of_invited'])})."
        )
    falling = groups[~groups["small"] & (groups["change"] < 0)].to_dict("records")
    for fall in falling[:1]:
        yield f"{fall['group']} lost most from the first season to the last: {points(fall['change'])} percentage points."


def _day_tables(team: pd.DataFrame, club: pd.DataFrame) -> Iterator[Table]:
    note = "Pooled over all invitations of the weekday."
    yield Table("Team activities by weekday", team.drop(columns=["no", "no_answer"]), note, SHARES)
    yield Table("Activities for the whole club by weekday", club.drop(columns=["no", "no_answer"]), note, SHARES)


def _activity_tables(team: pd.DataFrame) -> Iterator[Table]:
    shown = ["activity", "day", "weekday", "invited", "answered", "yes", *SHARES]
    every = by_activity(team)
    judged = every.loc[~every["small"], shown]
    note = f"Of the {len(judged)} with ten answers or more; {len(every) - len(judged)} have fewer."
    yield Table("Team activities with the most yes", judged.head(8), note, SHARES)
    yield Table("Team activities with the fewest yes", judged.tail(8)[::-1], note, SHARES)


def _group_table(groups: pd.DataFrame) -> Table:
    seasons = tuple(str(name) for name in groups if name not in ("group", "invited", "change", "small"))
    note = "Yes share of invited to team activities, per season; change in percentage points, the steepest fall first."
    return Table("Groups from season to season", groups, note, seasons, ("change",))


def _more_tables(held: pd.DataFrame, ahead: pd.DataFrame) -> Iterator[Table]:
    types = rates(held, "type").sort_values("invited", ascending=False).drop(columns=["no", "no_answer"])
    yield Table("By type", types, "Announcements have no sign-up list.", SHARES)
    yield Table("How people answer", by_person(held), "People with at least one invitation.", ("share_of_people",))
    if len(ahead):
        coming = by_activity(ahead).sort_values("day")
        shown = ["activity", "day", "weekday", "invited", "answered", "yes", *SHARES, "small"]
        yield Table("Still to come", coming[shown], "Answers so far.", SHARES)


def _picture(weekdays: pd.DataFrame, months: pd.DataFrame) -> Picture:
    days = ", ".join(f"{day} {per_cent(share)}" for day, share in zip(weekdays["weekday"], weekdays[SHARES[2]], strict=True))
    ranked = months.dropna(subset=SHARES[1]).sort_values(SHARES[1]).to_dict("records")
    span = "; ".join(f"{per_cent(one[SHARES[1]])} in {one['month']:%B %Y}" for one in (ranked[:1] + ranked[-1:]))
    alt = (
        f"Team activities. Left: what the invited answered, by weekday; yes of all invited: {days}. "
        f"Right: response rate and yes share of answers by month; lowest and highest yes share of answers: {span}."
    )
    return Picture("Answers by weekday and by month", alt, lambda figure: pictures.answers(figure, weekdays, months))
