"""What changed between two days is what was scripted, and nothing else."""

import pandas as pd
import pytest

from crmkit import share
from crmkit.errors import ShapeError
from tests.share.conftest import copied


def told(old, new):
    found = share.diff(old, new)[["what", "who", "which", "field", "old", "new"]]
    return in_order(tuple(None if pd.isna(one) else one for one in line) for line in found.to_numpy())


def in_order(lines):
    return sorted(lines, key=lambda line: tuple(str(one) for one in line))


def set_in(frame, at, **values):
    for name, value in values.items():
        frame.loc[at, name] = value


def appended(frame, **values):
    line = pd.DataFrame({name: [values.get(name)] for name in frame}).astype(frame.dtypes.to_dict())
    made = pd.concat([pd.DataFrame(frame), line], ignore_index=True)
    made.attrs = frame.attrs
    return made


def without(frame, at):
    made = frame.drop(index=at).reset_index(drop=True)
    made.attrs = frame.attrs
    return made


def month_of_segments(one, month):
    """Somebody joins, somebody leaves, somebody moves house."""
    members, people = one["members"], one["people"]
    left = members.iloc[month]
    outside = people[~people["person_id"].isin(members.loc[members["segment_id"] == left["segment_id"], "person_id"])]
    who = outside["person_id"].iloc[month % len(outside)]
    one["members"] = appended(without(members, month), segment_id=left["segment_id"], person_id=who, object_type="contacts")
    mover = people.index[month]
    was = people.loc[mover, "city"]
    set_in(people, mover, city=f"Elsewhere {month}")
    return [
        ("left", left["person_id"], left["segment_id"], None, None, None),
        ("joined", who, left["segment_id"], None, None, None),
        ("field changed", people.loc[mover, "person_id"], None, "city", None if pd.isna(was) else was, f"Elsewhere {month}"),
    ]


def month_of_attendance(one, month):
    """An invitation is answered, somebody is invited, an event moves; and time passes, which is no change."""
    answers, events = one["answers"], one["events"]
    single = answers[~answers.duplicated(["event_id", "person_id"], keep=False) & answers["person_id"].notna()]
    at = single.index[month * 7]
    was = answers.loc[at, "status"]
    now = "declined" if was != "declined" else "accepted"
    set_in(answers, at, status=now)
    event = events["event_id"].iloc[month]
    one["answers"] = appended(
        answers, event_id=event, person_id=f"new {month}", status="invited", answer="U", guest=False, repeated=False
    )
    old = events["name"].iloc[month]
    set_in(events, month, name=f"Renamed {month}", ended=True)
    return [
        ("answered", answers.loc[at, "person_id"], answers.loc[at, "event_id"], None, was, now),
        ("invited", f"new {month}", event, None, None, "invited"),
        ("field changed", None, event, "name", old, f"Renamed {month}"),
    ]


def month_of_deals(one, month):
    """A deal moves a stage (its chance and weighted amount follow), one is won, one lost, one costs more."""
    deals = one["deals"]
    pending = deals.index[deals["state"] == "pending"]
    moved, won, lost, dearer = pending[:4]
    lines = []
    stages = one["stages"]
    mine = stages[
        (stages["pipeline_id"] == deals.loc[moved, "pipeline_id"]) & (stages["stage"] != deals.loc[moved, "stage"])
    ].iloc[0]
    pipeline = deals.loc[moved, "pipeline"]
    lines.append(
        (
            "moved stage",
            deals.loc[moved, "deal_id"],
            None,
            None,
            f"{pipeline}: {deals.loc[moved, 'label']}",
            f"{pipeline}: {mine['label']}",
        )
    )
    set_in(
        deals,
        moved,
        stage=mine["stage"],
        label=mine["label"],
        sales_stage=mine["stage"],
        chance=0.01,
        weighted_amount=1.0,
        weighted_total=1.0,
    )
    for at, state in ((won, "won"), (lost, "lost")):
        lines.append((state, deals.loc[at, "deal_id"], None, None, "pending", state))
        set_in(
            deals, at, state=state, status=state, closed=pd.Timestamp("2024-05-05"), chance=float("nan"), label=pd.NA, stage=pd.NA
        )
    was = deals.loc[dearer, "amount"]
    set_in(
        deals, dearer, amount=was + 5, total_amount=deals.loc[dearer, "total_amount"] + 5 * int(deals.loc[dearer, "months"] or 1)
    )
    lines.append(("field changed", deals.loc[dearer, "deal_id"], None, "amount", f"{was:.15g}", f"{was + 5:.15g}"))
    return lines


def month_of_shifts(one, month):
    """Somebody withdraws: every shift of the team loses cover. An arrival is written down, which is no change of cover."""
    signed, teams = one["enrolments"], one["teams"]
    listed = teams.loc[teams["listed"], "team_id"]  # of others, by_shift() lists no shifts
    counts = signed[(signed["status"] == "confirmed") & ~signed["cancelled"].fillna(False)]
    counts = counts[~counts.duplicated(["collaborator_id", "team_id"], keep=False) & counts["team_id"].isin(listed)]
    at = counts.index[month]
    team, who = signed.loc[at, "team_id"], signed.loc[at, "collaborator_id"]
    n = counts.loc[counts["team_id"] == team, "collaborator_id"].nunique()
    set_in(signed, at, cancelled=True)
    set_in(signed, signed.index[-1], arrived=pd.Timestamp("2024-02-02", tz="UTC"))
    mine = one["shifts"][one["shifts"]["team_id"] == team].drop_duplicates(["start", "end"])
    covers = [("lost cover", None, f"{team} {shift}", None, str(n), str(n - 1)) for shift in mine["shift"]]
    return [("withdrew", who, team, None, None, None), *covers]


YEAR = {
    "segments_peepl": month_of_segments,
    "attendance": month_of_attendance,
    "pipelines": month_of_deals,
    "coverage": month_of_shifts,
}


@pytest.mark.parametrize("name", YEAR)
def test_a_scripted_year_is_told_as_it_was_scripted(frames, name):
    now = frames[name]
    for month in range(12):
        if name == "pipelines" and (now["deals"]["state"] == "pending").sum() < 4:
            break
        new = copied(now)
        script = YEAR[name](new, month)
        assert told({name: now}, {name: new}) == in_order(script)
        assert len(share.diff(new, new)) == 0
        now = new


def test_nothing_changed_nothing_told(frames):
    assert len(share.diff(frames, {name: copied(one) for name, one in frames.items()})) == 0


def test_records_of_a_fetcher(frames):
    old, new = frames["contacts"], frames["contacts"].copy()
    set_in(new, 2, first_name="Other")
    new = without(new, 0)
    found = share.diff({"contacts": old}, {"contacts": new})
    assert found[["what", "who", "field"]].fillna("").values.tolist() == [
        ["field changed", str(old["id"][2]), "first_name"],
        ["record removed", str(old["id"][0]), ""],
    ]
    assert str(found["since"].dtype) == "datetime64[us]"
    assert found["since"].notna().all()


def test_somebody_who_is_gone_left_no_segment_besides(frames):
    old = frames["segments_peepl"]
    who = old["members"]["person_id"].iloc[0]
    new = {name: one[one["person_id"] != who] if "person_id" in one else one for name, one in copied(old).items()}
    assert [line[:2] for line in told(old, new)] == [("person removed", who)]


def test_frames_without_a_key_are_refused():
    with pytest.raises(ShapeError, match="same record"):
        share.diff({"a": pd.DataFrame({"x": [1]})}, {"a": pd.DataFrame({"x": [2]})})
