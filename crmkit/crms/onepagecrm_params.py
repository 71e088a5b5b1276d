"""OnePageCRM: groups of parameters and their rules, after the contract sheet, section 3 and its traps 1, 18 to 23 and 34."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.endpoint import Values
from crmkit.errors import ParameterError
from crmkit.params import Param, check_order, instant

if TYPE_CHECKING:
    from crmkit.client import Client

DAYS = frozenset({"date", "close_date", "expected_close_date"})
COLUMN_OF = {"updated_at": "modified_at", "call_time": "call_time_int", "meeting_time": "meeting_time_int"}
LAST_SECOND = 86_399
PLAIN_DAY = re.compile(r"\d{4}-?\d{2}-?\d{2}")


@dataclass(frozen=True)
class Edge(Param):
    """A bound of a time filter: written by rewrite(), because its form depends on the field filtered by, and sent as it is."""

    def text(self, value: Any) -> str:
        return str(value)


def edge(name: str, meaning: str) -> Param:
    """A bound of a time filter."""
    return Edge(name, meaning, kind="moment")


def flag(name: str, meaning: str, **more: Any) -> Param:
    """A yes or no, in lower case on the wire."""
    return Param(name, meaning, kind="flag", **more)


def sort(*fields: str) -> tuple[Param, ...]:
    """Sorting. Full reads are sorted by creation, because every default order moves while a list is read."""
    return (
        Param("sort_by", "Field to sort by.", choices=fields, default="created_at"),
        Param("order", "Upwards or downwards.", choices=("asc", "desc"), default="asc"),
    )


def dates(*fields: str) -> tuple[Param, ...]:
    """Filtering by time, in one of two ways: date_filter with since and until, or by change."""
    return (
        Param(
            "date_filter", "Field that since and until are about; not with modified_since and unmodified_since.", choices=fields
        ),
        edge("since", "From this day or moment on (UTC where no zone is named). Needs date_filter."),
        edge("until", "Until this day (its end) or moment. Needs date_filter."),
        edge("modified_since", "Changed at or after this moment (UTC where no zone is named)."),
        edge("unmodified_since", "Not changed after this moment."),
    )


def moment(values: Values, name: str) -> int:
    """A bound in seconds since 1970; a plain day as upper bound is its end."""
    start = int(Param(name, "A bound.", kind="moment").text(values[name]))
    return start + LAST_SECOND if name == "until" and is_plain_day(values[name]) else start


def is_plain_day(value: Any) -> bool:
    """Whether a bound names a day and no time."""
    if isinstance(value, str):
        return PLAIN_DAY.fullmatch(value) is not None
    return isinstance(value, date) and not isinstance(value, datetime)


def written(values: Values) -> dict[str, str]:
    """The bounds as they are sent, wider by a second, or by a day where the field holds days: their inclusiveness is not documented."""
    wider = {"since": -1, "modified_since": -1, "until": 1, "unmodified_since": 1}
    sent = {}
    for name in wider.keys() & values.keys():
        if name in ("since", "until") and values.get("date_filter") in DAYS:
            sent[name] = Param(name, "A bound.", kind="day", shift=wider[name]).text(values[name])
        else:
            sent[name] = str(max(0, moment(values, name) + wider[name]))  # no document has seconds before 1970
    return sent


def rewrite(values: Values, client: Client) -> list[Values]:
    """The values as they are sent: one request, with its bounds of time written."""
    return [{**values, **written(values)}]


def sent(values: Values) -> dict[str, str]:
    """The call's own parameters as texts, for a strategy that must know them."""
    texts = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in values.items()}
    return {name: text for name, text in {**texts, **written(values)}.items() if name != CUSTOM_FIELDS.name}


def within(frame: pd.DataFrame, values: Values, client: Client) -> pd.DataFrame:
    """The bounds again, exactly, in the frame. A record without a time cannot be judged and stays."""
    name = COLUMN_OF.get(values.get("date_filter", ""), values.get("date_filter", ""))
    keep = pd.Series(True, index=frame.index)
    for given in ("since", "until", "modified_since", "unmodified_since"):
        if given not in values:
            continue
        times = frame[name if given in ("since", "until") else "modified_at"]
        if name in DAYS and given in ("since", "until"):
            bound = pd.Timestamp(Param(given, "A bound.", kind="day").text(values[given]))
        elif given == "until":
            bound = pd.Timestamp(moment(values, given) + 1, unit="s", tz="UTC")
        else:
            bound = pd.Timestamp(instant(values[given], given))
        keep &= times.isna() | _inside(times, bound, given, name in DAYS)
    return frame if keep.all() else frame[keep].reset_index(drop=True)


def _inside(times: pd.Series[Any], bound: pd.Timestamp, given: str, by_day: bool) -> pd.Series[bool]:
    if given in ("since", "modified_since"):
        return times >= bound
    return times < bound if given == "until" and not by_day else times <= bound


