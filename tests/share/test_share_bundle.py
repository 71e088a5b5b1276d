"""A bundle gives the numbers of the account and none of its people."""

import base64
import hashlib
import hmac
import json
import urllib.parse
import zipfile

import numpy as np
import pandas as pd
import pytest

import crmkit
from crmkit import share
from crmkit.errors import ConfigError, NotCached, ParameterError, ShapeError
from crmkit.receipts import ATTRS
from crmkit.share.pseudonyms import ALPHABET, Pseudonyms
from crmkit.share.titles import Known
from tests.share.conftest import KEY


def same(one, other):
    pd.testing.assert_frame_equal(pd.DataFrame(one), pd.DataFrame(other), check_exact=True)


def test_measures_are_those_of_the_account(frames, made):
    seg, att, pip, cov = crmkit.segments, crmkit.attendance, crmkit.pipelines, crmkit.coverage
    for source, name, asked in ((made.peepl(), "peepl", {"groups": True, "history": True}), (made.onepagecrm(), "onepage", {})):
        old, new = frames[f"segments_{name}"], seg.load(source, **asked)
        for table in (seg.sizes, seg.overlap, seg.pairs, seg.intersections):
            same(table(old), table(new))
        assert len(seg.in_none(old)) == len(seg.in_none(new))
    old, new = frames["segments_peepl"], seg.load(made.peepl(), groups=True, history=True)
    same(seg.over_time(old, every="year"), seg.over_time(new, every="year"))
    old, new = frames["attendance"], att.load(made, start="2023-09-01")
    for table in (att.rates, att.by_event, att.by_weekday_and_hour, att.over_time):
        same(table(old["events"], old["answers"]), table(new["events"], new["answers"]))
    old, new = frames["pipelines"], pip.load(made)
    same(pip.funnel(old["deals"], old["stages"]), pip.funnel(new["deals"], new["stages"]))
    for table in (pip.win_rate, pip.forecast, pip.deal_size, pip.cycle_length, pip.velocity):
        same(table(old["deals"]), table(new["deals"]))
    old, new = frames["coverage"], cov.load(made, collaborators=[], start="2024-01-01", end="2024-03-31")
    for table in (cov.by_shift, cov.by_team, cov.gaps, cov.summary):
        same(table(old), table(new))


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


def test_one_person_has_one_pseudonym_in_all_systems(frames, said, tmp_path):
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


def test_the_same_input_and_key_give_the_same_bytes(frames, tmp_path, made):
    again = share.bundle(frames, tmp_path / "again.crmkit.zip", key=KEY)
    other = share.bundle(frames, tmp_path / "other.crmkit.zip", key=share.new_key())
    assert again.path.read_bytes() == made.path.read_bytes()
    assert again.digest == made.digest
    for name in ("contacts", "deals"):
        assert not set(other.frames[name]["id"]) & set(made.frames[name]["id"])
    assert KEY not in made.path.read_bytes()
    assert KEY.hex().encode() not in made.path.read_bytes()


CANARY = "Zebedee Quuxington"
MAIL = "zebedee.quux@canary.example.org"
PHONE = "+32 471 99 88 77"


def planted(frame, keep=()):
    """The frame with a canary, numbered by line, in every text, and in a column that nobody declared; ids too."""
    made = frame.copy()
    for name in made:
        if name not in keep and isinstance(made[name].dtype, pd.StringDtype):
            made[name] = pd.array([f"{CANARY} {name}{line} {MAIL} {PHONE}" for line in range(len(made))], dtype="string")
        elif name not in keep and made[name].dtype == object:
            made[name] = [[{"value": f"{CANARY} {MAIL}"}, CANARY] for _ in range(len(made))]
    made["zzq_undeclared"] = f"{CANARY} custom"
    proof = frame.attrs.get(ATTRS)
    made.attrs = {ATTRS: {**proof, "account": MAIL}} if proof else {}
    return made


def encodings(text):
    """A text as bytes in all the ways it could stand in a file; base64 in all three alignments."""
    plain = {text, text.casefold(), text.upper(), urllib.parse.quote(text), urllib.parse.quote_plus(text), json.dumps(text)[1:-1]}
    found = {one.encode(kind) for one in plain for kind in ("utf-8", "utf-16-le")}
    found |= {one.encode().hex().encode() for one in plain}
    for one in plain:
        for shift in range(3):
            packed = base64.b64encode(b"x" * shift + one.encode()).decode()
            found.add(packed[(0, 2, 3)[shift] : -4].encode())
    return found


def everything(path):
    """The bytes of the file and of its members, and all values of its frames as text."""
    whole = [path.read_bytes()]
    with zipfile.ZipFile(path) as archive:
        whole += [archive.read(name) for name in archive.namelist()]
    for name, one in share.open(path).frames.items():
        for frame in one.values() if isinstance(one, dict) else [one]:
            whole.append(
                (name + frame.to_json(orient="values", date_format="iso", default_handler=str, force_ascii=False)).encode()
            )
    whole.append(str(share.open(path).treatment.to_dict()).encode())
    return b"\n".join(whole)


