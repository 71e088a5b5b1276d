"""What load() makes of four CRMs, against the truth of the demo."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest

import crmkit
from crmkit import demo as demonstration
from crmkit import segments as topic
from crmkit.errors import ParameterError
from crmkit.frames import Builder
from crmkit.receipts import Receipt, attach
from crmkit.topics.segments import from_missionhub
from crmkit.topics.segments.neutral import HISTORY, MEMBERS, PEOPLE, SEGMENTS
from crmkit.topics.segments.terms import TERMS
from tests.seeds import some as seeds

SEEDS = seeds(20)


@pytest.fixture(scope="module", params=SEEDS)
def demo(request: pytest.FixtureRequest) -> Iterator[demonstration.Demo]:
    with demonstration.start(seed=request.param, people=200) as running:
        yield running


def true_segments(demo: demonstration.Demo, crm: str, *object_types: str) -> dict[str, set[str]]:
    """Record ids by the CRM's own id of the segment."""
    truth = demo.truth["segments"]
    own = truth[(truth["crm"] == crm) & truth["object_type"].isin(object_types)]
    return {str(one): set(records.dropna()) for one, records in own.groupby("segment_id")["record_id"]}


def loaded(frames: dict[str, pd.DataFrame], *kinds: str) -> dict[str, set[str]]:
    """The same of what was loaded."""
    listed = frames["segments"][frames["segments"]["kind"].isin(kinds)]
    inside = {one: set(found) for one, found in frames["members"].groupby("segment_id")["person_id"]}
    return {str(own): inside.get(one, set()) for one, own in zip(listed["segment_id"], listed["source_id"], strict=True)}


def check(frames: dict[str, pd.DataFrame]) -> None:
    """What holds for any load: declared columns first, keys unique, everybody is among the people, a receipt on each frame."""
    for name, dtypes in {"segments": SEGMENTS, "members": MEMBERS, "people": PEOPLE, "history": HISTORY}.items():
        found = {column: str(dtype) for column, dtype in frames[name].dtypes.items()}
        assert list(found.items())[: len(dtypes)] == list(dtypes.items())
        assert crmkit.receipt(frames[name]).records == len(frames[name])
    assert frames["segments"]["segment_id"].is_unique
    assert frames["segments"]["name"].is_unique
    assert frames["people"]["person_id"].is_unique
    assert frames["people"]["person_id"].notna().all()
    assert not frames["members"].duplicated(["segment_id", "person_id"]).any()
    assert frames["members"]["person_id"].isin(frames["people"]["person_id"]).all()
    assert frames["members"]["segment_id"].isin(frames["segments"]["segment_id"]).all()


def test_peepl_segments(demo):
    for object_type in ("contacts", "organisations"):
        truth = true_segments(demo, "peepl", object_type)
        frames = topic.load(demo.peepl(), segments=[int(one) for one in truth], object_type=object_type, today=demo.today)
        check(frames)
        assert loaded(frames, "segment") == truth
        sizes = topic.sizes(frames)
        assert sizes["declared_size"].tolist() == sizes["members"].tolist()
        everybody = set().union(*truth.values())
        assert set(topic.in_none(frames)["person_id"]) == set(frames["people"]["person_id"]) - everybody


def test_peepl_overlap_is_that_of_the_truth(demo):
    truth = true_segments(demo, "peepl", "contacts")
    frames = topic.load(demo.peepl(), segments={int(one): one for one in truth}, today=demo.today)
    table = topic.overlap(frames)
    assert {(a, b): table.loc[a, b] for a in truth for b in truth} == {
        (a, b): len(truth[a] & truth[b]) for a in truth for b in truth
    }


def test_peepl_groups_and_their_past(demo):
    client = demo.peepl()
    frames = topic.load(client, groups=True, functions=True, combinations=True, history=True, today=demo.today)
    check(frames)
    truth = demo.truth["groups"].query("crm == 'peepl'").set_index("group_id")
    table = topic.tree(frames, kinds="group")
    numbers = table["segment_id"].str.removeprefix("group ")
    assert dict(zip(numbers, table["members"], strict=True)) == truth["members"].to_dict()
    assert dict(zip(numbers, table["members_below"], strict=True)) == truth["members_below"].to_dict()
    assert table["reading"].dropna().eq("direct only").any()
    held = demo.truth["memberships"].query("crm == 'peepl' and object_type == 'contacts'")
    for day in (pd.Timestamp(demo.today), pd.Timestamp("2023-03-01")):
        runs = held[(held["start"] <= day) & (held["end"].isna() | (held["end"] >= day))]
        then = topic.on_day(frames, day)
        for kind in ("group", "function", "combination"):
            expected = {str(one): set(some) for one, some in runs.groupby(f"{kind}_id")["record_id"]}
            assert {one: some for one, some in loaded(then, kind).items() if some} == expected
    now = topic.sizes(topic.on_day(frames, demo.today), kinds="group").set_index("segment_id")["members"]
    assert now.to_dict() == topic.sizes(frames, kinds="group").set_index("segment_id")["members"].to_dict()


