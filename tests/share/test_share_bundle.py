"""A bundle gives the numbers of the account and none of its people."""

import ast
import json
import zipfile

import numpy as np
import pandas as pd
import pytest

import crmkit
from crmkit import share
from crmkit.errors import ConfigError, NotCached, ParameterError, ShapeError
from crmkit.receipts import ATTRS
from crmkit.share.references import is_id
from crmkit.share.titles import Known
from crmkit.share.treating import RARE
from crmkit.topics.segments.followup import HIDDEN
from tests.share.conftest import KEY, ORGANIZATION, PERIOD, copied


def same(one, other):
    pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(other), check_exact=True)


# Each set of segments: the CRM, how it was loaded, and whether its groups have a past.
SEGMENTS = {
    "peepl": ("peepl", {"groups": True, "history": True}),
    "onepage": ("onepagecrm", {}),
    "sheep": ("sheepcrm", {"memberships": "Alle lidmaatschappen"}),
    "missions": ("missionhub", {"organization": ORGANIZATION}),
}


@pytest.mark.parametrize("name", SEGMENTS)
def test_segments_are_those_of_the_account(name, frames, made):
    seg, (crm, asked) = crmkit.segments, SEGMENTS[name]
    old, new = frames[f"segments_{name}"], seg.load(getattr(made, crm)(), **asked)
    for table in (seg.sizes, seg.overlap, seg.pairs, seg.intersections, seg.tree):
        same(table(old), table(new))
    assert seg.sizes(old)["members"].sum() > 0
    assert len(seg.in_none(old)) == len(seg.in_none(new))
    if len(old["history"]):
        same(seg.over_time(old, every="year"), seg.over_time(new, every="year"))


def test_memberships_and_follow_up_are_those_of_the_account(frames, made):
    seg, (sheep, missions) = crmkit.segments, (frames[f"segments_{name}"] for name in ("sheep", "missions"))
    terms = seg.load(made.sheepcrm(), **SEGMENTS["sheep"][1])
    for table in (seg.active, seg.retention, seg.fees):
        same(table(sheep), table(terms))
    assert len(sheep["terms"]) == len(terms["terms"]) > 10
    assert len(seg.lapsed(sheep)) == len(seg.lapsed(terms)) > 0
    assert not set(sheep["terms"]["person_id"]) & set(terms["terms"]["person_id"])
    bundled = seg.load(made.missionhub(), **SEGMENTS["missions"][1])
    assert HIDDEN == RARE in bundled["people"]["status"].tolist()
    same(seg.contacted(missions, kinds="label"), seg.contacted(bundled, kinds="label"))
    bundled["members"] = bundled["members"].head(0)
    with pytest.raises(ParameterError, match="hides the statuses"):
        seg.contacted(bundled)


@pytest.mark.parametrize(("name", "crm", "start"), [("attendance", "peepl", "2023-09-01"), ("attendance_sheep", "sheepcrm", "2024-03-01")])
def test_attendance_is_that_of_the_account(name, crm, start, frames, made):
    att = crmkit.attendance
    old, new = frames[name], att.load(getattr(made, crm)(), start=start)
    for table in (att.rates, att.by_event, att.by_kind, att.by_weekday, att.by_hour, att.by_weekday_and_hour, att.over_time, att.capacity, att.cancelled):
        same(table(old["events"], old["answers"]), table(new["events"], new["answers"]))
    same(att.sold(old["events"], old["tickets"]), att.sold(new["events"], new["tickets"]))
    if len(old["stock"]):
        same(att.stock_use(old["events"], old["stock"]), att.stock_use(new["events"], new["stock"]))
    people = [att.by_person(one["events"], one["answers"]).select_dtypes(["Int64", "float64"]) for one in (old, new)]
    same(*(one.sort_values([*one]).reset_index(drop=True) for one in people))
    assert len(old["answers"]) > 100


def test_deals_are_those_of_the_account(frames, made):
    pip = crmkit.pipelines
    old, new = frames["pipelines"], pip.load(made)
    for table in (pip.funnel, pip.delivery):
        same(table(old["deals"], old["stages"]), table(new["deals"], new["stages"]))
    for table in (pip.win_rate, pip.forecast, pip.deal_size, pip.cycle_length, pip.velocity, pip.reasons):
        same(table(old["deals"]), table(new["deals"]))
    for by in ("source", "pipeline"):
        same(pip.breakdown(old["deals"], by=by), pip.breakdown(new["deals"], by=by))
    owners = [pip.breakdown(one["deals"]).drop(columns=["owner_id", "owner"]) for one in (old, new)]
    same(*(one.sort_values([*one]).reset_index(drop=True) for one in owners))