def test_canaries_in_every_field_leave_no_trace(frames, tmp_path):
    """Names, mails, phones in every text, list and undeclared column; words that are the vendor's or the topic's own aside."""
    words = (
        "object_type",
        "kind",
        "status",
        "state",
        "crm",
        "what",
        "status_source",
        "zone",
        "currency",
        "currency_symbol",
        "time_zone",
    )
    ids = (
        "event_id",
        "team_id",
        "project_id",
        "subproject_id",
        "function_id",
        "pipeline_id",
        "sales_pipeline_id",
        "type_id",
        "oddities",
    )
    things = (*ids, "group_id", "source_id", "reason_id", "product_id", "series_id", "listed", "embedded")
    for name, given in frames.items():
        if isinstance(given, dict):
            frames[name] = {inner: planted(one, (*words, *things)) for inner, one in given.items()}
            if name.startswith("segments"):
                frames[name]["segments"]["source_id"] = frames[name]["segments"]["segment_id"]
        else:
            frames[name] = planted(given, ("owner_id", "pipeline_id", "sales_pipeline_id", "reason_lost_id", "status"))
            frames[name].attrs[ATTRS] = {
                **given.attrs[ATTRS],
                "account": MAIL,
                "params": {"search": CANARY, "email": MAIL},
                "problems": [f"{CANARY} is odd", f"see {MAIL}"],
                "unknown_fields": [f"about {CANARY}"],
            }
    whole = everything(share.bundle(frames, tmp_path / "x.crmkit.zip", key=KEY, conceal=[CANARY]).path)
    for text in ("Zebedee", "Quuxington", CANARY, "zebedee.quux", MAIL, PHONE, "471 99 88 77", "zzq_undeclared"):
        found = [one for one in encodings(text) if len(one) > 5 and one in whole]
        assert not found, (text, whole[max(0, whole.find(found[0]) - 300) : whole.find(found[0]) + 40])


def test_real_names_mails_phones_and_ids_leave_no_trace(frames, made):
    whole = everything(made.path).lower()
    contacts = frames["contacts"]
    names = {f"{one} {other}" for one, other in zip(contacts["first_name"], contacts["last_name"], strict=True) if pd.notna(one)}
    texts = names | set(contacts["email"].dropna()) | set(frames["pipelines"]["owners"]["owner"]) | set(frames["deals"]["id"])
    texts |= set(frames["pipelines"]["deals"]["contact_id"]) | set(frames["coverage"]["collaborators"]["name"].dropna())
    texts = {one.casefold() for one in texts if len(one) > 5}
    assert len(texts) > 100
    assert [one for one in texts if one.encode() in whole] == []


def test_no_guess_without_the_key_meets_a_label(frames, made):
    """All phone numbers of a block, all members' names and ids: neither plain hashes nor short keys give a label or any other value."""
    labels = {text.partition("-")[2] for one in made.frames.values() for text in label_texts(one)}
    contacts = frames["contacts"]
    guesses = [f"+3247{number:05d}" for number in range(5000)] + [f"0471 {number:04d}" for number in range(1000)]
    guesses += [str(one) for name in ("id", "email", "first_name", "last_name", "uname") for one in contacts[name].dropna()]
    plain = ["sha256", "md5", "sha1"]
    for guess in guesses:
        found = [hashlib.new(kind, guess.encode()).digest() for kind in plain]
        found += [hmac.digest(key, json.dumps(["Person", "peepl", guess]).encode(), "sha256") for key in (b"", b"key", bytes(32))]
        for one in found:
            number = int.from_bytes(one[:32].ljust(32, b"\0"))
            assert "".join(ALPHABET[number >> (251 - 5 * place) & 31] for place in range(10)) not in labels
            assert one.hex()[:10].upper() not in labels
    # With the key the same guess is a hit, so the search above looks in the right place.
    assert Pseudonyms(KEY).person("Peepl", str(contacts["id"].iloc[0])).partition("-")[2] in labels


def label_texts(given):
    for frame in given.values() if isinstance(given, dict) else [given]:
        for name in frame:
            if isinstance(frame[name].dtype, pd.StringDtype):
                yield from (
                    one for one in frame[name].dropna().unique() if one.startswith(("Person-", "Ref-", "Name-", "Company-"))
                )


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
    found = share.bundle(frames, tmp_path / "x.crmkit.zip", key=KEY, conceal=[["Quux"]]).frames
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


def test_below_k_nothing_is_written(frames, tmp_path):
    path = tmp_path / "x.crmkit.zip"
    with pytest.raises(ShapeError, match=r"k is 1 .* 3 were asked for. Nothing was written"):
        share.bundle({"contacts": frames["contacts"]}, path, key=KEY, k=3)
    assert list(tmp_path.glob("*.zip*")) == []
    columns = ["birth_date", "birth_place", "age", "title", "preferred_language", "gender", "last_modified", "created_on"]
    found = share.bundle({"contacts": frames["contacts"]}, path, key=KEY, k=3, leave_out=columns)
    assert not set(columns) & set(found.frames["contacts"])


def test_k_counts_people_who_look_the_same(tmp_path):
    people = pd.DataFrame({"person": [*"aabbbcc"], "gender": [*"ffmmmmm"]}).astype("string")
    told = {"people": {"person": "direct", "gender": "quasi"}}
    found = share.bundle({"people": people}, tmp_path / "x.crmkit.zip", key=KEY, sensitivity=told, k=2)
    assert found.anonymity[["people", "classes", "k"]].values.tolist() == [[7, 2, 2]]


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
        crmkit.attendance.load(made, start="2022-09-01")
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
