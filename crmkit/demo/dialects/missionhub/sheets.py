"""The filter on survey answers: a person matches when one of their sheets meets all of its conditions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from crmkit.demo.dialects.missionhub.query import ANSWERS, OPTIONS, Invalid, Lists, day, numbers
from crmkit.demo.dialects.missionhub.register import Member
from crmkit.demo.surveying import Sheet

SURVEYS = "filters[answer_sheets][survey_ids]"
_NO_RESPONSE, _ANY_RESPONSE = "no_response", "any_response"
Test = Callable[[list[str], list[str]], bool]  # answers to the question, values sent


def _equals(given: list[str], values: list[str]) -> bool:
    return any(value in given for value in values)


def _equals_all(given: list[str], values: list[str]) -> bool:
    return all(value in given for value in values)


def _contains(given: list[str], values: list[str]) -> bool:
    return any(value in each for each in given for value in values)


def _does_not_contain(given: list[str], values: list[str]) -> bool:
    """There is an answer, and none of them contains one of the values: who did not answer does not match."""
    return bool(given) and not _contains(given, values)


def _on_day(given: list[str], values: list[str]) -> bool:
    days = {day(value.upper()) for value in values}
    return any(found in days for found in _days(given))


def _in_range(given: list[str], values: list[str]) -> bool:
    """Days from the earlier to the later value, both included, whatever the time of day."""
    first, last = sorted(found for value in values if (found := day(value.upper())))
    return any(first <= found <= last for found in _days(given))


def _days(given: list[str]) -> list[date]:
    return [found for each in given if (found := day(each.upper()))]


_TESTS: Mapping[str, Test] = {
    "any": _equals,
    "all": _equals_all,
    "contains": _contains,
    "does_not_contain": _does_not_contain,
    "date": _on_day,
    "date_range": _in_range,
    _NO_RESPONSE: lambda given, values: not any(given),
    _ANY_RESPONSE: lambda given, values: any(given),
}


@dataclass(frozen=True)
class Condition:
    """What is asked of the answers to one question."""

    question_id: int
    option: str
    values: list[str]

    def holds(self, sheet: Sheet) -> bool:
        """Whether a sheet meets it; case is ignored."""
        given = [reply.value.casefold() for reply in sheet.replies if reply.question.question_id == self.question_id]
        return _TESTS[self.option](given, self.values)


def predicate(lists: Lists) -> Callable[[Member], bool] | None:
    """The filter that a query asks for, None where it asks for none."""
    conditions = _conditions(lists)
    named = lists.get(SURVEYS)
    if not conditions and named is None:
        return None
    surveys = numbers(SURVEYS, named[0]) if named else None

    def matches(member: Member) -> bool:
        return any(
            (surveys is None or sheet.survey.survey_id in surveys) and all(each.holds(sheet) for each in conditions)
            for sheet in member.sheets
        )

    return matches


def _conditions(lists: Lists) -> list[Condition]:
    values = {match[1]: found for name, found in lists.items() if (match := ANSWERS.fullmatch(name))}
    options = {match[1]: found[0] for name, found in lists.items() if (match := OPTIONS.fullmatch(name))}
    for question in options.keys() - values.keys():
        raise Invalid(f"filters[answer_sheets][answers][{question}][]", "goes with its option")
    return [_condition(question, options.get(question, "any"), found) for question, found in values.items()]


def _condition(question: str, option: str, values: list[str]) -> Condition:
    name = f"filters[answer_sheets][answers_options][{question}]"
    if option not in _TESTS:
        raise Invalid(name, f"is one of {', '.join(_TESTS)}")
    if option in ("date", "date_range") and None in map(day, values):
        raise Invalid(name, "wants dates in ISO 8601")
    if option == "date_range" and len(values) != 2:
        raise Invalid(name, "wants exactly two dates")
    return Condition(int(question), option, [value.casefold() for value in values])