def test_coverage_is_that_of_the_account(frames, made):
    cov = crmkit.coverage
    old, new = frames["coverage"], cov.load(made, collaborators=[], **PERIOD)
    for table in (cov.by_shift, cov.by_team, cov.by_group, cov.by_window, cov.gaps, cov.summary, cov.steps, cov.peaks, cov.presence, cov.week_pattern):
        same(table(old), table(new))


def listed(frames):
    """(CRM, frame, column) -> how often each text stands there, lists one by one."""
    found = {}
    for name, one in frames.items():
        for inner, frame in one.items() if isinstance(one, dict) else [("", one)]:
            for column in frame if frame.attrs.get(ATTRS) else ():
                values = frame[column].dropna().explode().dropna()
                found[frame.attrs[ATTRS]["crm"], f"{name}.{inner}", str(column)] = values[[isinstance(one, str) for one in values]].value_counts()
    return found


def test_ids_meet_in_the_bundle_where_they_met_in_the_account(frames, made):
    """Also between columns called otherwise, in lists, and URIs of people in columns that are of no person by name."""
    before, after = listed(frames), listed(made.frames)
    columns = [one for one, texts in before.items() if one in after and len(texts) and all(is_id(text) for text in texts.index)]

    def joined(known, one, other):
        return sum(count * known[other].get(text, 0) for text, count in known[one].items())

    pairs = [(one, other) for one in columns for other in columns if one < other and one[0] == other[0]]
    found = {pair: (joined(before, *pair), joined(after, *pair)) for pair in pairs}
    assert sum(was > 0 for was, _ in found.values()) > 60
    assert {pair: counts for pair, counts in found.items() if counts[0] != counts[1]} == {}


def test_lists_of_people_hold_pseudonyms(frames, made):
    """The URIs of whom a membership also covers: the same people as elsewhere, and no URI."""
    covered = made.frames["memberships"]["linked_members"].explode().dropna()
    assert len(covered) == len(frames["memberships"]["linked_members"].explode().dropna()) > 0
    assert covered.str.startswith("Person-").all()
    assert set(covered) & set(made.frames["persons"]["person_uri"])


def test_a_banded_profile_says_so_in_its_categories_and_receipts(frames, made):
    loaded = crmkit.segments.load(made.peepl(), groups=True, history=True)
    told = crmkit.segments.profile(loaded, loaded["members"]["segment_id"].iloc[0], attributes="birth_date")["value"]
    assert len(told) > 0
    assert told.str.match(r"born \d{4}–\d{4}$|\(other\)").all()
    proof = crmkit.receipt(made.frames["segments_peepl"]["people"])
    assert any("birth_date" in line and "ten-year bands" in line for line in proof.problems)


def test_receipts_vouch_and_name_no_account(frames, made):
    before, after = (crmkit.receipt(one["contacts"]) for one in (frames, made.frames))
    assert (after.complete, after.pages, after.newest) == (before.complete, before.pages, before.newest)
    assert after.account.startswith("Account-")
    assert before.account not in str(after.to_dict())


def test_joins_keep_their_lines(frames, made):
    for one in (frames, made.frames):
        people, contacts = one["segments_peepl"]["people"], one["contacts"].astype({"id": "string"})
        assert len(people.merge(contacts, left_on="person_id", right_on="id")) == len(frames["contacts"])
        deals = one["deals"].merge(one["pipelines"]["contacts"], left_on="contact_id", right_on="contact_id")
        assert len(deals) == len(frames["deals"].merge(frames["pipelines"]["contacts"], on="contact_id"))
        assert len(deals) > 0


