"""What must not come out of a bundle does not: canaries in every field of every system, the demo's own people, and guesses without the key."""

import hashlib
import hmac
import json

import pandas as pd
import pytest

from crmkit import share
from crmkit.receipts import ATTRS
from crmkit.share.pseudonyms import ALPHABET, LETTERS, Pseudonyms
from tests.share.conftest import KEY
from tests.share.every_field import (
    BORN,
    CANARIES,
    ID,
    MAIL,
    NAME,
    NOTE,
    PHONE,
    SYSTEMS,
    TEXTS,
    days,
    everything,
    frames_of,
    spellings,
    traces,
)

# What the vendors call things in two words or less; a canary stands in none of them but for a whole name, an address or an id.
TOPICS = ("segments_peepl", "segments_onepage", "segments_sheep", "segments_missions", "attendance", "attendance_sheep", "pipelines", "coverage")


def searched(frames, path, **more):
    found = share.bundle(frames, path, key=KEY, **more)
    whole = everything(found.path)
    assert traces(whole) == []
    assert BORN not in set(days(found.path))
    return whole


@pytest.mark.parametrize("crm", SYSTEMS)
def test_canaries_in_every_field_of_every_record_leave_no_trace(crm, tmp_path, request):
    """Declared fields, undeclared ones, objects and lists in them; receipts too. With --full every row, else those of people."""
    frames = frames_of(crm, every=request.config.getoption("--full"))
    assert sum(len(frame) >= len(TEXTS) for frame in frames.values()) > 0.8 * len(frames)
    whole = searched(frames, tmp_path / "x.crmkit.zip")
    assert len(whole) > 50_000


def test_the_search_finds_what_is_there():
    for text in CANARIES:
        for form in spellings(text):
            assert traces(b"before " + form + b" after", [text])


def each(frames):
    """Every frame, those of topics one by one."""
    for one in frames.values():
        yield from one.values() if isinstance(one, dict) else [one]


def planted(frame):
    """A frame of a topic with canaries in every text, list and undeclared field; ids and days too."""
    made = frame.copy()
    for name in made:
        if isinstance(made[name].dtype, pd.StringDtype):
            made[name] = pd.array([TEXTS[line % len(TEXTS)] for line in range(len(made))], dtype="string")
        elif made[name].dtype == object:
            made[name] = [[{"value": NAME, "mail": MAIL}, NAME, PHONE, ID] for _ in range(len(made))]
    if "birth_date" in made:
        made["birth_date"] = pd.Series([BORN] * len(made), dtype="datetime64[us]")
    made["zzq_undeclared"], made["zzq_undeclared_id"] = f"{NAME} {NOTE}", ID
    told = {"account": MAIL, "params": {"search": NAME, "email": MAIL}, "problems": [f"{NAME} is odd", f"see {MAIL}", ID]}
    made.attrs = {ATTRS: {**frame.attrs[ATTRS], **told, "unknown_fields": [f"about {NAME}"]}} if frame.attrs.get(ATTRS) else {}
    return made


@pytest.mark.parametrize("name", TOPICS)
def test_canaries_in_every_field_of_every_topic_leave_no_trace(name, frames, tmp_path):
    given = {inner: planted(frame) for inner, frame in frames[name].items()}
    if name.startswith("segments"):
        given["segments"]["source_id"] = given["segments"]["segment_id"]
    searched({"topic": given}, tmp_path / "x.crmkit.zip", conceal=[TEXTS[:4], [NAME.split()[0], NAME.split()[1], NOTE]])


