"""MissionHub's resource types: attributes and relationships after the MissionHub contract sheet, sections 4.2 and 4.3.

Faith, survey answers and free text are marked as text, so that they are left out wherever frames are shared.
"""

from __future__ import annotations

from crmkit.columns import children, day, flag, ident, instant, integer, text
from crmkit.jsonapi import Kind, Link


def many(name: str, kind: str, meaning: str) -> Link:
    """A relationship to any number of others."""
    return Link(name, kind, meaning, many=True)


def owned(kind: str = "organization", name: str = "") -> Link:
    """A relationship to one, named after its type."""
    return Link(name or kind, kind, f"Number of the {(name or kind).replace('_', ' ')}, from the relationship.")


ORGANIZATION_ID = ident("organization_id", "Number of the organization, from the attribute.")
PERSON_ID = ident("person_id", "Number of the person, from the attribute.")
USER_ID = ident("user_id", "Number of the user, from the attribute.")
CREATED_AT = instant("created_at", "When it was made.")
UPDATED_AT = instant("updated_at", "When it was last changed.")
GENDER = text(
    "gender", "Gender; capitalised here, in lower case as a filter.", sensitivity="quasi", values=("Male", "Female", "")
)
NAMES = (
    text("first_name", "First name.", sensitivity="direct"),
    text("last_name", "Last name.", sensitivity="direct"),
)

PERSON = Kind(
    "person",
    (
        *NAMES,
        text("full_name", "Full name.", sensitivity="direct"),
        GENDER,
        text("campus", "Campus.", sensitivity="quasi"),
        text("major", "Main subject of study.", sensitivity="quasi"),
        text("minor", "Second subject of study.", sensitivity="quasi"),
        text("year_in_school", "Year of study, such as Senior.", sensitivity="quasi"),
        text(
            "student_status",
            "Kind of student.",
            sensitivity="quasi",
            values=("not_student", "middle_school", "high_school", "collegiate", "masters_or_doctorate"),
        ),
        day("birth_date", "Birth date.", sensitivity="quasi"),
        day("date_became_christian", "Day of becoming a Christian: sensitive.", sensitivity="text"),
        day("graduation_date", "Day of graduation.", sensitivity="quasi"),
        text("picture", "Address of the picture; empty for none.", sensitivity="direct"),
        USER_ID,
        ident("fb_uid", "Number at Facebook, as text.", sensitivity="direct"),
        integer("organizational_permission", "Meaning unknown; the permissions have a table of their own."),
        flag("faculty", "Whether the person is faculty."),
        CREATED_AT,
        instant("updated_at", "When the person was last changed; a changed label, status or answer may not show."),
    ),
    (
        many("email_addresses", "email_address", "Numbers of the e-mail addresses."),
        many("phone_numbers", "phone_number", "Numbers of the phone numbers."),
        many("addresses", "address", "Numbers of the addresses."),
        many("organizational_permissions", "organizational_permission", "Numbers of the permissions, one per organization."),
        many("organizational_labels", "organizational_label", "Numbers of the labels' assignments, not of the labels."),
        many("group_memberships", "group_membership", "Numbers of the memberships, not of the groups."),
        many("interactions", "interaction", "Numbers of the interactions with the person."),
        many("answer_sheets", "answer_sheet", "Numbers of the answer sheets."),
        many("contact_assignments", "contact_assignment", "Assignments of others to this person: whom the person looks after."),
        many("reverse_contact_assignments", "contact_assignment", "Assignments of this person: who looks after the person."),
        many("person_notes", "person_note", "Numbers of the notes on the person."),
        Link("user", "user", "Number of the user, from the relationship."),
    ),
)
EMAIL_ADDRESS = Kind(
    "email_address",
    (
        text("email", "The e-mail address.", sensitivity="direct"),
        PERSON_ID,
        flag("primary", "Whether it is the main one."),
        CREATED_AT,
        UPDATED_AT,
    ),
)
PHONE_NUMBER = Kind(
    "phone_number",
    (
        text("number", "The phone number, as typed.", sensitivity="direct"),
        flag("primary", "Whether it is the main one."),
        flag("validated", "Whether it was validated."),
    ),
)
ADDRESS = Kind(
    "address",
    (
        *(text(f"address{line}", f"Line {line} of the address.", sensitivity="direct") for line in (1, 2, 3, 4)),
        text("city", "Town.", sensitivity="quasi"),
        text("state", "State.", sensitivity="quasi"),
        text("zip", "Postal code, as text.", sensitivity="quasi"),
        text("country", "Country.", sensitivity="quasi"),
    ),
)
STATUSES = ("uncontacted", "attempted_contact", "contacted", "do_not_email", "do_not_contact", "completed", "in_progress")
ORGANIZATIONAL_PERMISSION = Kind(
    "organizational_permission",
    (
        text("followup_status", "Follow-up status in the organization; missing is a group of its own.", values=STATUSES),
        ident("permission_id", "1 admin, 2 contact, 3 owner, 4 user; as text.", values=("1", "2", "3", "4")),
        ORGANIZATION_ID,
        PERSON_ID,
        instant("archive_date", "When the person was archived there; missing while active."),
        text(
            "cru_status",
            "Status in the movement.",
            values=("none", "volunteer", "affiliate", "intern", "part_time_staff", "full_time_staff"),
        ),
    ),
    (owned(),),
)
ORGANIZATIONAL_LABEL = Kind(
    "organizational_label",
    (ORGANIZATION_ID, PERSON_ID, ident("label_id", "Number of the label, from the attribute.")),
    (owned("label"),),
)
LABEL = Kind("label", (text("name", "Name of the label."),), (owned(),))
GROUP_MEMBERSHIP = Kind(
    "group_membership", (text("role", "Role in the group.", values=("member",)),), (owned("group"), owned("person"))
)
GROUP = Kind("group", (text("name", "Name of the group."),))
INTERACTION = Kind(
    "interaction",
    (
        text("comment", "What was written about it.", sensitivity="text"),
        ident(
            "interaction_type_id",
            "1 comment, 2 spiritual conversation, 3 gospel presentation, 4 prayed to receive Christ, 5 Holy Spirit presentation, "
            "6 graduating on mission (no longer offered), 9 discipleship, 11 something cool happened; as text. Sensitive.",
            sensitivity="text",
            values=("1", "2", "3", "4", "5", "6", "9", "11"),
        ),
        instant("timestamp", "When it took place."),
    ),
    (
        owned("person", "receiver"),
        many("initiators", "person", "Numbers of the people who began it."),
        owned(),
    ),
)
ANSWER_SHEET = Kind(
    "answer_sheet",
    (instant("completed_at", "When it was completed; missing if it was not."), UPDATED_AT),
    (owned("survey"), many("answers", "answer", "Numbers of its answers.")),
)
ANSWER = Kind(
    "answer",
    (
        text("value", "The answer; an empty one is no response.", sensitivity="text"),
        ident("question_id", "Number of the question, from the attribute."),
    ),
    (owned("question"),),
)
QUESTION = Kind(
    "question",
    (
        text("label", "The question."),
        text("column_title", "Its short title."),
        flag("predefined", "Whether it comes with MissionHub."),
    ),
    (many("question_rules", "question_rule", "Numbers of its rules."),),
)
SURVEY = Kind("survey", (text("title", "Title of the survey."), ORGANIZATION_ID), (owned(), owned("keyword")))
CONTACT_ASSIGNMENT = Kind(
    "contact_assignment",
    (
        ident("assigned_to_id", "Number of the person who looks after the other, from the attribute."),
        ident("person_id", "Number of the person who is looked after, from the attribute."),
        ORGANIZATION_ID,
        CREATED_AT,
    ),
    (owned("person", "assigned_to"), owned("person"), owned()),
)
ORGANIZATION = Kind(
    "organization",
    (text("name", "Name of the organization."),),
    (
        many("labels", "label", "Numbers of its labels."),
        many("groups", "group", "Numbers of its groups."),
        many("surveys", "survey", "Numbers of its surveys."),
        many("people", "person", "Numbers of its people."),
    ),
)
PERSON_NOTE = Kind("person_note", (text("content", "The note.", sensitivity="text"), USER_ID), (owned("person"), owned("user")))
USER = Kind("user")