def test_one_person_has_one_pseudonym_in_all_systems(said, tmp_path):
    frames = {name: copied(said[name]) for name in ("segments_peepl", "coverage")}
    truth = said["truth"]
    names = {"peepl": "Peepl", "onepagecrm": "OnePageCRM", "beeple": "Beeple", "missionhub": "MissionHub", "sheepcrm": "sheepCRM"}
    people = pd.DataFrame(
        {
            "person": truth["person_id"],
            "system": truth["crm"].str.lower().replace(names),
            "id": truth["record_id"].astype("string"),
        }
    ).drop_duplicates(["system", "id"])
    joined = share.bundle(frames, tmp_path / "joined.crmkit.zip", key=KEY, people=people).frames
    apart = share.bundle(frames, tmp_path / "apart.crmkit.zip", key=KEY).frames
    peepl, beeple = (
        set(frames["segments_peepl"]["people"]["person_id"]),
        set(frames["coverage"]["collaborators"]["collaborator_id"]),
    )
    both = people[people["system"] == "Peepl"].merge(people[people["system"] == "Beeple"], on="person")
    shared = both.loc[both["id_x"].isin(peepl) & both["id_y"].isin(beeple), "person"].nunique()
    for found, expected in ((joined, shared), (apart, 0)):
        volunteers = set(found["coverage"]["collaborators"]["collaborator_id"])
        assert len(volunteers & set(found["segments_peepl"]["people"]["person_id"])) == expected
    assert shared > 3


def test_the_same_input_and_key_give_the_same_bytes(few, tmp_path, made):
    first = share.bundle(few, tmp_path / "first.crmkit.zip", key=KEY)
    again = share.bundle(few, tmp_path / "again.crmkit.zip", key=KEY)
    other = share.bundle(few, tmp_path / "other.crmkit.zip", key=share.new_key())
    assert again.path.read_bytes() == first.path.read_bytes()
    assert again.digest == first.digest
    for name in ("contacts", "deals"):
        assert not set(other.frames[name]["id"]) & set(made.frames[name]["id"])
    assert KEY not in made.path.read_bytes()
    assert KEY.hex().encode() not in made.path.read_bytes()


def test_lines_are_not_in_the_order_of_the_account(made):
    for frame, column in ((made.frames["contacts"], "id"), (made.frames["coverage"]["collaborators"], "collaborator_id")):
        assert frame[column].is_monotonic_increasing


def test_titles_that_name_somebody_get_a_label_everywhere(frames, tmp_path):
    segments = frames["segments_peepl"]
    chosen = segments["members"]["segment_id"].iloc[0]
    at = segments["segments"].index[segments["segments"]["segment_id"] == chosen][0]
    who = f"{frames['contacts']['first_name'].iloc[0]} {frames['contacts']['last_name'].iloc[0]}"
    segments["segments"].loc[at, "name"] = f"Friends of {who.upper()}!"
    frames["attendance"]["events"].loc[0, "name"] = "Call 0471 12 34 56"
    frames["attendance"]["events"].loc[1, "name"] = "Concert of 01-06-2024"
    few = {name: frames[name] for name in ("segments_peepl", "attendance", "contacts")}
    found = share.bundle(few, tmp_path / "x.crmkit.zip", key=KEY, conceal=[["Quux"]]).frames
    told = found["segments_peepl"]
    assert told["segments"]["name"][at].startswith("Title-")
    assert told["segments"]["segment_id"][at].startswith("group Segment-")
    before, after = (crmkit.segments.sizes(one)["members"].tolist() for one in (segments, told))
    assert before == after
    assert found["attendance"]["events"]["name"][0].startswith("Title-")
    assert found["attendance"]["events"]["name"][1] == "Concert of 01-06-2024"


def test_known_phrases_are_whole_words_of_any_case():
    known = Known()
    known.add(["An Peeters", "Roos", None, "Jo"])
    hits = known.hits(
        pd.Series(["bbq AN  peeters", "Rooster", "roos-dag", "Jo", None, "a@b.org", "+32 471 12 34 56", "2024-06-01"])
    )
    assert hits.tolist() == [True, False, True, False, False, True, True, False]


@pytest.mark.parametrize("title", ["Team Zoë Müller", "Team Zoe\u0308 Mu\u0308ller", "Afscheid Zoe", "M\u200büller-dag", "Farewell Li Wu!", "LI-WU cup"])
def test_names_in_titles_are_found_however_they_are_written(title, frames, tmp_path):
    """Decomposed letters, as some systems write them, accents left out, signs nobody sees; and names of two letters each, together."""
    contacts, segments = frames["contacts"], frames["segments_peepl"]
    contacts.loc[[0, 1], ["first_name", "last_name"]] = [["Li", "Wu"], ["Zoë", "Müller"]]
    segments["segments"].loc[0, "name"] = title
    segments["segments"].loc[1, "name"] = "Li, and others"
    found = share.bundle({"segments": segments, "contacts": contacts}, tmp_path / "x.crmkit.zip", key=KEY).frames["segments"]["segments"]
    assert found["name"][0].startswith("Title-")
    assert found["name"][1] == "Li, and others"


