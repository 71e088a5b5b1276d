"""Canaries: frames of every row of every system, opened lists too, with texts in every field that must not come out of a bundle."""

import base64
import json
import zipfile
from urllib.parse import quote, quote_plus

import pandas as pd

import crmkit
from crmkit import share
from crmkit.frames import Builder
from crmkit.receipts import Receipt, attach

SYSTEMS = {"peepl": "Peepl", "beeple": "Beeple", "sheepcrm": "SheepCRM", "missionhub": "MissionHub", "onepagecrm": "OnePageCRM"}
NAME, MAIL, PHONE = "Zebedee Quuxington", "zebedee.quux@canary.example.org", "+32 471 99 88 77"
STREET, NOTE, ID = "Kanarielaan 7719", "cannot stand canaryseed", "ca9a7e57ca9a7e57ca9a7e57"
NUMBER, BORN = 987654321, "1907-03-09"
FIELD = "zzq_undeclared"
CANARIES = (
    NAME,
    "Zebedee",
    "Quuxington",
    MAIL,
    "zebedee.quux",
    PHONE,
    "471 99 88 77",
    STREET,
    NOTE,
    ID,
    str(NUMBER),
    BORN,
    FIELD,
)
TEXTS = (
    NAME,
    MAIL,
    PHONE,
    STREET,
    ID,
    f"/example/person/{ID}/",
    f"{NAME} <{MAIL}>",
    f"see /example/person/{ID}/",
    f"call {PHONE}",
)
LINES = len(TEXTS)


def whose(column, noun):
    """Whether a number or a day in this column says something of a person."""
    of = column.name.rpartition(".")[2]
    return column.sensitivity != "none" or (of == "id" and noun in ("contact", "user", "collaborator", "person"))


def value(column, noun, line):
    """A canary of the column's kind."""
    text = NOTE if column.sensitivity == "text" else TEXTS[line % len(TEXTS)]
    personal = whose(column, noun)
    kinds = {
        "flag": True,
        "duration": 5,
        "integer": NUMBER if personal else line,
        "number": NUMBER if personal else 1.5,
        "money": str(NUMBER) if personal else "1.50",
        "epoch": -1982102400 if personal else 1700000000,
        "day": BORN if personal else "2024-05-01",
        "day_dmy": "09-03-1907" if personal else "01-05-2024",
        "wall": f"{BORN} 10:00:00" if personal else "2024-05-01 10:00:00",
        "instant": f"{BORN}T10:00:00Z" if personal else "2024-05-01T10:00:00Z",
        "items": [text, {"name": NAME, "mails": [MAIL]}],
        "json": {"name": NAME, "more": [{"phone": PHONE}, MAIL, {"born": BORN, "number": NUMBER}]},
        "children": [record(column.children, column.record, line), record(column.children, column.record, line + 1)],
    }
    return kinds.get(column.kind, text)


def record(columns, noun, line):
    """A record as the CRM would send it: every declared field, and several that nobody declares."""
    made = {
        FIELD: NOTE,
        f"{FIELD}_id": NAME,
        "prepaid": MAIL,
        "event_id": NAME,
        f"{FIELD}_more": {"name": NAME, FIELD: [{"mail": MAIL, "born": BORN}, [PHONE, NUMBER]]},
    }
    for column in columns:
        if column.from_call or column.kind == "secret":
            continue
        place = made
        for step in column.path[:-1]:
            place = place.setdefault(step, {})
            if not isinstance(place, dict):
                break
        else:
            place[column.path[-1]] = value(column, noun, line)
    return made


def frames_of(crm, every=True):
    """name -> frame, for every row of a system and every list that its records hold; without every, those of people, one per set of columns."""
    found, opened = {}, set()
    for name, row in getattr(crmkit, SYSTEMS[crm]).rows().items():
        if not every and (row.columns in opened or not any(one.sensitivity == "direct" for one in row.columns)):
            continue
        opened.add(row.columns)
        labels = {one.from_call: NAME for one in row.columns if one.from_call}
        builder = Builder(row.columns, sensitive=True)
        builder.add([record(row.columns, row.record or name.rstrip("s"), line) for line in range(LINES)], labels)
        proof = Receipt(
            row.crm,
            name,
            params={"search": NAME, "email": MAIL, "ids": [ID]},
            account=MAIL,
            records=LINES,
            problems=(f"{NAME} is odd", f"see {MAIL}", f"no {ID}"),
            drift=(f"{NAME} moved",),
            unknown_fields=(FIELD,),
        )
        frame = attach(builder.frame(), proof, sensitive=True)
        found[f"f{len(found)}_{name}"[:60]] = frame
        if row.key:
            for child, columns in children(frame, row.columns):
                if columns not in opened:
                    opened.add(columns)
                    found[f"f{len(found)}_{name}"[:60]] = child
    return found


def children(frame, columns):
    """Every list in the records as its own frame, lists in lists too, with its columns."""
    for one in columns:
        if one.kind == "children" and one.name in frame and one.children:
            child = crmkit.child(frame, one.name)
            yield child, one.children
            if one.key in child:
                yield from children(child, one.children)


def spellings(text):
    """A text as bytes, in lower case, in all the ways it could stand in a file; base64 at all three alignments."""
    plain = {text, text.casefold(), text.upper(), quote(text, safe=""), quote_plus(text), json.dumps(text)[1:-1]}
    found = {one.encode(kind) for one in plain for kind in ("utf-8", "utf-16-le")}
    found |= {one.encode().hex().encode() for one in plain}
    for one in (text, text.casefold(), text.upper()):
        for shift in range(3):
            packed = base64.b64encode(b"x" * shift + one.encode()).decode()
            found.add(packed[(0, 2, 3)[shift] : -4].encode())
    return {one.lower() for one in found if len(one) > 5}


def everything(path):
    """All that a bundle's file says, in lower case: its bytes, those of its members, the Parquet decoded, names and all."""
    whole = [path.read_bytes()]
    with zipfile.ZipFile(path) as archive:
        whole += [archive.read(name) for name in archive.namelist()]
    found = share.open(path)
    for name, one in found.frames.items():
        for frame in one.values() if isinstance(one, dict) else [one]:
            whole.append(
                name.encode() + frame.to_json(orient="split", date_format="iso", default_handler=str, force_ascii=False).encode()
            )
            whole.append(str({**frame.attrs, "crmkit": {**frame.attrs.get("crmkit", {}), "mark": ""}}).encode())
    whole += [str(found.treatment.to_dict()).encode(), repr(found).encode()]
    return b"\n".join(whole).lower()


def traces(whole, texts=CANARIES):
    """Which texts stand there, and where."""
    found = []
    for text in texts:
        for form in spellings(text):
            if form in whole:
                at = whole.find(form)
                found.append((text, whole[max(0, at - 150) : at + 60]))
                break
    return found


def days(path):
    """Every day of every column of days and instants."""
    for one in share.open(path).frames.values():
        for frame in one.values() if isinstance(one, dict) else [one]:
            for name in frame:
                if pd.api.types.is_datetime64_any_dtype(frame[name]):
                    yield from (f"{day:%Y-%m-%d}" for day in frame[name].dropna().unique())