BESIDE_PEOPLE = (
    EMAIL_ADDRESS,
    PHONE_NUMBER,
    ADDRESS,
    ORGANIZATIONAL_PERMISSION,
    ORGANIZATIONAL_LABEL,
    LABEL,
    GROUP_MEMBERSHIP,
    GROUP,
    INTERACTION,
    ANSWER_SHEET,
    ANSWER,
    QUESTION,
    SURVEY,
    CONTACT_ASSIGNMENT,
    ORGANIZATION,
    PERSON_NOTE,
    USER,
    PERSON,
)
BESIDE_ORGANIZATIONS = (LABEL, GROUP, SURVEY, PERSON)

SEARCHED = Kind(
    "person",
    (
        *NAMES,
        GENDER,
        text("primary_email_address", "Main e-mail address.", sensitivity="direct"),
        *(one for one in PERSON.attributes if one.name not in ("first_name", "last_name", "gender")),
    ),
)

COUNT = integer("count", "How many people.", unit="people")
NAME = text("name", "Its name.")
STATS = (
    children("labels", "People by label.", (ident("label_id", "Number of the label."), NAME, COUNT), record="label"),
    children(
        "assigned_tos",
        "People by whom they are assigned to.",
        (
            ident("person_id", "Number of the person who looks after them."),
            text("name", "Full name of that person.", sensitivity="direct"),
            COUNT,
        ),
        record="assigned_to",
    ),
    children("groups", "People by group.", (ident("group_id", "Number of the group."), NAME, COUNT), record="group"),
    children(
        "statuses",
        "People by follow-up status.",
        (text("followup_status", "Follow-up status.", values=STATUSES), COUNT),
        record="status",
    ),
    children(
        "permissions",
        "People by permission.",
        (ident("permission_id", "1 admin, 2 contact, 3 owner, 4 user; as text."), NAME, COUNT),
        record="permission",
    ),
    children("genders", "People by gender.", (text("gender", "Gender."), COUNT), record="gender"),
)
QUESTIONS = children(
    "questions",
    "Answers by question of the survey.",
    (ident("question_id", "Number of the question."), text("label", "The question."), COUNT),
    record="question",
)
PEOPLE_STATS = Kind("filter_stats", STATS)
SURVEY_STATS = Kind("filter_stats", (*STATS, QUESTIONS))