def test_below_k_nothing_is_written(frames, tmp_path):
    path = tmp_path / "x.crmkit.zip"
    with pytest.raises(ShapeError, match=r"k is 1 .* 3 were asked for. Nothing was written"):
        share.bundle({"contacts": frames["contacts"]}, path, key=KEY, k=3)
    assert list(tmp_path.glob("*.zip*")) == []
    columns = ["birth_date", "birth_place", "age", "title", "preferred_language", "gender", "last_modified", "created_on"]
    found = share.bundle({"contacts": frames["contacts"]}, path, key=KEY, k=3, leave_out=columns)
    assert not set(columns) & set(found.frames["contacts"])


@pytest.mark.parametrize("wrong", ["birth_dat", "birth_dates", "contact.birth_date", "contacts.birth_dat"])
def test_a_column_to_leave_out_that_is_not_there_is_said(frames, tmp_path, wrong):
    """A slip of the pen would give away what was meant to stay at home."""
    with pytest.raises(ParameterError, match=f"no column {wrong!r}.*did you mean .*birth_date"):
        share.bundle({"contacts": frames["contacts"]}, tmp_path / "x.crmkit.zip", key=KEY, leave_out=["birth_date", wrong])
    assert list(tmp_path.glob("*.zip*")) == []


def test_one_column_to_leave_out_need_not_be_a_list(frames, tmp_path):
    for number, one in enumerate(("birth_date", "contacts.birth_date", (name for name in ["birth_date"]))):
        found = share.bundle({"contacts": frames["contacts"]}, tmp_path / f"{number}.crmkit.zip", key=KEY, leave_out=one)
        assert "birth_date" not in found.frames["contacts"]


def test_sensitivities_of_a_frame_that_is_not_there_are_said(frames, tmp_path):
    for given in ({"contact": {"birth_date": "text"}}, {"contacts": {"birth_date": "text"}, "groups": {}}):
        with pytest.raises(ParameterError, match=f"sensitivity= tells of {'contact' if len(given) == 1 else 'groups'!r}"):
            share.bundle({"contacts": frames["contacts"]}, tmp_path / "x.crmkit.zip", key=KEY, sensitivity=given)


def test_what_to_type_for_a_frame_that_nothing_declares_gives_nobody_away(tmp_path):
    """What goes with people is no frame of a fetcher: its hint must not lead to mails in a bundle."""
    frame = crmkit.included(crmkit.demo.missionhub().people(include=["email_addresses"]))["email_address"]
    with pytest.raises(ShapeError) as caught:
        share.bundle({"mails": frame}, tmp_path / "x.crmkit.zip", key=KEY)
    hint = str(caught.value).partition("sensitivity=")[2].partition(";")[0]
    told = ast.literal_eval(hint)
    assert set(told["mails"].values()) == {"direct", "quasi", "text", "none"}
    found = share.bundle({"mails": frame}, tmp_path / "x.crmkit.zip", key=KEY, sensitivity=told).frames["mails"]
    assert found["email"].str.fullmatch(r"[A-Z]\w+-[0-9A-Z]+").all()
    assert list(found) == ["id", "email"]


def test_k_counts_people_who_look_the_same(tmp_path):
    people = pd.DataFrame({"person": [*"aabbbcc"], "gender": [*"ffmmmmm"]}).astype("string")
    told = {"people": {"person": "direct", "gender": "quasi"}}
    found = share.bundle({"people": people}, tmp_path / "x.crmkit.zip", key=KEY, sensitivity=told, k=2)
    assert found.anonymity[["people", "classes", "k"]].values.tolist() == [[7, 2, 2]]
    assert "k is 2: 2 of 7 people in people share their looks with fewer than 5" in repr(found)
    plain = share.bundle({"people": people[["person"]]}, tmp_path / "y.crmkit.zip", key=KEY, sensitivity=told)
    assert "k is" not in repr(plain)


def test_without_k_the_bundle_says_who_stands_out(made):
    assert "k is 1: " in repr(made)


@pytest.mark.parametrize("key", [b"", b"short", b"a" * 40, "text of some length that is no bytes", None])
def test_weak_keys_are_refused(frames, tmp_path, key):
    with pytest.raises(ParameterError, match="16 random bytes"):
        share.bundle(frames, tmp_path / "x.crmkit.zip", key=key)


