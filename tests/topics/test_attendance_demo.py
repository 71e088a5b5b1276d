"""crmkit.attendance against the demo's truth: what was really invited, answered, recorded and sold."""

from __future__ import annotations

import pandas as pd
import pytest

from crmkit import attendance
from crmkit import demo as demonstration
from tests.seeds import some

SEEDS = some(20)
NOW = "2024-06-15 12:00"
ZONE = "Europe/Brussels"
SHEEP = ("invited", "accepted", "declined", "attended", "no-show")


class World:
    """What was loaded from both systems of a demo, and its truth."""

    def __init__(self, running: demonstration.Demo):
        self.peepl = attendance.load(running.peepl(), groups=True, now=NOW)
        self.sheep = attendance.load(running.sheepcrm(), orders=True, now=NOW)
        self.answers = running.truth["attendance"]
        self.positions = running.truth["memberships"].query("crm == 'peepl' and object_type == 'contacts'")
        activities = running.truth["activities"].set_index("number")
        start = activities["start"].dt.tz_convert(ZONE).dt.tz_localize(None)
        self.answers = self.answers[self.answers["crm"] == "peepl"].assign(start=lambda t: t["number"].map(start))
        ends = activities["end"].dt.tz_convert(ZONE).dt.tz_localize(None).fillna(start)
        self.answers["over"] = self.answers["number"].map(ends) < pd.Timestamp(NOW)
        listed = set(self.sheep["events"]["event_id"])
        self.events = running.truth["events"].assign(event_id=lambda t: t["event_uri"].str.split("/").str[3])
        self.all_events = self.events
        self.events = self.events[self.events["event_id"].isin(listed)].set_index("event_id")
        self.seats = running.truth["event_attendance"].assign(event_id=lambda t: t["event_uri"].str.split("/").str[3])
        self.seats = self.seats[self.seats["event_id"].isin(listed)]
        self.orders = running.truth["event_orders"].assign(event_id=lambda t: t["event_uri"].str.split("/").str[3])
        self.orders = self.orders[self.orders["event_id"].isin(listed)]


@pytest.fixture(scope="module", params=SEEDS)
def world(request):
    with demonstration.start(seed=request.param, people=200) as running:
        yield World(running)


def tally(status, keys):
    """Counts of statuses per key, as plain numbers."""
    return pd.crosstab(keys, status)


def test_peepl_answers_per_weekday_and_hour_are_the_true_ones(world):
    held = world.answers[world.answers["over"]]
    weekday, hour = held["start"].dt.day_name(), held["start"].dt.hour
    for keys, table in (
        (weekday, attendance.by_weekday(world.peepl["events"], world.peepl["answers"]).set_index("weekday")),
        (hour, attendance.by_hour(world.peepl["events"], world.peepl["answers"]).set_index("hour")),
    ):
        true = tally(held["status"], keys)
        for key, line in true.iterrows():
            yes, no, none = (int(line.get(status, 0)) for status in "ANU")
            told = table.loc[key]
            assert told[["invited", "answered", "signed_up", "open"]].tolist() == [yes + no + none, yes + no, yes, none]
            assert told["response_rate"] == pytest.approx((yes + no) / (yes + no + none))
            assert told["yes_share_of_invited"] == pytest.approx(yes / (yes + no + none))
        assert len(table) == len(true)


def test_peepl_persons_and_events_are_the_true_ones(world):
    held = world.answers[world.answers["over"]]
    persons = attendance.by_person(world.peepl["events"], world.peepl["answers"]).set_index("person_id")
    true = held.groupby("record_id")
    assert persons["invited"].to_dict() == true.size().to_dict()
    assert persons["signed_up"].to_dict() == true["status"].agg(lambda found: (found == "A").sum()).to_dict()
    yes = held[held["status"] == "A"].groupby("record_id")["start"]
    assert persons["last"].dropna().to_dict() == yes.max().dt.normalize().to_dict()
    for person, part in list(held.sort_values(["start", "event_id"]).groupby("record_id"))[::9]:
        runs = "".join("x" if status == "A" else " " for status in part["status"])
        assert persons.loc[person, "longest_streak"] == max(map(len, runs.split()), default=0)
        assert persons.loc[person, "missed"] == len(runs) - len(runs.rstrip(" "))
    events = attendance.by_event(world.peepl["events"], world.peepl["answers"]).set_index("event_id")["invited"]
    assert events[events > 0].to_dict() == world.answers.groupby("event_id").size().to_dict()
    sold = attendance.sold(world.peepl["events"], world.peepl["tickets"])
    assert sold.groupby("event_id")["sold"].sum().to_dict() == {
        event: pieces for event, pieces in world.answers.groupby("event_id")["bought"].sum().items() if pieces
    }


def test_peepl_groups_are_those_of_the_day(world):
    held = world.answers[world.answers["over"]].assign(day=lambda t: t["start"].dt.normalize())
    both = held.merge(world.positions, on="record_id", suffixes=("", "_position"))
    in_it = (both["start_position"] <= both["day"]) & (both["end"].isna() | (both["end"] >= both["day"]))
    true = both[in_it].drop_duplicates(["event_id", "record_id", "group_id"])
    table = attendance.by_group(world.peepl["events"], world.peepl["answers"], world.peepl["groups"]).set_index("group_id")
    assert table["invited"].to_dict() == true.groupby("group_id").size().to_dict()
    assert table["signed_up"].to_dict() == true.groupby("group_id")["status"].agg(lambda found: (found == "A").sum()).to_dict()