def test_peepl_members_on_a_day_are_those_of_the_history(demo):
    then = topic.load(demo.peepl(), groups=True, on="2023-03-01", today=demo.today)
    past = topic.on_day(topic.load(demo.peepl(), groups=True, history=True, today=demo.today), "2023-03-01")
    assert loaded(then, "group") == loaded(past, "group")
    assert "2023-03-01" in " ".join(crmkit.receipt(then["members"]).problems)


def test_peepl_people_carry_what_the_club_knows(demo):
    frames = topic.load(demo.peepl(), segments=[41], history=True, activity=True, today=demo.today)
    people = frames["people"].set_index("person_id")
    signups = demo.truth["attendance"].query("crm == 'peepl'").merge(demo.truth["activities"][["number", "start"]], on="number")
    local = signups["start"].dt.tz_convert("Europe/Brussels").dt.tz_localize(None)
    day = pd.Timestamp(demo.today)
    recent = signups[(local < day) & (local >= day - pd.Timedelta(days=365))]
    invited = recent.groupby("record_id").size().reindex(people.index).fillna(0)
    yes = recent[recent["status"] == "A"].groupby("record_id").size().reindex(people.index).fillna(0)
    assert people["invitations"].tolist() == invited.tolist()
    assert people["sign_ups"].tolist() == yes.tolist()
    held = demo.truth["memberships"].query("crm == 'peepl' and object_type == 'contacts'")
    assert people["member_since"].dropna().to_dict() == held.groupby("record_id")["start"].min().to_dict()


def test_onepagecrm(demo):
    frames = topic.load(demo.onepagecrm(), today=demo.today)
    check(frames)
    truth = true_segments(demo, "onepagecrm", "contacts")
    found = loaded(frames, "filter", "tag", "status", "lead_source")
    # The truth has no line for a status that nobody has; the account lists it all the same.
    assert {one: some for one, some in found.items() if some or one in truth} == truth
    assert set(loaded(frames, "filter")) <= set(truth)
    sizes = topic.sizes(frames, kinds=["filter", "status", "lead_source"])
    assert sizes["declared_size"].tolist() == sizes["members"].tolist()
    assert set(topic.load(demo.onepagecrm(), kinds="status")["segments"]["kind"]) == {"status"}


def test_onepagecrm_contacts_of_a_status_or_source_that_is_not_listed_are_in_a_segment(demo):
    client = demo.onepagecrm()
    everybody = client.contacts()
    gone = {name: everybody[f"{name}_id"].dropna().iloc[0] for name in ("status", "lead_source")}

    class OnePageCRM:
        crm = "OnePageCRM"

        def __getattr__(self, name):
            return getattr(client, name)

        def statuses(self, **asked):
            listed = client.statuses(**asked)
            return listed[listed["id"] != gone["status"]]

        def lead_sources(self, **asked):
            listed = client.lead_sources(**asked)
            return listed[listed["id"] != gone["lead_source"]]

    frames = topic.load(OnePageCRM(), kinds=["status", "lead_source"], today=demo.today)
    for kind, number in gone.items():
        segment = f"{kind} {number}"
        line = frames["segments"].set_index("segment_id").loc[segment]
        assert (line["name"], line["kind"]) == (f"unknown {kind.replace('_', ' ')} {number}", kind)
        assert pd.isna(line["declared_size"])
        inside = frames["members"].query("segment_id == @segment")["person_id"]
        assert set(inside) == set(everybody.loc[everybody[f"{kind}_id"] == number, "id"])
    assert set(frames["members"]["segment_id"]) <= set(frames["segments"]["segment_id"])


