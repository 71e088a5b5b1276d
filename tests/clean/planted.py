"""What the demo planted against what profile and normalise find: a table of planted, found and false, kind by kind."""

import pandas as pd

from crmkit import clean
from crmkit.demo.club import Club
from crmkit.demo.records import CRMS

TODAY = "2024-06-15"
FIELDS = ["first_name", "last_name", "birth_date", "birth_place", "email", "phone", "street", "postal_code", "city"]
SHOWN_BY = {
    "mojibake": {"mojibake"},
    "double_space": {"spaces"},
    "stray_space": {"spaces"},
    "mail_typo": {"mail_typo"},
    "mail_shape": {"mail_shape", "mail_notation", "spaces"},
    "birth_future": {"impossible"},
    "birth_ancient": {"impossible"},
    "names_joined": {"names_joined"},
    "wrong_town": {"wrong_town"},
    "blank": {"blank"},
    "upper_case": {"upper_case"},
    "lower_case": {"lower_case"},
    "phone_format": {"phone_notation", "phone_impossible"},
    "test_record": {"test_record"},
}


def cards(club, crm):
    """What a CRM holds of people, as a frame of texts."""
    records = club.records(crm)
    frame = pd.DataFrame([record.card for record in records], columns=FIELDS, dtype="string")
    return frame.assign(record_id=[record.record_id for record in records])


def of_crm(club, crm, **options):
    """Planted faults, findings and flags of one CRM: three sets of (record, field) by kind, and the records that are tests."""
    frame = cards(club, crm)
    found = clean.profile(frame, key="record_id", today=TODAY, **options).findings
    days = clean.normalise(frame, ["birth_date"])
    flags = {(record, "birth_date") for record in days.loc[days["birth_date.ambiguous"].fillna(False), "record_id"]}
    planted = {}
    for fault in club.faults(crm):
        planted.setdefault(fault.fault, set()).add((fault.record_id, fault.field))
    shown = {kind: set(zip(part["record"], part["column"], strict=True)) for kind, part in found.groupby("kind")}
    tests = {record.record_id for record in club.records(crm) if record.kind == "test"}
    empty = {(record.record_id, field) for record in club.records(crm) for field in FIELDS if not record.card[field]}
    return planted, shown, flags, tests, empty


def table(seeds, people=500, towns=None):
    """A line per kind of fault and CRM: planted, found, false alarms. towns: a list of them; by default what the five systems agree on."""
    lines = []
    for seed in seeds:
        club = Club(seed, people)
        pooled = clean.towns([cards(club, crm) for crm in CRMS])
        for crm in CRMS:
            planted, shown, flags, tests, empty = of_crm(club, crm, towns=pooled if towns is None else towns)
            anything = set().union(*planted.values())
            for fault, kinds in SHOWN_BY.items():
                alarms = set().union(*(shown.get(kind, set()) for kind in kinds))
                false = {one for one in alarms - anything if one[0] not in tests and one not in empty}
                lines.append((fault, crm, len(planted.get(fault, ())), len(planted.get(fault, set()) & alarms), len(false)))
            swapped = planted.get("birth_swapped", set())
            lines.append(("birth_swapped", crm, len(swapped), len(swapped & flags), len(flags - anything)))
    return pd.DataFrame(lines, columns=["fault", "crm", "planted", "found", "false"])
