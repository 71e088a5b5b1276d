"""Beeple: projects, teams, shifts, collaborators, enrolments, availabilities. Rows after the Beeple contract sheet, sections 3 and 4."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

import pandas as pd

from crmkit.client import Client, Credential
from crmkit.columns import Column, ident
from crmkit.crms.beeple_answers import complaints, loosely, many, person, single
from crmkit.crms.beeple_columns import LISTED_IN_PROJECT, LISTED_IN_SUBPROJECT, PROJECT, SUBPROJECT, TEAM, TEAM_DETAIL
from crmkit.crms.beeple_days import ENDS, ZONE, known_zone, with_check_ins, with_intervals, within_period
from crmkit.crms.beeple_paging import NumberedPages, OnePage, SizedPages, StatusPasses, one_word
from crmkit.crms.beeple_people import (
    AVAILABILITY,
    AVAILABILITY_TYPE,
    COLLABORATOR,
    COUNTRIES,
    DEPARTMENT_OF,
    ENROLMENT,
    FUNCTION,
    LISTED_COLLABORATOR,
    ME,
    NAMED,
    TEAM_REGISTRATION,
    WORKED_HOURS,
)
from crmkit.endpoint import Endpoint, Values
from crmkit.errors import ConfigError
from crmkit.pacing import Budget
from crmkit.paging import Paging
from crmkit.params import Param, check_order, listed

API = "/api/v1/admin"
LANGUAGE = re.compile(r"^[a-z]{2}(-[A-Za-z]{2})?$")


def number_of(name: str, what: str) -> Param:
    """A path parameter that holds a number."""
    return Param(name, f"Number of the {what}.", kind="id")


def from_day(wire: str, meaning: str, shift: int) -> Param:
    """One end of a period, asked so many days further out; it is not documented what is compared, and whether ends count."""
    name = wire.rpartition("[")[2].rstrip("]")
    return Param(name, f"{meaning}; asked a day wider and filtered again here.", wire=wire, kind="day", shift=shift)


PROBE = Param("probe_pages", "Ask for a second page when the number of records is round (25, 50, 100).", kind="flag", local=True)
LINKED = NumberedPages(link="next")
UNSAID = NumberedPages(link="next", paged=False)  # lists of client code: nothing is known of pages, a link is followed
ENROLMENT_PAGES = NumberedPages(link="next", size=500, count="count")
PERIOD = (
    from_day("filter[period_start_at]", "Only what touches this day or a later one", -1),
    from_day("filter[period_end_at]", "Only what touches this day or an earlier one", 1),
)
STATUSES = Param(
    "statuses",
    "Status words, such as confirmed and expired; no document lists all. Asked one by one, so that each line can be labelled; "
    "with several, or with 'unknown', what comes under none of them is added as 'unknown'.",
    wire="filter[statuses][]",
    several="repeat",
    local=True,
)
INTERVALS = (
    ZONE,
    Param(
        "whole_day_end",
        "Whether the last day of whole-day availabilities counts; it does if not given.",
        choices=ENDS,
        default="inclusive",
        local=True,
    ),
    Param(
        "timed_end",
        "Whether the last day of availabilities with times counts; it does if not given.",
        choices=ENDS,
        default="inclusive",
        local=True,
    ),
    Param("end_at_midnight", "Read an end at 23:59 as midnight.", kind="flag", local=True),
    Param(
        "types",
        "What each availability_type_id means, such as {3: 'unavailable'}; the API does not say.",
        several="map",
        choices=("available", "unavailable"),
        local=True,
    ),
)
PROJECT_ID = number_of("project_id", "project")
SUBPROJECT_ID = number_of("subproject_id", "subproject")
TEAM_ID = number_of("team_id", "team")
COLLABORATOR_ID = number_of("id", "collaborator")
OF_COLLABORATOR = number_of("collaborator_id", "collaborator")
AVAILABILITY_ID = Param("id", "Number of the availability.", kind="integer")


def known_period(values: Values) -> None:
    """A zone that exists, and a period that does not end before it begins."""
    known_zone({"zone": ZONE.default, **values})
    check_order(values, "period_start_at", "period_end_at")
    check_order(values, "start", "end")


def probing(values: Values) -> Paging:
    """One answer, or with probe_pages a look at a second page."""
    return OnePage(probe=bool(values.get("probe_pages")))


def status_words(values: Values) -> tuple[str, ...]:
    """The statuses asked for, each once."""
    return tuple(dict.fromkeys(str(word) for word in listed(values.get("statuses", []))))


def by_status(values: Values) -> Paging:
    """The enrolments once, or once per status word."""
    words = status_words(values)
    return StatusPasses(words, ENROLMENT_PAGES) if words else ENROLMENT_PAGES


def with_doubts(frame: pd.DataFrame, values: Values, client: Client) -> pd.DataFrame:
    """Enrolments with their check-ins, and a remark where their statuses may mean nothing."""
    found = with_check_ins(frame, values, client)
    if words := status_words(values):
        found.attrs["problems"] = [*found.attrs.get("problems", []), *one_word(words, found["status"].dropna())]
    return found


def row(path: str, doc: str, columns: tuple[Column, ...], line: int, *slots: Param, **more: Any) -> Endpoint:
    """A documented row of this sheet."""
    given = {"pick": single, "remarks": complaints, **more}
    return Endpoint(path, doc, columns, f"section 3.1, document line {line}", path_params=slots, **given)


def seen(path: str, doc: str, columns: tuple[Column, ...], name: str, *slots: Param, **more: Any) -> Endpoint:
    """A row that only public client code shows; where it is not offered (403, 404) the frame is empty and the receipt says so."""
    given = {"pick": loosely(name), "remarks": complaints, "experimental": True, "paging": UNSAID, **more}
    return Endpoint(path, doc, columns, "section 3.3", path_params=slots, **given)


def from_path(name: str, what: str) -> Column:
    """A column that repeats the number in the path, because the record lacks it."""
    return ident(name, f"Number of the {what}, from the call.", source="{id}")


class Beeple(Client):
    """Beeple, planning of shifts: projects, subprojects, teams and shifts, collaborators, enrolments, availabilities.

    Keyword arguments: token (environment BEEPLE_TOKEN), of a user that may see what you want to see: Beeple answers with less,
    without a word, where it may not; base_url (BEEPLE_BASE_URL), your own site such as https://people.example.org; language
    (BEEPLE_LANGUAGE), optional, a code such as nl for translated names; and those of every client: cache_dir, expire_after, pace,
    workers, progress.
    """

    crm = "Beeple"
    base_path = API
    credentials = (
        Credential("token", "the API token of your Beeple site."),
        Credential("language", "a language code such as nl.", secret=False, required=False),
    )
    limits = (Budget(3, 1),)
    checks = ("projects",)
    conveniences = ("collaborators",)
    hints: ClassVar[Mapping[int, str]] = {403: "a key sees what its Beeple user may see: ask an administrator for the right."}

    def authorisation(self) -> Mapping[str, str]:
        return {"Token": self.reveal("token"), "Content-Type": "application/json"}

    @staticmethod
    def trimmed_base(url: str) -> str:
        """The site of a pasted address: what begins with /api is cut off."""
        return re.sub(r"(?<![:/])/+(api([/?#].*)?)?$", "", url.strip())

    def _base_url(self, given: str | None) -> str:
        language = self._credentials["language"]
        if language is not None and not LANGUAGE.match(language):
            raise ConfigError("language takes a code such as 'nl'.", crm=self.crm)
        site = super()._base_url(given).removesuffix(API)
        return site + (API if language is None else f"/api/v1/{language}/admin")

    projects = row(
        "/projects",
        "All projects that are not deleted and that the key may see.",
        PROJECT,
        14,
        pick=many("projects"),
        record="project",
        params=(PROBE,),
        paging_for=probing,
    )
    project = row("/projects/{project_id}", "One project.", PROJECT, 1508, PROJECT_ID, record="project")
    subprojects = row(
        "/projects/{project_id}/subprojects",
        "The subprojects of a project.",
        SUBPROJECT,
        4048,
        PROJECT_ID,
        pick=many("subprojects"),
        record="subproject",
        params=PERIOD,
        paging=LINKED,
        check=known_period,
        refine=within_period,
    )
    project_teams = row(
        "/projects/{project_id}/teams",
        "The teams of a project; whether those of its subprojects are among them is not documented.",
        (*LISTED_IN_PROJECT, *TEAM),
        5560,
        PROJECT_ID,
        pick=many("teams"),
        record="team",
        params=(PROBE,),
        paging_for=probing,
    )
    subproject_teams = row(
        "/subprojects/{subproject_id}/teams",
        "The teams of a subproject.",
        (*LISTED_IN_SUBPROJECT, *TEAM),
        5748,
        SUBPROJECT_ID,
        pick=many("teams"),
        record="team",
        paging=NumberedPages(),
    )
    team = row(
        "/teams/{team_id}",
        "One team, for its profile requirements: it has neither the demand nor the ids that the lists of teams have.",
        TEAM_DETAIL,
        6656,
        TEAM_ID,
        record="team",
    )
    collaborator = row(
        "/collaborators/{id}",
        "One collaborator.",
        COLLABORATOR,
        8888,
        COLLABORATOR_ID,
        pick=person(COUNTRIES),
        record="collaborator",
    )
    collaborator_enrolments = row(
        "/collaborators/{id}/enrolments",
        "The enrolments of a collaborator, with their teams and shifts.",
        (from_path("collaborator_id", "collaborator"), *ENROLMENT),
        9245,
        COLLABORATOR_ID,
        pick=many("enrolments"),
        record="enrolment",
        params=(
            *PERIOD,
            STATUSES,
            Param("functions", "Only these functions, by number.", wire="filter[functions][]", kind="id", several="repeat"),
            ZONE,
        ),
        paging=ENROLMENT_PAGES,
        paging_for=by_status,
        check=known_period,
        refine=with_doubts,
    )
    availabilities = row(
        "/collaborators/{collaborator_id}/availabilities2",
        "The availabilities of a collaborator in a period, with their daily intervals. Whether one means available or not, only "
        "its type knows.",
        AVAILABILITY,
        10319,
        OF_COLLABORATOR,
        pick=many("availabilities"),
        record="availability",
        params=(
            Param("start", "First day of the period.", kind="day", required=True),
            Param("end", "Last day of the period.", kind="day", required=True),
            *INTERVALS,
            PROBE,
        ),
        paging_for=probing,
        check=known_period,
        refine=with_intervals,
    )
    availability = row(
        "/collaborators/{collaborator_id}/availabilities2/{id}",
        "One availability of a collaborator, with its daily intervals.",
        AVAILABILITY,
        10962,
        OF_COLLABORATOR,
        AVAILABILITY_ID,
        record="availability",
        params=INTERVALS,
        check=known_zone,
        refine=with_intervals,
    )

    collaborator_list = seen(
        "/collaborators",
        "Collaborators by name.",
        LISTED_COLLABORATOR,
        "collaborators",
        record="collaborator",
        params=(Param("q", "Words to look for."),),
        paging=SizedPages(link="next", size=10_000, paged=False),
    )
    worked_hours = seen(
        "/collaborators/worked_hours",
        "Worked hours in a period.",
        WORKED_HOURS,
        "worked_hours",
        record="worked_hours",
        params=(
            Param("period_start_at", "First day.", wire="filter[period][period_start_at]", kind="day"),
            Param("period_end_at", "Last day.", wire="filter[period][period_end_at]", kind="day"),
            Param("status", "Status of the hours, such as reported.", wire="filter[status]"),
        ),
        paging=NumberedPages(link="next", size=500),
        check=known_period,
    )
    functions = seen("/functions", "The functions one can work in.", FUNCTION, "functions", record="function")
    addresses = seen(
        "/addresses",
        "Addresses, which are work locations.",
        (ident("id", "Number, as text."), DEPARTMENT_OF),
        "addresses",
        record="address",
    )
    departments = seen("/departments", "The departments.", NAMED, "departments", record="department")
    availability_types = seen(
        "/tenant/availability_types",
        "What availabilities can mean.",
        AVAILABILITY_TYPE,
        "availability_types",
        record="availability_type",
    )
    counters = seen(
        "/collaborators/{id}/counters",
        "Counters of a collaborator; their fields are not known.",
        (from_path("collaborator_id", "collaborator"), *NAMED),
        "counters",
        COLLABORATOR_ID,
    )
    team_enrolments = seen(
        "/teams/{id}/enrolments",
        "The enrolments of a team.",
        TEAM_REGISTRATION,
        "enrolments",
        number_of("id", "team"),
        record="enrolment",
        params=(ZONE,),
        check=known_zone,
        refine=with_check_ins,
    )
    team_candidacies = seen(
        "/teams/{id}/candidacies",
        "Who applied for a team; a candidacy is not an enrolment.",
        TEAM_REGISTRATION,
        "candidacies",
        number_of("id", "team"),
        record="candidacy",
        params=(ZONE,),
        check=known_zone,
        refine=with_check_ins,
    )
    project_worked_hours = seen(
        "/projects/{id}/worked_hours",
        "Worked hours in a project.",
        (from_path("project_id", "project"), *WORKED_HOURS),
        "worked_hours",
        number_of("id", "project"),
        record="worked_hours",
    )
    hour_registrations = seen(
        "/enrolments/{id}/hour_registrations",
        "Registered hours of an enrolment; their fields are not known.",
        (from_path("enrolment_id", "enrolment"), ident("id", "Number of the registration, as text.")),
        "hour_registrations",
        number_of("id", "enrolment"),
    )
    me = seen("/me", "Who the key speaks for.", ME, "me")

    def collaborators(self, ids: Any, **options: Any) -> pd.DataFrame:
        """Collaborators by number: the documented API has no list of them.

        Parameters
        ids: a list or Series of numbers (text or whole). options: sensitive, limit, refresh, allow_partial, as for collaborator.

        Returns one line per number, in order, with the columns of collaborator and one receipt. A number that the site does not
        know makes it incomplete. Source: Beeple contract sheet, sections 3.1 and 6.1.
        """
        return self.collaborator(listed(ids), **options)