def rules(*exclusive: tuple[str, ...]) -> Callable[[Values], None]:
    """A check of a call's values: of each of these groups at most one, and the two ways of filtering by time apart."""

    def check(values: Values) -> None:
        for group in (*exclusive, ("date_filter", "modified_since"), ("date_filter", "unmodified_since")):
            if len(given := [name for name in group if name in values]) > 1:
                raise ParameterError(
                    f"{' and '.join(given)} exclude each other.", hint="ask once for each, or filter in the frame."
                )
        bounds = [name for name in ("since", "until") if name in values]
        if bounds and "date_filter" not in values:
            raise ParameterError(f"{bounds[0]} needs date_filter: the field it is about.", hint="add date_filter='modified_at'.")
        check_order(values, "since", "until")
        check_order(values, "modified_since", "unmodified_since")
        if "date_filter" in values and not bounds:
            raise ParameterError("date_filter needs since or until.")
        if ("custom_field_id" in values) != ("custom_field_value" in values):
            raise ParameterError("custom_field_id and custom_field_value belong together.")

    return check


CUSTOM_FIELDS = Param(
    "custom_fields",
    "How custom fields come: 'child' (as if not given), to be opened with crmkit.child; 'columns', also as typed columns cf.<name>, "
    "which takes the definitions (one more request).",
    choices=("child", "columns"),
    local=True,
)
CONTACT_ID = Param("contact_id", "Only those of this contact.")
COMPANY_ID = Param("company_id", "Only those of this company's contacts.")
OWNER_ID = Param("owner_id", "Only those of this user.")
TAG = Param("tag", "Only contacts with this tag.")
FILTER_ID = Param("filter_id", "Only what this saved filter finds.")

CONTACT_FILTERS = (
    Param("search", "Text in name, company or phone."),
    Param("phone", "Only contacts with this phone number."),
    Param("email", "Only contacts with this e-mail address."),
    Param("url", "Only contacts with this web address."),
    Param("letter", "Only last names (else company names) that begin with this letter."),
    OWNER_ID,
    Param("company_id", "Only contacts of this company."),
    TAG,
    FILTER_ID,
    Param("status_id", "Only contacts with this status; see statuses()."),
    Param("lead_source", "Only contacts with this lead source, by its name."),
    Param("lead_source_id", "Only contacts with this lead source, by its slug or id; see lead_sources()."),
    Param("custom_field_id", "Only contacts whose custom field of this id has custom_field_value."),
    Param("custom_field_value", "See custom_field_id."),
    flag("starred", "Only starred contacts, or only others."),
    flag("pending_deal", "Only contacts with a pending deal, or only others."),
    flag("action_stream", "Only contacts in the action stream, or only others."),
    flag("has_actions", "Only one's own contacts with actions, or only others."),
    flag("has_actions_for_me", "Only one's own contacts with actions for oneself, or only others."),
    flag("waiting", "Only contacts with a waiting action, or only others."),
)
CONTACT_SORT = sort("created_at", "modified_at", "first_name", "last_name", "company_name", "name")
CHANGES = ("created_at", "modified_at", "updated_at")
CONTACT_RULES = rules(
    ("company_id", "tag", "filter_id"),
    ("has_actions", "has_actions_for_me"),
    ("lead_source", "lead_source_id"),
    ("not_linked_with", "company_id"),
)
PARTY_RULES = rules(("contact_id", "company_id"))
DEAL_RULES = rules(("contact_id", "company_id", "tag", "filter_id"))
ADDITIONS = tuple(f"{name}(all)" for name in ("deals", "notes", "calls", "meetings", "pinned_attachments"))

FIELD_SORT = sort(*CHANGES, "position")
NOTE_PARAMS = (*sort(*CHANGES, "date"), *dates(*CHANGES, "date"))
CALL_PARAMS = (*sort(*CHANGES), *dates(*CHANGES, "call_time"))
MEETING_PARAMS = (*sort(*CHANGES), *dates(*CHANGES, "meeting_time"))
KIND_PARAMS = (*sort("created_at", "modified_at"), *dates(*CHANGES))
ACTION_PARAMS = (
    flag("done", "Only actions that are done, or only others."),
    Param(
        "status",
        "Only actions in this state.",
        choices=("asap", "date", "date_time", "waiting", "queued", "queued_with_date", "done"),
    ),
    Param("assignee_id", "Only actions of this user."),
    *sort("created_at", "modified_at"),
    *dates(*CHANGES, "date"),
)
DEAL_WORDS = (
    Param("name", "Only deals of this name."),
    Param("search", "Text in the name of deal, contact or company."),
    Param("status", "Only deals in this state; closed is won or lost.", choices=("pending", "won", "lost", "closed")),
    Param("stage", "Only pending deals in this stage.", kind="integer"),
)
DEAL_TIMES = (
    *sort("created_at", "modified_at", "date", "close_date", "expected_close_date"),
    *dates(*CHANGES, "date", "close_date", "expected_close_date"),
)
SYMMETRICAL = flag("symmetrical", "Only kinds whose sides are called the same, or only others.")
HISTORY = flag("include_history", "Also the last stage in each earlier pipeline: crmkit.child(df, 'previous_pipeline_stages').")


def team(**more: Any) -> Param:
    """Whose contacts. Full lists always send it: the vendor's documents differ on what holds without it."""
    return flag("team", "True: also contacts of other users; False: only one's own. For one user: owner_id.", **more)