def test_missionhub(demo):
    client = demo.missionhub()
    places = demo.truth["follow_ups"]
    for place in places["organization_id"].unique():
        frames = topic.load(client, organization=place, today=demo.today)
        check(frames)
        base = places[(places["organization_id"] == place) & places["archived"].isna()]
        assert set(frames["people"]["person_id"]) == set(base["record_id"])
        labels = true_segments(demo, "missionhub", "label")
        found = loaded(frames, "label")
        assert all(some <= labels[one] for one, some in found.items())
        status = base.assign(status=base["status"].fillna("no status"))
        assert loaded(frames, "status") == {str(one): set(some) for one, some in status.groupby("status")["record_id"]}


def test_missionhub_labels_and_answers_of_the_largest_organization(demo):
    frames = topic.load(demo.missionhub(), organization="5101", today=demo.today)
    base = set(frames["people"]["person_id"])
    labels = true_segments(demo, "missionhub", "label")
    for one, some in loaded(frames, "label").items():
        assert some == labels[one] & base
    told = demo.truth["survey_answers"].query("question_id in ('1201', '1202')")
    told = told[told["record_id"].isin(base)].sort_values(["completed", "updated"], na_position="first", kind="stable")
    last = told.drop_duplicates("record_id", keep="last")["sheet_id"]
    latest = told[told["sheet_id"].isin(last)]
    completed = latest["completed"].notna()
    assert latest.loc[completed, "latest"].all()
    ids = latest["question_id"] + "=" + latest["value"].str.strip().str.casefold()
    answers = {one: some for one, some in loaded(frames, "answer").items() if one.startswith(("1201=", "1202="))}
    assert answers == {str(one): set(some) for one, some in latest.groupby(ids)["record_id"]}
    assert not any(one.startswith(("1203=", "1214=")) for one in loaded(frames, "answer"))


def test_sheepcrm(demo):
    frames = topic.load(demo.sheepcrm(), today=demo.today)
    check(frames)
    truth = true_segments(demo, "sheepcrm", "person")
    found = {
        one: {uri.strip("/").rpartition("/")[2] for uri in some} for one, some in loaded(frames, "segment", "folder").items()
    }
    own = {one: {record.strip("/").rpartition("/")[2] for record in some} for one, some in truth.items()}
    assert set(found) <= set(own)
    assert found == {one: own[one] for one in found}
    sizes = topic.sizes(frames, kinds="segment")
    assert sizes["declared_size"].tolist() == sizes["members"].tolist()
    assert any("no call lists all contacts" in line for line in crmkit.receipt(frames["people"]).problems)


def test_sheepcrm_with_everybody_and_memberships(demo):
    frames = topic.load(
        demo.sheepcrm(), segments=["Jeugd"], everybody="Alle personen", memberships="Alle lidmaatschappen", today=demo.today
    )
    check(frames)
    assert len(frames["people"]) == topic.sizes(frames, segments="Alle personen")["members"].iloc[0]
    assert frames["people"]["active"].sum() > 0
    assert frames["people"]["member_since"].notna().any()
    assert not any("no call lists" in line for line in crmkit.receipt(frames["people"]).problems)


def test_missionhub_contacted_and_reached(demo):
    story = demo.truth["follow_ups"]
    for place in story["organization_id"].unique():
        frames = topic.load(demo.missionhub(), organization=place, kinds=["label", "permission"], today=demo.today)
        own = story[(story["organization_id"] == place) & story["archived"].isna()].set_index("record_id")["status"]
        found = topic.contacted(frames, kinds=["label", "permission"]).set_index("segment_id")
        inside = {one: set(some) for one, some in frames["members"].groupby("segment_id")["person_id"]}
        for number, line in found.iterrows():
            told = own if number == "everybody" else own[own.index.isin(inside.get(number, set()))]
            base = told[~told.isin(["do_not_contact", "do_not_email"])]
            tried = base.isin(["contacted", "attempted_contact", "completed", "in_progress"]).sum()
            met = base.isin(["contacted", "completed"]).sum()
            assert line[["people", "base", "contacted_people", "reached_people"]].tolist() == [len(told), len(base), tried, met]
            assert line["no_status"] == base.isna().sum()
        assert found["no_status"].iloc[0] + found["uncontacted"].iloc[0] + found["contacted_people"].iloc[0] == found["base"].iloc[0]


def running(truth, day):
    return truth[(truth["start"] <= day) & (truth["end"] >= day) & ~(truth["cancelled"] < day)]