def test_frames_that_nothing_declares_are_refused(tmp_path):
    with pytest.raises(ShapeError, match="nothing tells how sensitive"):
        share.bundle({"mine": pd.DataFrame({"name": ["An"]})}, tmp_path / "x.crmkit.zip", key=KEY)
    with pytest.raises(ParameterError, match="small letters"):
        share.bundle({"../x": pd.DataFrame()}, tmp_path / "x.crmkit.zip", key=KEY)
    with pytest.raises(ParameterError, match="ends with"):
        share.bundle({"x": pd.DataFrame()}, tmp_path / "x.zip", key=KEY)


def test_two_accounts_of_one_crm_are_refused(frames, tmp_path):
    other = frames["contacts"].copy()
    other.attrs[ATTRS] = {**other.attrs[ATTRS], "account": "another"}
    with pytest.raises(ParameterError, match="several accounts of Peepl"):
        share.bundle({"one": frames["contacts"], "two": other}, tmp_path / "x.crmkit.zip", key=KEY)


def test_a_file_is_replaced_only_when_asked(frames, made):
    with pytest.raises(ConfigError, match="exists already"):
        share.bundle(frames, made.path, key=KEY)


def test_the_same_code_runs_on_demo_and_bundle(frames, tmp_path):
    def report(world):
        loaded = crmkit.segments.load(world.peepl(), groups=True)
        return crmkit.segments.sizes(loaded), len(world.peepl().contacts())

    with crmkit.demo.start(seed=3, people=15) as demo:
        asked = {"segments": crmkit.segments.load(demo.peepl(), groups=True), "contacts": demo.peepl().contacts()}
        path = share.bundle(asked, tmp_path / "x.crmkit.zip", key=KEY).path
        first, second = report(demo), report(share.open(path))
    same(first[0], second[0])
    assert first[1] == second[1]


def test_a_bundle_says_what_it_cannot_give(made):
    with pytest.raises(ParameterError, match=r"say which: bundle.peepl"):
        crmkit.segments.load(made, groups=True)
    with pytest.raises(ParameterError, match=r"holds attendance.load\(source, start=2023-09-01\), not"):
        crmkit.attendance.load(made.peepl(), start="2022-09-01")
    with pytest.raises(NotCached, match="no attendance of OnePageCRM"):
        crmkit.attendance.load(made.onepagecrm())
    with pytest.raises(NotCached, match="no organisations of Peepl"):
        made.peepl().organisations()
    with pytest.raises(NotCached, match="other parameters"):
        made.peepl().contacts(limit=3)
    assert "contacts" in dir(made.peepl())