def test_sheepcrm_lists_are_the_true_ones(world):
    table = attendance.by_event(world.sheep["events"], world.sheep["answers"]).set_index("event_id")
    off = world.events.index[world.events["state"] == "cancelled"]
    assert set(table.index) == set(world.events.index.difference(off))
    assert sorted(attendance.cancelled(world.sheep["events"], world.sheep["answers"])["event_id"]) == sorted(off)
    over = world.events["end"] < pd.Timestamp(NOW)
    for event, seats in world.seats[~world.seats["event_id"].isin(off)].groupby("event_id"):
        n = {word: int((seats["served"] == word).sum()) for word in SHEEP}
        told, true = table.loc[event], world.events.loc[event]
        expected, recorded = n["accepted"] + n["attended"] + n["no-show"], n["attended"] + n["no-show"]
        assert told[["invited", "open", "answered", "signed_up", "recorded", "other"]].tolist() == [
            *(len(seats), n["invited"], expected + n["declined"], expected, recorded),
            len(seats) - sum(n.values()),
        ]
        assert told["people"] == seats.loc[~seats["guest"].astype(bool), "record_id"].nunique()
        if over[event] and recorded:
            assert told["turnout"] == pytest.approx(n["attended"] / recorded)
        else:
            assert pd.isna(told["turnout"])
        assert told["stale"] == (n["accepted"] if over[event] else 0)
        if pd.notna(true["capacity"]) and true["capacity"]:
            used = n["attended"] if over[event] else expected
            assert told["use_of_capacity"] == pytest.approx(used / true["capacity"])
        else:
            assert pd.isna(told["use_of_capacity"])


def test_attendance_that_nobody_took_is_found(world):
    table = attendance.by_event(world.sheep["events"], world.sheep["answers"], held=True).set_index("event_id")
    said_yes = table[(table["signed_up"] > 0)]
    true = world.events.loc[said_yes.index, "taken"]
    for event in true.index[true == "none"]:
        assert said_yes.loc[event, "taken"] == "none"
    for event in true.index[true == "full"]:
        assert said_yes.loc[event, "taken"] == "full"


def test_sheepcrm_sums_are_sums_over_sums(world):
    over = world.events.index[(world.events["end"] < pd.Timestamp(NOW)) & (world.events["state"] != "cancelled")]
    seats = world.seats[world.seats["event_id"].isin(over)]
    weekday = seats["event_id"].map(world.events["start"]).dt.day_name()
    true = tally(seats["served"], weekday)
    table = attendance.by_weekday(world.sheep["events"], world.sheep["answers"]).set_index("weekday")
    for day, line in true.iterrows():
        came, not_there = int(line.get("attended", 0)), int(line.get("no-show", 0))
        assert table.loc[day, ["attended", "no_show"]].tolist() == [came, not_there]
        if came + not_there:
            assert table.loc[day, "turnout"] == pytest.approx(came / (came + not_there))


def test_sheepcrm_money_is_the_true_money(world):
    table = attendance.payments(world.sheep["events"], world.sheep["tickets"], world.sheep["orders"]).set_index(
        ["event_id", "currency"]
    )
    true = world.orders.groupby(["event_id", "currency"])
    assert table["orders"].to_dict() == true.size().to_dict()
    assert table["total"].to_dict() == pytest.approx(true["total"].sum().to_dict())
    assert table["paid"].to_dict() == pytest.approx(true["paid"].sum().to_dict())
    assert table["difference"].abs().max() < 0.005
    sold = attendance.sold(world.sheep["events"], world.sheep["tickets"]).groupby("event_id")["sold"].sum()
    off = world.events.index[world.events["state"] == "cancelled"]
    kept = world.orders[~world.orders["event_id"].isin(off)]
    assert sold.to_dict() == {event: pieces for event, pieces in kept.groupby("event_id")["tickets"].sum().items() if pieces}
    stock = attendance.stock_use(world.sheep["events"], world.sheep["stock"])
    assert stock["adds_up"].all()


def test_a_series_is_read_whole_when_its_events_are_named():
    with demonstration.start(seed=1, people=60) as running:
        truth = running.truth["events"]
        series = truth[truth["series"] == truth["series"].dropna().iloc[0]]
        uids = series["event_uri"].str.split("/").str[3].tolist()
        data = attendance.load(running.sheepcrm(), events=uids, tickets=False, now=NOW)
        assert sorted(data["events"]["event_id"]) == sorted(uids)
        seats = running.truth["event_attendance"]
        assert len(data["answers"]) == seats["event_uri"].isin(series["event_uri"]).sum()


def test_segments_of_the_other_topic_are_groups_here():
    with demonstration.start(seed=1, people=60) as running:
        from crmkit import segments

        data = attendance.load(running.sheepcrm(), groups=["Jeugd"], tickets=False, now=NOW)
        frames = segments.load(running.sheepcrm(), segments=["Jeugd"])
        once, again = data["groups"], attendance.as_groups(frames)
        assert len(once)
        assert once["person_id"].sort_values().tolist() == again["person_id"].sort_values().tolist()
        table = attendance.by_group(data["events"], data["answers"], again)
        inside = world_members(running, "Jeugd")
        people = data["answers"]["person_id"].str.split("/").str[3]
        held = attendance.choose(data["events"], held=True)["event_id"]
        assert table["invited"].tolist() == [(people.isin(inside) & data["answers"]["event_id"].isin(held)).sum()]


def world_members(running, name):
    truth = running.truth["segments"]
    return set(truth.loc[(truth["crm"] == "sheepcrm") & (truth["name"] == name), "record_id"].dropna())
