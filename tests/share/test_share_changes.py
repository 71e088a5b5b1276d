"""What changed between two days is what was scripted, and nothing else."""

import pandas as pd
import pytest

import crmkit
from crmkit import share
from crmkit.errors import ShapeError
from crmkit.receipts import ATTRS
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
    """Somebody joins, somebody leaves, somebody moves house; a segment comes and goes, and so does a person, with what they were in."""
    members, people = one["members"], one["people"]
    left = members.iloc[month]
    outside = people[~people["person_id"].isin(members.loc[members["segment_id"] == left["segment_id"], "person_id"])]
    who = outside["person_id"].iloc[month % len(outside)]
    one["members"] = appended(without(members, month), segment_id=left["segment_id"], person_id=who, object_type="contacts")
    mover = people.index[month]
    was = people.loc[mover, "city"]
    set_in(people, mover, city=f"Elsewhere {month}")
    new = f"label new {month}"
    one["segments"] = appended(one["segments"], segment_id=new, name=f"New {month}", kind="label", source_id=f"new {month}", declared_size=1)
    set_in(one["segments"], 0, name=f"Renamed {month}")
    one["people"] = appended(people, person_id=f"newcomer {month}", object_type="contacts")
    one["members"] = appended(one["members"], segment_id=new, person_id=f"newcomer {month}", object_type="contacts")
    was_called = "Iedereen" if month == 0 else f"Renamed {month - 1}"
    lines = [
        ("segment added", None, new, None, None, None),
        ("person added", f"newcomer {month}", None, None, None, None),
        ("field changed", None, one["segments"]["segment_id"][0], "name", was_called, f"Renamed {month}"),
    ]
    if month:
        gone, before = f"newcomer {month - 1}", f"label new {month - 1}"
        one["people"] = without(one["people"], one["people"].index[one["people"]["person_id"] == gone])
        one["segments"] = without(one["segments"], one["segments"].index[one["segments"]["segment_id"] == before])
        one["members"] = without(one["members"], one["members"].index[one["members"]["segment_id"] == before])
        lines += [("segment removed", None, before, None, None, None), ("person removed", gone, None, None, None, None)]
    return [
        *lines,
        ("left", left["person_id"], left["segment_id"], None, None, None),
        ("joined", who, left["segment_id"], None, None, None),
        ("field changed", people.loc[mover, "person_id"], None, "city", None if pd.isna(was) else was, f"Elsewhere {month}"),
    ]


def month_of_attendance(one, month):
    """An invitation is answered, one is taken back, somebody is invited, an event is renamed, comes and goes; time passes, which is no change."""
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
    one["events"] = appended(events, event_id=f"new {month}", name=f"New {month}", start=pd.Timestamp("2024-09-01"), cancelled=False)
    lines = [("event added", None, f"new {month}", None, None, None)]
    if month:
        before = f"new {month - 1}"
        one["events"] = without(one["events"], one["events"].index[one["events"]["event_id"] == before])
        last = one["answers"].index[one["answers"]["person_id"] == before]
        back = one["answers"].loc[last[0], "event_id"]
        one["answers"] = without(one["answers"], last)
        lines += [("event removed", None, before, None, None, None), ("uninvited", before, back, None, "invited", None)]
    return [
        *lines,
        ("answered", answers.loc[at, "person_id"], answers.loc[at, "event_id"], None, was, now),
        ("invited", f"new {month}", event, None, None, "invited"),
        ("field changed", None, event, "name", old, f"Renamed {month}"),
    ]


def month_of_deals(one, month):
    """A deal moves a stage (its chance and weighted amount follow), one is won, one lost, one reopened, one costs more; one comes and goes."""
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
    closed = deals.index[deals["state"].isin(["won", "lost"]) & ~deals.index.isin([won, lost])][0]
    lines.append(("reopened", deals.loc[closed, "deal_id"], None, None, deals.loc[closed, "state"], "pending"))
    back = {name: deals.loc[dearer, name] for name in ("pipeline_id", "pipeline", "stage", "label", "sales_stage")}
    set_in(deals, closed, state="pending", status="pending", closed=pd.NaT, **back)
    gone = deals.index[-1]
    lines += [("deal removed", deals.loc[gone, "deal_id"], None, None, None, None), ("deal added", f"new {month}", None, None, None, None)]
    one["deals"] = appended(without(deals, gone), deal_id=f"new {month}", name="New", state="won", amount=10.0, total_amount=10.0)
    return lines


