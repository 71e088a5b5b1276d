"""MissionHub's parameters: the filter grammar of the contract sheet's section 3.1, and how a call's values go out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from crmkit.crms.missionhub_columns import BESIDE_ORGANIZATIONS, BESIDE_PEOPLE, ORGANIZATION, PERSON, SEARCHED, STATUSES
from crmkit.endpoint import Values
from crmkit.errors import ParameterError
from crmkit.jsonapi import Kind, singular
from crmkit.params import Param, check_order, listed, parts

IDS_PER_CALL = 100
SORTS = (
    "first_name",
    "last_name",
    "gender",
    "organizational_permissions.followup_status",
    "answer_sheets.completed_at",
    "-answer_sheets.completed_at",
    "answer_sheets.updated_at",
    "-answer_sheets.updated_at",
)
VALUELESS = ("no_response", "any_response")
DATED = ("date", "date_range")
OPTIONS = ("any", "all", "contains", "does_not_contain", *DATED, *VALUELESS)
INSTANT = Param("answers", "A time.", kind="instant")
CHANGED = Param("updated_at", "A time.", kind="instant")
ID = Param("ids", "A number.", kind="id")


def ids(name: str, meaning: str, wire: str = "") -> Param:
    """A filter that takes ids, joined by commas."""
    return Param(name, meaning, wire or f"filters[{name}]", kind="id", several="comma")


def words(name: str, meaning: str, choices: tuple[str, ...] = ()) -> Param:
    """A filter that takes words, joined by commas."""
    return Param(name, meaning, f"filters[{name}]", several="comma", choices=choices)


def yes(name: str, meaning: str, wire: str = "") -> Param:
    """A parameter that is true or false."""
    return Param(name, meaning, wire or f"filters[{name}]", kind="flag")


SCOPE = ids("organization_ids", "Organizations to look in; by default the client's organization_id.", "organization_ids")
INCLUDE = Param(
    "include",
    "Relationships whose resources crmkit.included(df) gives, dots for deeper ones: organizational_permissions, "
    "answer_sheets.answers.question. None by default.",
    several="comma",
    default=(),
)
FIELDS = Param(
    "fields",
    "Attributes and relationships to return, by type in the singular: {'person': ['first_name']}. Relationships that are included "
    "are added, or their links would be lost.",
    "fields[{}]",
    several="map",
    inner="comma",
)
PEOPLE_PARAMS = (
    SCOPE,
    ids(
        "filter_organization_ids",
        "The same scope in the form that the vendor's own clients send; which of the two wins is not documented, so only one is sent.",
        "filters[organization_ids]",
    ),
    ids("ids", f"Only these people; more than {IDS_PER_CALL} are asked in several requests."),
    ids("exclude_ids", "All but these people."),
    Param("name", "First and last name; an e-mail address if it holds an @.", "filters[name]"),
    ids("assigned_tos", "People who are assigned to these people, or to me; assigned or unassigned for any or nobody."),
    ids("assigned_contacts", "The reverse: people who have these people, or me, assigned to them."),
    ids("label_ids", "Have a label with one of these numbers; any of them, as far as the wording goes."),
    ids("group_ids", "Are members of one of these groups."),
    words("statuses", f"Follow-up status of a permission, in any organization unless scoped: {', '.join(STATUSES)}."),
    words(
        "permissions",
        "Have this permission (1 is admin, 3 owner, 4 user). Contacts are permission_id 2 of the included permissions.",
        ("1", "3", "4", "admin", "owner", "user"),
    ),
    words("genders", "Gender, in lower case.", ("male", "female", "other")),
    Param("faculty", "Faculty flag; both values for either.", "filters[faculty]", kind="flag", several="comma"),
    ids("interaction_type_ids", "Have at least one interaction of one of these types."),
    yes("include_archived", "Archived people too; they are left out by default."),
    Param(
        "updated_at",
        "Changed between these two times. Whether the ends count is not documented: overlap by a second.",
        "filters[updated_at][]",
        kind="instant",
        several="repeat",
        exactly=2,
    ),
    ids("survey_ids", "Have an answer sheet of these surveys.", "filters[answer_sheets][survey_ids]"),
    Param(
        "answers",
        "Answers to look for, by number of the question: {32: ['Yes', 'No'], 64: 'Joe'}. Case is ignored; every question has to "
        "match, one of its values unless answers_options says otherwise.",
        "filters[answer_sheets][answers][{}][]",
        several="map",
        inner="repeat",
    ),
    Param(
        "answers_options",
        "How a question's answers are compared, by its number: {8: 'contains'}. date takes dates, date_range two of them in any "
        "order, both included; no_response and any_response take no answers.",
        "filters[answer_sheets][answers_options][{}]",
        several="map",
        choices=OPTIONS,
    ),
    INCLUDE,
    FIELDS,
    Param(
        "sort",
        "Order; last_name, first_name by default. One key is documented, the vendor's client sends several.",
        several="comma",
        choices=SORTS,
    ),
)


def scoped(values: Values, client: Any, name: str = "organization_ids") -> Values:
    """The values with the client's own organization, where it has one and the call names none."""
    given = name in values or "filter_organization_ids" in values
    return values if given or client.organization_id is None else {name: client.organization_id, **values}


def no_empty_lists(values: Values) -> None:
    """An empty list would be sent as an empty filter, and nobody knows what that matches."""
    for name, value in values.items():
        if name not in ("include", "ids", "answers", "answers_options", "fields") and not listed(value):
            raise ParameterError(f"{name} is an empty list.", hint=f"leave {name} out to ask without this filter.")


