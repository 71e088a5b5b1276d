"""Ids and URIs: what they are ids of. One id has one label in every column of a system, whatever the columns are called."""

from __future__ import annotations

import re
from dataclasses import dataclass

# What an id column, or the second part of a URI, is called: these are people (or what a contact may be) and get their pseudonym.
_PEOPLE = (
    "admin_contact approved_by assigned_to assignee author billing_contact buyer buyer_ref client collaborator contact created_by"
    " customer guest guest_ref initiator last_modified_by leader linked_contact locked_by manager member owner people"
    " person person_ref receiver related_contact responsible_planning uploaded_by user volunteer"
)
PEOPLE = frozenset(_PEOPLE.split())
# These are things that a report may name. Any other id may lead to a person and gets a reference.
_THINGS = (
    "activity availability_type booking category combination day_part default_function department event function group label"
    " lead_source membership_type parent_segment payment_plan permission pipeline product product_group project question reason_lost"
    " sales_pipeline segment series status subproject survey team ticket_type user_group"
)
THINGS = frozenset(_THINGS.split())
# In a URI member is a membership, and organisations stand where people may.
IN_URIS = PEOPLE - {"member"} | {"organisation"}
ID = re.compile(r"(.*?)[._]?(?:ids?|uid|uri|euid|ref)")
URI = re.compile(r"/[\w.-]+/([a-z]\w*)/([\w.-]+)/?")
CODE = re.compile(r"[0-9a-f]{24}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
INSIDE = re.compile(rf"(?<![\w/])(?:{URI.pattern}|\b(?:{CODE.pattern})\b)", re.IGNORECASE)
LONG = 12  # a shorter id is a number that a person and a thing may have both
PERSON, THING, REFERENCE = "person", "thing", "ref"


@dataclass(frozen=True)
class Ids:
    """The long ids of one system that are known to be those of people, and of things."""

    people: frozenset[str] = frozenset()
    things: frozenset[str] = frozenset()

    def kind(self, text: str, usual: str) -> str:
        """person, thing or ref: as other columns know it, as the URI says, or as is usual in its column."""
        if text in self.people:
            return PERSON
        if found := URI.fullmatch(text):
            return of_word(found[1])
        return THING if text in self.things else usual


def of_word(word: str) -> str:
    """What the word in a URI stands for."""
    return PERSON if word in IN_URIS else THING if word in THINGS else REFERENCE


def of_name(name: str, noun: str) -> str:
    """What the ids of a column are ids of. noun: what a record of its table is, for columns such as id."""
    found = ID.fullmatch(name)
    of = (found[1] if found else name).rpartition(".")[2] or noun
    if of in PEOPLE or name in PEOPLE:
        return PERSON
    return THING if {of, of.removesuffix("s")} & THINGS else REFERENCE


def is_id(text: str) -> bool:
    """Whether a text is nothing but an id that is like no word: a URI of a record, or a long code."""
    return bool(URI.fullmatch(text) or CODE.fullmatch(text))


def holds_id(text: str) -> bool:
    """Whether such an id stands in a text."""
    return INSIDE.search(text) is not None