def rewritten(path, change):
    """The members of a bundle, changed, in a zip again."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def edited(members):
    name = next(name for name in members if name.endswith("contacts.parquet"))
    members[name] = members[name][:-20] + bytes([members[name][-20] ^ 1]) + members[name][-19:]


def wrong_count(members):
    told = json.loads(members["manifest.json"])
    told["frames"]["contacts"]["lines"] += 1
    members["manifest.json"] = json.dumps(told).encode()


def gone(members):
    told = json.loads(members["manifest.json"])
    del told["frames"]["contacts"]["columns"]
    members["manifest.json"] = json.dumps(told).encode()


TAMPERED = {
    "edited": (edited, "was changed after"),
    "added": (lambda members: members.update({"frames/more.parquet": b"x"}), "not those of its manifest"),
    "slip": (lambda members: members.update({"../../evil.py": b"x"}), "a member that no bundle has"),
    "absolute": (lambda members: members.update({"/etc/x.parquet": b"x"}), "a member that no bundle has"),
    "code": (lambda members: members.update({"frames/x.py": b"x"}), "a member that no bundle has"),
    "removed": (lambda members: members.pop("receipts.json"), "not those of its manifest"),
    "manifest": (lambda members: members.update({"manifest.json": b"{"}), "no manifest"),
    "lines": (wrong_count, "another number of lines"),
    "columns": (gone, "not as its manifest says"),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_tampered_bundles_are_refused(frames, tmp_path, how):
    path = share.bundle({"contacts": frames["contacts"]}, tmp_path / "x.crmkit.zip", key=KEY).path
    change, reason = TAMPERED[how]
    rewritten(path, change)
    with pytest.raises(ShapeError, match=reason):
        share.open(path)


def test_bombs_swaps_and_other_files_are_refused(frames, tmp_path):
    found = share.bundle({"contacts": frames["contacts"]}, tmp_path / "x.crmkit.zip", key=KEY)
    assert share.open(found.path, digest=found.digest).digest == found.digest
    with pytest.raises(ShapeError, match="another bundle"):
        share.open(found.path, digest="0" * 64)
    with zipfile.ZipFile(tmp_path / "bomb.crmkit.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", b"0" * 10_000_000)
    (tmp_path / "text.crmkit.zip").write_text("no zip")
    (tmp_path / "cut.crmkit.zip").write_bytes(found.path.read_bytes()[:-100])
    for name in ("bomb", "text", "cut"):
        with pytest.raises(ShapeError, match="no bundle, or was tampered with"):
            share.open(tmp_path / f"{name}.crmkit.zip")


def test_only_plain_formats_are_inside(made):
    with zipfile.ZipFile(made.path) as archive:
        names = archive.namelist()
        assert {name.rpartition(".")[2] for name in names} == {"parquet", "json"}
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"pandas" not in b"".join(archive.read(name) for name in names if name.endswith("parquet"))
        assert np.isin(["manifest.json", "definitions.json", "receipts.json", "anonymity.json"], names).all()


def test_a_panel_explores_a_bundle_and_its_code_says_so(made):
    panel = crmkit.pipelines.explore(made)
    assert f"crmkit.share.open({str(made.path)!r})" in panel.code
    assert len(panel.frame) > 0


@pytest.mark.parametrize("wrong", [pd.DataFrame({"name": ["Quux"]}), {"name": ["Quux"]}, [pd.DataFrame({"name": ["Quux"]})], [{"Quux": 1}], [473]])
def test_a_table_to_conceal_is_refused(wrong, few, tmp_path):
    """Of a table only the headings were looked for, and the names went out."""
    with pytest.raises(ParameterError, match="conceal takes texts"):
        share.bundle(few, tmp_path / "x.crmkit.zip", key=KEY, conceal=wrong)


@pytest.mark.parametrize("k", ["3", 2.5, True, 0, -1])
def test_k_is_a_number_of_people(k, few, tmp_path):
    with pytest.raises(ParameterError, match="k takes a whole number"):
        share.bundle(few, tmp_path / "x.crmkit.zip", key=KEY, k=k)


def test_another_person_of_a_line_can_be_left_out(frames, tmp_path):
    """Only whom a line is about stays: owners stayed too, without a word."""
    frames = {"pipelines": frames["pipelines"], "deals": frames["deals"]}
    found = share.bundle(frames, tmp_path / "x.crmkit.zip", key=KEY, leave_out=["owner_id", "contact_id"]).frames
    assert "owner_id" not in found["pipelines"]["deals"]
    assert "owner_id" not in found["deals"]
    assert found["pipelines"]["deals"]["contact_id"].str.startswith("Person-").any()


@pytest.mark.parametrize("spoil", [lambda people: people.assign(system="members"), lambda people: people.assign(id=people["id"] + ".0")])
def test_people_who_meet_nobody_are_said(spoil, frames, tmp_path):
    """With other names of systems nobody was joined, in silence."""
    ids = frames["contacts"]["id"].astype("string")
    people = pd.DataFrame({"person": ids, "system": "peepl", "id": ids})
    share.bundle({"contacts": frames["contacts"]}, tmp_path / "x.crmkit.zip", key=KEY, people=people)
    with pytest.raises(ParameterError, match=r"nobody in people is in these frames. Next: system takes the name of the CRM, here Peepl"):
        share.bundle({"contacts": frames["contacts"]}, tmp_path / "y.crmkit.zip", key=KEY, people=spoil(people))


def test_a_frame_that_was_put_together_is_not_vouched_for(frames, tmp_path):
    """receipt() refuses it; in the bundle the same lines twice were complete, and the gate let them pass."""
    twice = pd.concat([frames["contacts"], frames["contacts"]])
    told = {"twice": {"id": "direct", "gender": "quasi"}}
    found = share.bundle({"twice": twice}, tmp_path / "x.crmkit.zip", key=KEY, sensitivity=told).frames["twice"]
    with pytest.raises(ShapeError, match="no receipt"):
        crmkit.receipt(found)
    answers = frames["attendance"]["answers"]
    with pytest.raises(ShapeError, match="not what its receipt was given for"):
        share.bundle({"a": {**frames["attendance"], "answers": pd.concat([answers, answers])}}, tmp_path / "y.crmkit.zip", key=KEY)
