"""Hand-made people for the matcher: frames with plain columns, and questions on what became of them."""

import pandas as pd

from crmkit.clean.matching import match
from crmkit.clean.matching.fields import FIELDS

COLUMNS = {name: name for name in FIELDS}
HOME = {"street": "Kerkstraat 12", "postal_code": "3000", "city": "Leuven"}


def person(number, first="", last="", birth=None, mail=None, phone=None, **more):
    return {"id": number, "first_name": first, "last_name": last, "birth_date": birth, "mail": mail, "phone": phone, **more}


def matched(*systems, **options):
    """What match() makes of lists of people, each list a system of its own: a, b, c."""
    names = "abcdefgh"[: len(systems)]
    frames = {
        name: pd.DataFrame(people, columns=list(COLUMNS), dtype=object) for name, people in zip(names, systems, strict=True)
    }
    return match(frames, fields=dict.fromkeys(names, COLUMNS), **options)


def groups(result):
    """The people with several records, as sets of 'system id'."""
    records = result.clusters.assign(record=result.clusters["system"] + " " + result.clusters["id"])
    found = records.groupby("person")["record"].agg(frozenset)
    return {one for one in found if len(one) > 1}


def asked(result):
    """The pairs for review, as sets of 'system id'."""
    table = result.pairs[result.pairs["decision"] == "review"]
    return {
        frozenset((f"{a} {b}", f"{c} {d}"))
        for a, b, c, d in zip(*(table[n] for n in ("system_a", "id_a", "system_b", "id_b")), strict=True)
    }


def joins(one, other, **options):
    """Whether two people, in two systems, become one."""
    return bool(groups(matched([one], [other], **options)))