def test_sheepcrm_memberships(demo):
    client, day = demo.sheepcrm(), pd.Timestamp(demo.today)
    frames = topic.load(client, segments=["Vervallen", "Jeugd"], everybody="Alle personen", memberships="Alle lidmaatschappen", today=day)
    check(frames)
    assert {name: str(dtype) for name, dtype in frames["terms"].dtypes.items()} == TERMS
    assert crmkit.receipt(frames["terms"]).records == len(frames["terms"])
    truth = demo.truth["memberships_sheepcrm"]
    for on in (day, pd.Timestamp("2022-03-01"), pd.Timestamp("2023-08-31")):
        runs = running(truth, on)
        line = topic.active(frames, on=on).iloc[0]
        assert (line["terms"], line["people"]) == (len(runs), runs["record_id"].nunique())
    line = topic.active(frames).iloc[0]
    said = truth["status"].str.lower() == "active"
    assert (line["said_active"], line["said_people"]) == (said.sum(), truth.loc[said, "record_id"].nunique())
    assert line["people"] == frames["people"]["active"].sum()
    sizes = topic.active(frames, by="plan")["terms"]
    assert sorted(sizes[sizes > 0]) == sorted(running(truth, day).groupby("plan").size())
    gone = truth[(truth["end"] < day) & ~truth["renewed"] & ~truth["has_renewed"]]
    assert set(topic.lapsed(frames)["term_id"]) == set(gone["uri"])
    folder = client.segments_all().set_index("name").loc["Vervallen", "uid"]
    assert set(topic.lapsed(frames)["term_id"]) == set(client.segment_records(folder)["uri"])


def test_sheepcrm_retention_and_fees(demo):
    client, day = demo.sheepcrm(), pd.Timestamp(demo.today)
    number = client.segments_all().set_index("name").loc["Alle lidmaatschappen", "uid"]
    terms = client.segment_records(number)
    truth = demo.truth["memberships_sheepcrm"]
    months = truth.assign(month=truth["end"].dt.to_period("M").dt.to_timestamp(), kept=truth["renewed"] | truth["has_renewed"])
    found = topic.retention(terms, today=day).set_index("ending")
    assert found["terms"].to_dict() == months.groupby("month").size().to_dict()
    assert found["kept"].to_dict() == months.groupby("month")["kept"].sum().to_dict()
    assert found["followed"].to_dict() == months.groupby("month")["renewed"].sum().to_dict()
    assert found["over"].tolist() == [month + pd.offsets.MonthBegin() <= day for month in found.index]
    # The plans' true families tell no more than the plan that each record names as next.
    families = dict(zip(terms["membership_type"], truth.set_index("uri").loc[terms["uri"], "family"], strict=True))
    told = topic.retention(terms, today=day, families=families).set_index("ending")
    assert told["followed"].to_dict() == found["followed"].to_dict()
    worth = topic.fees(terms, on=day)
    for currency, own in running(truth, day).groupby("currency"):
        line = worth.set_index("currency").loc[currency]
        assert (line["terms"], line["paid"]) == (len(own), own["paid"].sum())
        assert line["amount"] == pytest.approx(own["amount"].sum())
        assert line["paid_amount"] == pytest.approx(own.loc[own["paid"], "amount"].sum())
    by_person = client.memberships(terms["member"].drop_duplicates().head(20).tolist())
    mine = terms[terms["member"].isin(by_person["member"])]
    pd.testing.assert_frame_equal(
        topic.retention(by_person, today=day).reset_index(drop=True), topic.retention(mine, today=day).reset_index(drop=True)
    )


def test_who_began_an_interaction_was_not_reached_by_it():
    interactions = pd.DataFrame(
        {
            "id": ["1", "2", "3", "4"],
            "interaction_type_id": ["2", "2", "2", "5"],
            "receiver_id": ["a", "b", None, "a"],
            "organization_id": ["7", "7", None, "8"],
        },
        dtype="string",
    )
    links = pd.DataFrame({"person_id": ["a", "a", "b", "c", "a"], "interaction_id": ["1", "2", "2", "3", "4"]}, dtype="string")
    _, members = from_missionhub._linked("interaction", {"interaction": interactions, "people__interactions": links}, "7")
    assert members[["segment_id", "person_id"]].to_numpy().tolist() == [["interaction 2", who] for who in "abc"]
    began = links.iloc[[1]]
    _, members = from_missionhub._linked("interaction", {"interaction": interactions, "people__interactions": began}, "7")
    assert members.empty


