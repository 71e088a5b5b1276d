"""Segments: how large they are, how much they overlap, and how their members answer invitations.

Peepl names no segment and lists none: the numbers come from its screen. Membership is that of now. Peepl contract sheet, section 6.
"""

from __future__ import annotations

import pandas as pd

from crmkit.report import attendance, pictures
from crmkit.report.parts import Chapter, Picture, Table, per_cent
from crmkit.report.pull import Pull

DEFINITIONS = {
    "segment": "A saved selection of contacts, or of organisations; the two are numbered apart. Membership is that of now.",
    "share of all": "Members / all contacts (or all organisations).",
    "overlap": "How many contacts are in both segments; on the diagonal the size of the segment.",
    "share of the line": "Of the members of the line's segment, how many are also in the column's.",
    "median age": "From the birth date, in whole years; people without one are left out.",
}


def sizes(pull: Pull) -> pd.DataFrame:
    """One line per segment: object_type, segment, segment_id, members, share_of_all; the largest first within its type.

    A segment without members has a line too: it was asked for.
    """
    lines = []
    for object_type, known in pull.segment_names.groupby("object_type", sort=True):
        members = pull.frames[f"segment_{object_type}"].groupby("segment_id")["id"].nunique()
        table = known.assign(members=known["segment_id"].map(members).fillna(0).astype("Int64"))
        table["share_of_all"] = table["members"].astype("float64") / (len(pull.frames[str(object_type)]) or float("nan"))
        lines.append(table.sort_values(["members", "segment_id"], ascending=[False, True]))
    columns = ["object_type", "segment", "segment_id", "members", "share_of_all"]
    return pd.concat(lines, ignore_index=True).rename(columns={"name": "segment"})[columns]


def overlap(members: pd.DataFrame, names: pd.Series[str]) -> pd.DataFrame:
    """How many records two segments share: a square frame of Int64, lines and columns by segment name.

    members: a frame with segment_id and id. names: index segment_id, values the name; their order is the order of the frame.
    """
    member = pd.crosstab(members["id"].astype("int64"), members["segment_id"].astype("int64")).clip(upper=1)
    member = member.reindex(columns=list(names.index), fill_value=0)
    shared = member.T @ member
    return shared.set_axis(list(names), axis=0).set_axis(list(names), axis=1).astype("Int64").rename_axis("segment")


def profile(pull: Pull) -> pd.DataFrame:
    """Members of each contact segment: median age and how they answered invitations to activities already held."""
    members, frames = pull.frames["segment_contacts"], pull.frames
    held = attendance.signups(frames["activities"], frames["attendance"])
    held = held[held["day"] < pull.today]
    answers = held.merge(members[["segment_id", "id"]], left_on="user_id", right_on="id")
    table = sizes(pull).query("object_type == 'contacts'")[["segment_id", "segment", "members"]]
    years = ages(members["birth_date"], pull.today)
    table["median_age"] = table["segment_id"].map(years.groupby(members["segment_id"]).median())
    columns = ["segment_id", "invited", *attendance.SHARES, "small"]
    table = table.merge(attendance.rates(answers, "segment_id")[columns], on="segment_id", how="left")
    return table.assign(invited=table["invited"].fillna(0), small=table["small"].fillna(False)).drop(columns="segment_id")


def ages(births: pd.Series[pd.Timestamp], today: pd.Timestamp) -> pd.Series[float]:
    """Whole years between birth dates and a day; NaN without a birth date."""
    later: pd.Series[bool] = births.dt.strftime("%m%d") > today.strftime("%m%d")
    return (today.year - births.dt.year - later.astype("int64")).astype("float64")


def chapter(pull: Pull) -> Chapter:
    """The segments chapter."""
    table = sizes(pull)
    contacts = table[table["object_type"] == "contacts"]
    names = contacts.set_index("segment_id")["segment"]
    shared = overlap(pull.frames["segment_contacts"], names)
    return Chapter(
        "Segments",
        "Saved selections of people and organisations: size, overlap, and how their members answer.",
        _findings(pull, contacts, shared),
        (
            Table("Sizes", table, "", ("share_of_all",)),
            Table("Overlap of contact segments", shared.reset_index(), "Contacts in both; on the diagonal the size."),
            Table(
                "Who they are and how they answer",
                profile(pull),
                "Invitations to activities already held, of teams and of the whole club together.",
                attendance.SHARES,
            ),
        ),
        (_picture(contacts, shared),),
        DEFINITIONS,
    )


def _findings(pull: Pull, contacts: pd.DataFrame, shared: pd.DataFrame) -> tuple[str, ...]:
    covered, everybody = pull.frames["segment_contacts"]["id"].nunique(), len(pull.frames["contacts"])
    lines = [f"{covered:,} of {everybody:,} contacts are in at least one segment, {everybody - covered:,} in none."]
    if (pair := closest(shared)) is not None:
        small, large, share = pair
        lines.append(f"{per_cent(share)} of “{small}” are also in “{large}”: the closest overlap.")
    empty = contacts.loc[contacts["members"] == 0, "segment"].tolist()
    if empty:
        lines.append(f"Empty: {', '.join(f'“{name}”' for name in empty)}.")
    return tuple(lines)


def closest(shared: pd.DataFrame) -> tuple[str, str, float] | None:
    """The segment that lies most inside another, that other, and the share; None when no two overlap."""
    names, counts = [str(name) for name in shared], shared.to_numpy(dtype="float64")
    found = [
        (float(counts[at, other] / counts[at, at]), name, names[other])
        for at, name in enumerate(names)
        for other in range(len(names))
        if at != other and counts[at, other]
    ]
    if not found:
        return None
    share, one, another = max(found, key=lambda each: each[0])
    return one, another, share


def _picture(contacts: pd.DataFrame, shared: pd.DataFrame) -> Picture:
    listed = ", ".join(f"{name} {members}" for name, members in zip(contacts["segment"], contacts["members"], strict=True))
    alt = (
        f"Left: members of each contact segment: {listed}. "
        "Right: of the members of each line's segment, the share that is also in the column's; the same figures as the overlap table."
    )
    return Picture(
        "Size and overlap of contact segments", alt, lambda figure: pictures.segments(figure, contacts, shared), (10, 4.4)
    )