def month_of_shifts(one, month):
    """Somebody withdraws: every shift of the team loses cover; somebody signs up, for a listed team and for one that is not. A shift is
    moved, one comes and goes. An arrival is written down, which is no change of cover.
    """
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
    return [("withdrew", who, team, None, None, None), *covers, *signs_up(one, month, team), *replans(one, month)]


def signs_up(one, month, busy):
    """Somebody new signs up for another listed team, and for one that is only known from enrolments: no cover is told of that one."""
    teams, shifts = one["teams"], one["shifts"]
    team = next(team for team in teams.loc[teams["listed"], "team_id"] if team != busy and team in set(shifts["team_id"]))
    counted = one["enrolments"][one["enrolments"]["team_id"] == team]
    n = counted.loc[(counted["status"] == "confirmed") & ~counted["cancelled"].fillna(False), "collaborator_id"].nunique()
    for place, name in ((team, f"helper {month}"), ("unlisted", f"stranger {month}")):
        told = {"enrolment_id": f"{place} {month}", "collaborator_id": name, "team_id": place, "status": "confirmed", "cancelled": False}
        one["enrolments"] = appended(one["enrolments"], **told)
    if not (teams["team_id"] == "unlisted").any():
        one["teams"] = appended(teams, team_id="unlisted", team="Unlisted", listed=False)
    mine = shifts[shifts["team_id"] == team].drop_duplicates(["start", "end"])
    covers = [("gained cover", None, f"{team} {shift}", None, str(n), str(n + 1)) for shift in mine["shift"]]
    signed = [("signed up", f"helper {month}", team, None, None, None), ("signed up", f"stranger {month}", "unlisted", None, None, None)]
    return [*signed, *covers]


def replans(one, month):
    """A team that nobody is in gets a shift more, and loses that of last month; its first shift ends later."""
    start, team = pd.Timestamp("2024-02-01 10:00", tz=one["shifts"]["start"].dt.tz), "empty"
    if not month:
        one["teams"] = appended(one["teams"], team_id=team, team="Empty", listed=True, needed=2)
        one["shifts"] = appended(one["shifts"], team_id=team, shift=1, start=start, end=start + pd.Timedelta(hours=1))
        one["shifts"] = appended(one["shifts"], team_id=team, shift=99, start=start, end=start + pd.Timedelta(hours=9))
        return [("shift added", None, "empty 1", None, None, None), ("shift added", None, "empty 99", None, None, None)]
    shifts = one["shifts"]
    first = shifts.index[(shifts["team_id"] == team) & (shifts["shift"] == 1)][0]
    was, end = shifts.loc[first, "end"], shifts.loc[first, "end"] + pd.Timedelta(hours=1)
    set_in(shifts, first, end=end)
    one["shifts"] = without(shifts, shifts.index[(shifts["team_id"] == team) & (shifts["shift"] == 98 + month)])
    one["shifts"] = appended(one["shifts"], team_id=team, shift=99 + month, start=start, end=start + pd.Timedelta(days=month))
    moved = ("field changed", None, "empty 1", "end", was.isoformat(), end.isoformat())
    return [moved, ("shift added", None, f"empty {99 + month}", None, None, None), ("shift removed", None, f"empty {98 + month}", None, None, None)]


YEAR = {
    "segments_peepl": month_of_segments,
    "attendance": month_of_attendance,
    "pipelines": month_of_deals,
    "coverage": month_of_shifts,
}


WORDS = {
    "segments_peepl": {"joined", "left", "segment added", "segment removed", "person added", "person removed", "field changed"},
    "attendance": {"invited", "answered", "uninvited", "event added", "event removed", "field changed"},
    "pipelines": {"deal added", "deal removed", "moved stage", "won", "lost", "reopened", "field changed"},
    "coverage": {"signed up", "withdrew", "gained cover", "lost cover", "shift added", "shift removed", "field changed"},
}


