"""MissionHub: the people index of Cru's organizations. Rows after the MissionHub contract sheet, sections 2, 3 and 3.1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pandas as pd

from crmkit.client import Client, Credential
from crmkit.columns import Column, ident
from crmkit.crms.missionhub_columns import (
    BESIDE_ORGANIZATIONS,
    BESIDE_PEOPLE,
    ORGANIZATION,
    PEOPLE_STATS,
    PERSON,
    QUESTION,
    SEARCHED,
    SURVEY_STATS,
)
from crmkit.crms.missionhub_filters import (
    FIELDS,
    IDS_PER_CALL,
    INCLUDE,
    PEOPLE_PARAMS,
    SCOPE,
    ask_organizations,
    ask_people,
    ask_search,
    ask_stats,
    ids,
    yes,
)
from crmkit.endpoint import Endpoint
from crmkit.jsonapi import Kind, Pages, Whole, resources
from crmkit.jsonapi_tables import beside
from crmkit.paging import SizedPage
from crmkit.params import Param
from crmkit.secrets import Secret


def people_row(path: str, doc: str, source: str, **more: Any) -> Endpoint:
    """A row whose records are people, with what is included beside them."""
    given = {
        "params": (INCLUDE,),
        "pick": resources(PERSON),
        "record": "person",
        "side": beside("people", PERSON, BESIDE_PEOPLE),
        **more,
    }
    return Endpoint(path, doc, PERSON.columns, source, **given)


def stats_row(path: str, doc: str, kind: Kind, *params: Param) -> Endpoint:
    """A row of counts: one line, a list per filter."""
    return Endpoint(
        path,
        f"{doc} Seen in the vendor's web client only.",
        kind.columns,
        "section 3, neighbours (web)",
        pick=resources(kind, bare=True),
        record="filter_stats",
        rewrite=ask_stats,
        params=(
            Param("organization_id", "Organization to count in; by default the client's organization_id.", kind="id"),
            *params,
            yes("include_unassigned", "Count people whom nobody looks after as well.", "include_unassigned"),
            yes("include_zeros", "List what counts nobody as well.", "include_zeros"),
        ),
    )


SURVEY_ID: Column = ident("survey_id", "Number of the survey, from the call.", source="{id}")


TOKEN_PROBLEMS = ("Expired access token", "Invalid access token", "Missing access token")


class MissionHub(Client):
    """MissionHub: people, their follow-up, labels, groups, interactions and survey answers.

    Keyword arguments: token (environment MISSIONHUB_TOKEN), the short-lived bearer token of a signed-in session; organization_id
    (MISSIONHUB_ORGANIZATION_ID), optional, looked in unless a call names others; base_url (MISSIONHUB_BASE_URL), by default
    https://api.missionhub.com/apis/v4; and those of every client: cache_dir, expire_after, pace, workers, progress.

    Every answer brings a new token, which the next request uses. It is kept in memory only; the account is the first token's.
    """

    crm = "MissionHub"
    default_base_url = "https://api.missionhub.com/apis/v4"
    credentials = (
        Credential("token", "the bearer token of a signed-in session; it lives for minutes to hours."),
        Credential("organization_id", "the organization to look in.", secret=False, required=False),
    )
    accept = "application/vnd.api+json"
    checks = ("me", "organizations", "people")
    hints: ClassVar[Mapping[int, str]] = {
        400: "check the parameters: numbers must exist, and names in include, fields and sort must be the server's.",
        401: "tokens are short-lived: sign in again and make a client with the new one (MISSIONHUB_TOKEN).",
    }
    conveniences = ("filter_stats",)

    @property
    def organization_id(self) -> str | None:
        """The organization that calls look in unless they name another."""
        own: str | None = self._credentials["organization_id"]
        return own

    @property
    def _tokens(self) -> list[Secret]:
        """The first token and those that followed it, the newest last. One step each to read and to add, so threads may do both."""
        tokens: list[Secret] = self.__dict__.setdefault("_token_line", [self._credentials["token"]])
        return tokens

    def authorisation(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self._tokens[-1].reveal()}"}

    def adopt(self, response: Any) -> None:
        token = str(response.headers.get("X-MH-Session") or "").strip()
        if token.isascii() and token.isprintable() and token and " " not in token and Secret(token) != self._tokens[-1]:
            self._tokens.append(Secret(token))

    @staticmethod
    def error_key(body: Any) -> Any:
        """What is wrong with the token, in its two known shapes; any other detail may hold names and is not looked at."""
        found = body if isinstance(body, dict) else {}
        problems = found.get("errors")
        first = problems[0] if isinstance(problems, list) and problems else None
        detail = first.get("detail") if isinstance(first, dict) else None
        if detail in TOKEN_PROBLEMS:
            return str(detail).lower().replace(" ", "_")
        return "invalid_grant" if found.get("error") == "invalid_grant" else None

    def _secret_bytes(self) -> list[bytes]:
        return [token.reveal().encode() for token in self._tokens.copy()]

    people = people_row(
        "/people",
        "People that match the filters, as far as the token's permissions reach.",
        "sections 2, 3 and 3.1",
        params=PEOPLE_PARAMS,
        paging=Pages(),
        rewrite=ask_people,
    )
    person = people_row(
        "/people/{id}", "One person. Seen in the vendor's app and web client only.", "section 3, neighbours (app, web)"
    )
    me = people_row(
        "/people/me",
        "Whom the token speaks for. Seen in the vendor's app and web client only.",
        "section 3, neighbours (app, web)",
    )
    organizations = Endpoint(
        "/organizations",
        "Organizations of the user; include labels, groups or surveys for the names behind ids. From other pages of the vendor, and "
        "its clients.",
        ORGANIZATION.columns,
        "section 3, neighbours (stage docs, app, web)",
        paging=Pages(),
        pick=resources(ORGANIZATION),
        record="organization",
        side=beside("organizations", ORGANIZATION, BESIDE_ORGANIZATIONS),
        rewrite=ask_organizations,
        params=(
            ids("ids", f"Only these organizations; more than {IDS_PER_CALL} are asked in several requests."),
            ids("exclude_ids", "All but these organizations."),
            ids("assigned_tos", "Organizations in which these people, or me, have assignments."),
            Param("terminology", "Only those that are called this, such as Organization.", "filters[terminology]"),
            yes("descendants", "Whether those below count; not described."),
            INCLUDE,
            FIELDS,
            Param("sort", "Order; not described further.", several="comma"),
        ),
    )
    filter_stats_people = stats_row("/filter_stats/people", "How many people each value of the filters would give.", PEOPLE_STATS)
    filter_stats_survey = stats_row(
        "/filter_stats/survey",
        "The same for a survey, with its questions.",
        SURVEY_STATS,
        Param("survey_id", "Number of the survey.", kind="id", required=True),
    )
    survey_questions = Endpoint(
        "/surveys/{id}/questions",
        "The questions of a survey. Seen in the vendor's web client only.",
        (SURVEY_ID, *QUESTION.columns),
        "section 3, neighbours (web)",
        path_params=(Param("id", "Number of the survey.", kind="id"),),
        paging=Whole(),
        pick=resources(QUESTION),
        record="question",
        side=beside("questions", QUESTION, ()),
    )
    search = Endpoint(
        "/search",
        "People found by name or e-mail address, with few fields unless more are asked for. From another page of the vendor.",
        SEARCHED.columns,
        "section 3, neighbours (stage docs)",
        paging=SizedPage(size=100, size_name="limit", total="meta.total"),
        pick=resources(SEARCHED),
        record="person",
        side=beside("people", SEARCHED, ()),
        rewrite=ask_search,
        params=(
            Param("q", "What to look for: first and last name, or an e-mail address if it holds an @.", required=True),
            SCOPE,
            Param(
                "fields",
                "Attributes to return; without it first_name, last_name, gender, primary_email_address.",
                several="comma",
            ),
            ids("permission_ids", "Have one of these permissions: 1 admin, 2 contact, 3 owner, 4 user."),
            yes("unassigned", "Whether nobody looks after them."),
        ),
    )

    def filter_stats(self, **filters: Any) -> pd.DataFrame:
        """How many people each value of the filters would give; with survey_id= of a survey, else of all people.

        Takes the parameters of filter_stats_people or filter_stats_survey and returns their frame. Source: MissionHub contract
        sheet, section 3, neighbours (web).
        """
        fetcher = self.filter_stats_people if filters.get("survey_id") is None else self.filter_stats_survey
        return fetcher(**filters)