def in_batches(values: Values) -> list[Values]:
    """The values once per batch of ids, so that no address gets too long; no ids are no requests."""
    if "ids" not in values:
        return [values]
    wanted = list(dict.fromkeys(parts(ID.text(one) for one in listed(values["ids"]))))
    return [{**values, "ids": wanted[start : start + IDS_PER_CALL]} for start in range(0, len(wanted), IDS_PER_CALL)]


def with_links(values: Values, main: Kind, kinds: tuple[Kind, ...]) -> Values:
    """fields with the relationships that include needs; type names are singular there."""
    fields = values.get("fields")
    if fields is None:
        return values
    if not isinstance(fields, Mapping):
        raise ParameterError("fields takes a dict by type, such as fields={'person': ['first_name']}.")
    known = {kind.name for kind in (main, *kinds)}
    for name in fields:
        if name not in known and singular(str(name)) in known:
            raise ParameterError(
                f"fields takes types in the singular, not {name!r}.", hint=f"did you mean {singular(str(name))!r}?"
            )
    chosen = {name: parts(str(one) for one in listed(value)) for name, value in fields.items()}
    paths = [path for path in parts(str(one) for one in listed(values.get("include", ()))) if path]
    missing = wanted_links(chosen, paths, main, kinds)
    return {**values, "fields": {name: [*names, *missing.get(name, ())] for name, names in chosen.items()}}


def wanted_links(fields: Mapping[str, Any], include: Iterable[str], main: Kind, kinds: Iterable[Kind]) -> dict[str, list[str]]:
    """The relationships that include asks for and that fields would cut off: type -> names to add.

    A relationship that is included but not named among the fields of its owner comes without its links.
    """
    known = {kind.name: kind for kind in (*kinds, main)}
    missing: dict[str, list[str]] = {}
    for path in include:
        owner: Kind | None = main
        for name in path.split("."):
            if owner is None:
                break
            if owner.name in fields and name not in (*fields[owner.name], *missing.get(owner.name, ())):
                missing.setdefault(owner.name, []).append(name)
            link = owner.by_name.get(name)
            owner = known.get(link.type) if link else None
    return missing


def with_answers(values: Values) -> Values:
    """answers and answers_options as the server takes them: dates sorted, and a dummy where an option takes no answers."""
    options = _by_question(values, "answers_options")
    answers = {question: listed(value) for question, value in _by_question(values, "answers").items()}
    for question, option in options.items():
        answers[question] = _answers(question, option, answers.get(question, []))
    for question, given in answers.items():
        if not given:
            raise ParameterError(
                f"question {question} has no answers to look for.", hint="no_response asks for people without one."
            )
    rest = {name: value for name, value in values.items() if name not in ("answers", "answers_options")}
    return {**rest, **({"answers": answers} if answers else {}), **({"answers_options": options} if options else {})}


def _by_question(values: Values, name: str) -> dict[str, Any]:
    given = values.get(name, {})
    if not isinstance(given, Mapping):
        raise ParameterError(f"{name} takes a dict by number of the question, such as {name}={{8: ...}}.")
    found = {str(question): value for question, value in given.items()}
    if not all(question.isascii() and question.isdigit() for question in found):
        raise ParameterError(f"{name} takes numbers of questions as its keys.", hint="survey_questions(survey) lists them.")
    return found


def _answers(question: str, option: Any, given: list[Any]) -> list[Any]:
    """The values of one question under its option."""
    if option in VALUELESS:
        if given:
            raise ParameterError(f"question {question}: {option} takes no answers.", hint="leave it out of answers.")
        return [option]
    if option == "date_range" and len(given) != 2:
        raise ParameterError(f"question {question}: date_range takes exactly 2 dates.")
    return sorted(INSTANT.text(one) for one in given) if option in DATED else given


def ask_people(values: Values, client: Any) -> list[Values]:
    """What is sent for people(): scoped once, filters in the vendor's form, long lists of ids in batches."""
    no_empty_lists(values)
    if "organization_ids" in values and "filter_organization_ids" in values:
        raise ParameterError("give organization_ids or filter_organization_ids, not both.")
    if "updated_at" in values:
        first, *others = listed(values["updated_at"])
        check_order(
            {"the start of updated_at": first, "its end": others[-1] if others else None}, "the start of updated_at", "its end"
        )
        if others and CHANGED.text(first) > CHANGED.text(others[-1]):  # here a bare day is its first moment
            raise ParameterError("the start of updated_at lies after its end.", hint="swap them, or name the time of the end.")
    if "genders" in values:
        values = {**values, "genders": [str(one).lower() for one in listed(values["genders"])]}
    return in_batches(with_links(with_answers(scoped(values, client)), PERSON, BESIDE_PEOPLE))


def ask_organizations(values: Values, client: Any) -> list[Values]:
    """What is sent for organizations()."""
    no_empty_lists(values)
    return in_batches(with_links(values, ORGANIZATION, BESIDE_ORGANIZATIONS))


def ask_search(values: Values, client: Any) -> list[Values]:
    """What is sent for search(): scoped as people() is."""
    no_empty_lists(values)
    return [with_links(scoped(values, client), SEARCHED, ())]


def ask_stats(values: Values, client: Any) -> list[Values]:
    """Counts are of one organization: the call's, or the client's own."""
    values = scoped(values, client, "organization_id")
    if "organization_id" not in values:
        raise ParameterError("an organization_id is needed: whose people to count.", hint="organizations() lists them.")
    return [values]