@pytest.mark.parametrize("name", YEAR)
def test_a_scripted_year_is_told_as_it_was_scripted(said, name, request):
    """Every word of the domain, nothing else; the last months only with --full."""
    now, words = copied(said[name]), set()
    for month in range(12 if request.config.getoption("--full") else 4):
        if name == "pipelines" and (now["deals"]["state"] == "pending").sum() < 4:
            break
        new = copied(now)
        script = YEAR[name](new, month)
        assert told({name: now}, {name: new}) == in_order(script)
        assert len(share.diff(new, new)) == 0
        words |= {line[0] for line in script}
        now = new
    assert words == WORDS[name]


def test_every_word_is_one_that_the_help_names():
    for words in WORDS.values():
        assert all(word in " ".join(str(share.diff.__doc__).split()) for word in words)


def test_since_is_what_the_older_frames_judge_by_or_their_oldest_answer(few):
    old, new = few["contacts"], few["contacts"].copy()
    old.attrs[ATTRS] = {**old.attrs[ATTRS], "oldest": "2024-05-30 23:00:00", "newest": "2024-06-02 01:00:00"}
    set_in(new, 0, first_name="Other")
    assert share.diff({"contacts": old}, {"contacts": new})["since"].tolist() == [pd.Timestamp("2024-05-30")]
    deals = few["deals"].copy()
    deals.attrs[ATTRS] = {**deals.attrs[ATTRS], "today": "2024-06-15"}
    set_in(few["deals"], 0, name="Other")
    assert share.diff({"deals": deals}, {"deals": few["deals"]})["since"].tolist() == [pd.Timestamp("2024-06-15")]


def test_nothing_changed_nothing_told(frames):
    frames.pop("persons")  # its row declares no key
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


def test_lists_inside_records_are_compared_by_their_record_and_their_own_key(frames):
    for name, column in (("addresses", "street1"), ("phones", "value")):
        old, new = frames[name], frames[name].copy()
        set_in(new, 1, **{column: "other"})
        found = share.diff({name: old}, {name: without(new, 0)})
        key = [str(one) for one in old.iloc[1][["contact_id", "id" if "id" in old else "position"]]]
        assert found["what"].tolist() == ["field changed", "record removed"]
        assert found["who"].tolist()[0] == " ".join(key)


def test_frames_without_a_key_are_refused():
    with pytest.raises(ShapeError, match="same record"):
        share.diff({"a": pd.DataFrame({"x": [1]})}, {"a": pd.DataFrame({"x": [2]})})


def test_a_record_of_several_ids_is_told_for_each():
    """Somebody who left one of two groups was still found in the other: nothing was told."""
    with crmkit.demo.start(people=30) as demo:
        groups = demo.peepl().groups()["id"].head(8)
        old = demo.peepl().group_members(groups)
    twice = old[old.duplicated("id", keep=False)]
    gone = twice.iloc[0]
    new = old.drop(index=twice.index[0])
    told = share.diff({"members": old}, {"members": new})
    assert told[["what", "who"]].values.tolist() == [["record removed", f"{gone.group_id} {gone.id}"]]
    assert share.diff({"members": new}, {"members": old})["what"].tolist() == ["record added"]
    assert share.diff({"members": old}, {"members": old}).empty


def test_a_record_of_several_ids_is_told_for_each_where_the_column_has_another_name():
    """segment_records() takes uid and shows it as segment_uid."""
    with crmkit.demo.start(people=30) as demo:
        client = demo.sheepcrm()
        old = client.segment_records(client.segments()["uid"])
    twice = old[old.duplicated("uri", keep=False)]
    gone = twice.iloc[0]
    new = old.drop(index=twice.index[0])
    told = share.diff({"records": old}, {"records": new})
    assert told[["what", "who"]].values.tolist() == [["record removed", f"{gone.segment_uid} {gone.uri}"]]