class SheepCRM:
    """Answers with these segments, given as uid: (type, in use, uid above, its people)."""

    def __init__(self, **segments):
        self._segments = segments

    def _answer(self, name, records):
        builder = Builder(crmkit.SheepCRM.rows()[name].columns)
        builder.add(records)
        return attach(builder.frame(), Receipt("sheepCRM", name, complete=True, newest="2024-06-14 22:30:00"))

    def segments_all(self, **asked):
        names = ("segment_type", "active", "parent_segment")
        told = [dict(zip(names, one, strict=False)) | {"uid": uid, "name": uid} for uid, one in self._segments.items()]
        return self._answer("segments_all", [{**one, "resource_type": "person"} for one in told])

    def segment_records(self, uid, **asked):
        return self._answer("segment_records", [{"uri": f"/b/person/{who}/"} for who in self._segments[uid][3]])

    def segment_count(self, uid, **asked):
        return self._answer("segment_count", [{"count": len(self._segments[uid][3])}])


def test_a_branch_hangs_on_though_a_segment_in_it_is_no_longer_in_use():
    """Below a retired segment it fell off the tree, and the top was rolled up without its people."""
    client = SheepCRM(
        top=("dynamic", True, None, "a"),
        old=("dynamic", False, "/b/segment/top/", "ab"),
        older=("static", False, "/b/segment/old/", ""),
        leaf=("static", True, "/b/segment/older/", "cd"),
        lost=("static", True, "/b/segment/nowhere/", "e"),
        one=("static", True, "/b/segment/other/", "f"),
        other=("static", False, "/b/segment/one/", "g"),
    )
    frames = topic.load(client)
    tree = topic.tree(frames).set_index("name")
    assert tree["path"].to_dict() == {"top": "top", "leaf": "top / leaf", "lost": "lost", "one": "one"}
    assert tree["members_below"].to_dict() == {"top": 3, "leaf": 2, "lost": 1, "one": 1}
    assert topic.sizes(topic.roll_up(frames), segments="top")["members"].tolist() == [3]
    assert topic.tree(topic.load(client, segments=["old", "leaf"]))["path"].tolist() == ["old", "old / leaf"]


def test_words_that_are_not_taken_are_named():
    with demonstration.start(people=0) as demo:
        with pytest.raises(ParameterError, match="segment"):
            topic.load(demo.peepl(), segment=[41])
        with pytest.raises(ParameterError, match="object_type"):
            topic.load(demo.peepl(), object_type="people")
        with pytest.raises(ParameterError, match="99999"):
            topic.load(demo.peepl(), groups=[99999])
        with pytest.raises(ParameterError, match="stage"):
            topic.load(demo.onepagecrm(), kinds=["stage"])
        with pytest.raises(ParameterError, match="Beeple"):
            topic.load(demo.beeple())
        with pytest.raises(ParameterError, match="nowhere"):
            topic.load(demo.sheepcrm(), segments=["nowhere"])


def test_an_empty_club_gives_empty_typed_frames():
    with demonstration.start(people=0) as demo:
        for client, more in (
            (demo.peepl(), {"segments": [41], "groups": True, "history": True, "activity": True}),
            (demo.onepagecrm(), {}),
            (demo.missionhub(), {"organization": "5101"}),
            (demo.sheepcrm(), {}),
        ):
            frames = topic.load(client, today=demo.today, **more)
            check(frames)
            assert topic.sizes(frames)["members"].sum() == 0
            assert topic.intersections(frames)["people"].sum() == len(frames["people"])


def test_the_day_is_that_of_the_newest_answer_unless_given():
    with demonstration.start(people=20) as demo:
        frames = topic.load(demo.onepagecrm())
        assert frames["people"].attrs["crmkit"]["today"] == crmkit.receipt(frames["people"]).newest[:10]
        given = topic.load(demo.onepagecrm(), today="2024-06-15")
        assert given["people"].attrs["crmkit"]["today"] == "2024-06-15"


@pytest.mark.parametrize("system", ["onepagecrm", "missionhub"])
def test_kinds_are_those_of_the_crm(demo, system):
    client = getattr(demo, system)()
    words = {} if system == "onepagecrm" else {"organization": demo.truth["follow_ups"]["organization_id"].iloc[0]}
    with pytest.raises(ParameterError, match=r"kinds is no 'segment'. Next: it is one of .*status"):
        topic.load(client, kinds=["status", "segment"], **words)
    usual, one = (topic.load(client, kinds=kinds, today=demo.today, **words)["segments"] for kinds in (None, "status"))
    assert set(one["kind"]) == {"status"} < set(usual["kind"])
