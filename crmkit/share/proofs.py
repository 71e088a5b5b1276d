"""Receipts as they go into a bundle: all that vouches for a frame, nothing that names a person or the account."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from crmkit.receipts import ATTRS, from_dict
from crmkit.share.pseudonyms import Pseudonyms
from crmkit.share.references import ID, THING, of_name
from crmkit.share.titles import Known
from crmkit.topics.replay import LOADED

WITHHELD = "(withheld)"
FACTS = ("today", "zone", "time_zone")
LONG_ID = 6
HARMLESS = re.compile(r"[A-Za-z_]{1,40}|\d{4}-\d{2}-\d{2}([T ][0-9:.+Z]*)?|-?\d{1,4}")

# What somebody is looked up by: a part of a name, a town, the day of a birth.
SOUGHT = re.compile(
    r"q|search|query|letter|url|title|tags?|city|town|country|answers|not_linked_with"
    r"|.*(name|mail|phone|birth|born|postal|postcode|zip|street|address|number|value|assigned|_filter).*"
)


def cleaned(attrs: Mapping[Any, Any], labels: Pseudonyms, known: Known, ids: Iterable[str]) -> dict[str, Any]:
    """The facts of a frame, its receipt among them, without people; an empty dict where there is none."""
    plain = attrs.get(ATTRS)
    if not plain:
        return {}
    proof = from_dict(plain).to_dict()
    long = [one for one in ids if len(one) >= LONG_ID]

    def lines(several: Iterable[str]) -> list[str]:
        return [
            line if not known.named_in(line) and not any(one in line for one in long) else "(a line that names somebody)"
            for line in several
        ]

    unknown = len(proof["unknown_fields"])
    said = lines(proof["problems"]) + ([f"{unknown:,} undeclared fields are not in the bundle"] if unknown else [])
    safe = {
        "params": {str(name): _value(str(name), value, known) for name, value in proof["params"].items()},
        "account": labels.label("Account", proof["crm"], proof["account"]),
        "drift": lines(proof["drift"]),
        "problems": said,
        "unknown_fields": [],
    }
    facts = {name: str(plain[name]) for name in FACTS if plain.get(name)}
    return {**proof, **safe, **facts, **_loaded(plain, known), **({"child": list(plain["child"])} if plain.get("child") else {})}


def _loaded(plain: Mapping[str, Any], known: Known) -> dict[str, Any]:
    told = plain.get(LOADED)
    if not told:
        return {}
    arguments = {name: WITHHELD if known.named_in(value) else value for name, value in told["arguments"].items()}
    return {LOADED: {**told, "arguments": arguments}}


def _value(name: str, value: Any, known: Known) -> Any:
    """A parameter as it was, if it is a flag, a day, a word or a small number that leads to nobody, or the id of a thing; else that it was
    given.
    """
    if isinstance(value, list | tuple):
        several = [_value(name, one, known) for one in value]
        return WITHHELD if WITHHELD in several else several
    if isinstance(value, bool) or value is None:
        return value
    last = re.split(r"[\[\].]+", name.rstrip("]"))[-1]
    found = ID.fullmatch(last)
    plain = of_name(last, "") == THING if found else not SOUGHT.fullmatch(last)
    return str(value) if plain and HARMLESS.fullmatch(str(value)) and not known.named_in(str(value)) else WITHHELD