def test_real_people_leave_no_trace(frames, made):
    """Names, mails, phones, streets, days of birth and long ids of the demo, of all five systems."""
    whole = everything(made.path)
    contacts, clients, missions, persons = (frames[name] for name in ("contacts", "clients", "missions", "persons"))
    texts = set()
    for people in (contacts, clients, missions, persons):
        texts |= {f"{one} {other}" for one, other in zip(people["first_name"], people["last_name"], strict=True) if pd.notna(one)}
    texts |= {*contacts["email"].dropna(), *clients["phone"].dropna(), *frames["phones"]["value"].dropna(), *frames["addresses"]["street1"].dropna()}
    texts |= {*frames["coverage"]["collaborators"]["name"].dropna(), *frames["pipelines"]["owners"]["owner"], *frames["tickets"]["buyer_display"].dropna()}
    texts |= {*frames["pipelines"]["owners"]["owner_id"], *clients["id"], *frames["deals"]["id"], *persons["person_uri"], *frames["memberships"]["uid"], *frames["memberships"]["display_value"]}
    texts |= {uri.rstrip("/").rpartition("/")[2] for uri in persons["person_uri"]}
    texts = {one.casefold() for one in texts if len(one) > 6}
    assert len(texts) > 250
    assert [one for one in texts if one.encode() in whole] == []
    born = {str(day)[:10] for day in [*contacts["birth_date"].dropna(), *missions["birth_date"].dropna(), *persons["date_of_birth"].dropna()]}
    told = pd.concat([frame[name].astype("string") for frame in each(made.frames) for name in frame if "birth" in name])
    assert len(born) > 30
    assert not born & set(told.str[:10])


WEAK = (b"", b"key", b"crmkit", bytes(32), b"zebedee quuxington")


def codes(guess, kinds=("Person", "Name"), system="peepl"):
    """What a guess would look like as a label, were it hashed plainly or under a key that somebody may try; the first 50 bits."""
    for plain in (hashlib.sha256, hashlib.sha1, hashlib.md5):
        yield int.from_bytes(plain(guess.encode()).digest()[:7]) >> 6
    for data in (json.dumps([kind, system, guess]).encode() for kind in kinds):
        yield int.from_bytes(hashlib.sha256(data).digest()[:7]) >> 6
        for key in WEAK:
            yield int.from_bytes(hmac.digest(key, data, "sha256")[:7]) >> 6


def bits(label):
    """The number that a label's letters write."""
    found = 0
    for letter in label.partition("-")[2]:
        found = found << 5 | ALPHABET.index(letter)
    return found


def labels_of(given):
    for frame in given.values() if isinstance(given, dict) else [given]:
        for name in frame:
            for text in frame[name].dropna().explode().dropna().unique():
                if isinstance(text, str) and text.partition("-")[0] in ("Person", "Ref", "Name", "Company", "Title", "Deal", "Segment"):
                    yield text


def test_no_guess_without_the_key_meets_a_label(frames, made, tmp_path, request):
    """Every number of a block of mobile numbers (with --full the ten million of a prefix), and every member's name, mail and id."""
    phones = pd.DataFrame({"phone": pd.array([f"+3247{at:07d}" for at in (7, 54321, 7654321)], dtype="string")})
    bundled = share.bundle({"phones": phones}, tmp_path / "x.crmkit.zip", key=KEY, sensitivity={"phones": {"phone": "direct"}})
    labels = {bits(one) for given in (*made.frames.values(), bundled.frames["phones"]) for one in labels_of(given)}
    contacts = frames["contacts"]
    names = [str(one) for name in ("id", "email", "first_name", "last_name", "uname", "birth_date") for one in contacts[name].dropna()]
    names += [f"{one} {other}" for one, other in zip(contacts["first_name"], contacts["last_name"], strict=True)]
    block = 10_000_000 if request.config.getoption("--full") else 100_000
    assert not any(one in labels for guess in names for one in codes(guess))
    assert not any(one in labels for number in range(block) for one in codes(f"+3247{number:07d}", ("Name",), ""))
    # With the key the same guesses hit, so the search looks in the right place.
    known = Pseudonyms(KEY)
    assert bits(known.person("Peepl", str(contacts["id"].iloc[0]))) in labels
    assert [number for number in range(60_000) if bits(known.label("Name", "", f"+3247{number:07d}")) in labels] == [7, 54321]
    assert LETTERS * 5 == 50
