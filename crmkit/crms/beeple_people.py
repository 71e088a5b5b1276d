"""The people of Beeple, after sections 3.3 and 4 of the contract sheet: collaborators, enrolments, availabilities, worked hours."""

from __future__ import annotations

from crmkit.columns import (
    COMPUTED,
    Column,
    children,
    day,
    day_dmy,
    flag,
    ident,
    instant,
    items,
    json,
    nested,
    number,
    text,
    wall,
)
from crmkit.crms.beeple_answers import NATIONAL, OTHER_NATIONAL, as_it_is, day_part, numeric, unquoted, with_offset, yes_no
from crmkit.crms.beeple_columns import ADDRESS, CONTRACTS, ERRORS, TEAM, translated

STATUTES = (
    "career_pause",
    "disabled_entrepreneur",
    "early_retired",
    "entrepreneur",
    "flexijobs",
    "functionary",
    "incapacitated",
    "living_wager",
    "retired",
    "student",
    "unemployed",
    "unemployed_waiting_period",
    "unknown",
    "working_class",
    "working_class_blue_collar",
    "work_student",
)


def national_number(country: str, name: str) -> Column:
    """A national number; only with sensitive=True."""
    return text(f"{NATIONAL}{country}", f"National number, {name}.", sensitivity="direct", opt_in=True)


COUNTRIES = {
    "be": "Belgium",
    "nl": "the Netherlands",
    "de": "Germany",
    "fr": "France",
    "es": "Spain",
    "es_foreign": "Spain, of a foreigner",
    "cl": "Chile",
}
PROPERTY = (
    ident("property_id", "Number of the profile property."),
    text("name", "Name of the property."),
    json("value", "Value, as it came.", sensitivity="text"),
)
COLLABORATOR = (
    ident("id", "Number of the collaborator, as text."),
    text("other_names", "First names.", sensitivity="direct"),
    text("family_name", "Family name.", sensitivity="direct"),
    text("prefix", "What stands between the two, such as De.", sensitivity="direct"),
    text("email", "E-mail address, unique in the site.", sensitivity="direct"),
    text("birth_country", "Country of birth, ISO code of two letters.", sensitivity="quasi"),
    text("birth_country_name", "Country of birth.", sensitivity="quasi"),
    text("birth_place", "Place of birth.", sensitivity="quasi"),
    day_dmy("birth_date", "Birth date; it comes as DD/MM/YYYY.", sensitivity="quasi", tidy=as_it_is),
    text("social_statute", "Social statute; other words than these occur.", sensitivity="quasi", values=STATUTES),
    flag("receive_email_campaigns", "Whether mailings may be sent."),
    flag("receive_sms_campaigns", "Whether text messages may be sent."),
    text("gender", "Gender; other words than these occur.", sensitivity="quasi", values=("male", "female")),
    text("language", "Language code.", sensitivity="quasi"),
    *(national_number(country, name) for country, name in COUNTRIES.items()),
    json(OTHER_NATIONAL, "National numbers of further countries.", sensitivity="direct", opt_in=True),
    text("mobile", "Mobile phone, digits as text without plus.", sensitivity="direct"),
    text("phone", "Phone, digits as text without plus.", sensitivity="direct"),
    text("nationality", "Nationality, ISO code of two letters.", sensitivity="quasi"),
    text("default_contract_type", "Usual kind of contract.", values=CONTRACTS),
    items("contract_types", "Kinds of contract; one may come twice."),
    text("payroll_identification_code", "Code in the payroll.", sensitivity="direct"),
    text("iban", "Bank account.", sensitivity="direct", opt_in=True),
    text("bic", "Bank.", sensitivity="direct", opt_in=True),
    *nested("primary_address", ADDRESS),
    children(
        "departments",
        "Departments.",
        (ident("id", "Number of the department."), text("name", "Department.")),
        record="department",
    ),
    items("department_ids", "Numbers of departments; numbers here, text elsewhere."),
    items("manager_ids", "Numbers of the managing collaborators; numbers here, text elsewhere."),
    ident("primary_department_id", "Number of the main department."),
    text("profile_properties", "Deprecated by the vendor; as it came.", sensitivity="text"),
    children(
        "profile_property_groups",
        "Profile properties, in groups.",
        (
            text("name", "Name of the group."),
            children(
                "profile_properties", "Properties of the group, as client code met them.", PROPERTY, record="profile_property"
            ),
        ),
        key="name",
        record="profile_property_group",
    ),
    ERRORS,
)
ENROLLED = (
    text("name", "Full name.", sensitivity="direct"),
    ident("id", "Number of the collaborator inside the record; the envelope and the path may hold another."),
    text("email", "E-mail address.", sensitivity="direct"),
    text("mobile", "Mobile phone, with plus.", sensitivity="direct"),
    text("gender", "Gender.", sensitivity="quasi"),
    text("nationality", "Nationality, ISO code of two letters.", sensitivity="quasi"),
    text("social_statute_code", "Social statute.", sensitivity="quasi", values=STATUTES),
    children(
        "national_registration_numbers",
        "National numbers.",
        (
            text("country", "Country, ISO code of two letters.", sensitivity="quasi"),
            text("number", "National number.", sensitivity="direct"),
        ),
        sensitivity="direct",
        opt_in=True,
    ),
    *(national_number(country, name) for country, name in COUNTRIES.items()),
    text("language", "Language code.", sensitivity="quasi"),
    day("birth_date", "Birth date; ISO here.", sensitivity="quasi"),
    text("birth_place", "Place of birth.", sensitivity="quasi"),
    text("birth_country", "Country of birth, ISO code of two letters.", sensitivity="quasi"),
    text("contact_person.email", "E-mail address of the contact person.", sensitivity="direct"),
    text("contact_person.mobile", "Mobile phone of the contact person.", sensitivity="direct"),
    text("iban", "Bank account.", sensitivity="direct", opt_in=True),
    text("bic", "Bank.", sensitivity="direct", opt_in=True),
    *nested("primary_address", ADDRESS),
    *(
        text(f"primary_address.administrative_area_level_{level}", f"Administrative area, level {level}.", sensitivity="quasi")
        for level in range(1, 6)
    ),
)


PROPERTY_VALUE = (
    ident("id", "Number of the property."),
    text("name", "Name of the property."),
    text("description", "What is asked."),
    flag("required", "Whether an answer must be given."),
    text("type", "Type of the answer.", values=("boolean",)),
    text("remark", "Remark.", sensitivity="text"),
    text("value", "Answer, as text; the type says how to read it.", sensitivity="text"),
    flag("value.boolean", "Answer, where the text is true or false.", source="value", read=yes_no),
    number("value.number", "Answer, where the text is a number.", source="value", read=numeric),
    text("extras", "Further information.", sensitivity="text"),
)
CLOCK = "the tenant's wall clock, without an offset"
ENROLMENT = (
    ident("id", "Number of the enrolment, as text."),
    text("status", "Status that was asked for; the record itself has none. Empty when none was asked."),
    text("uuid", "Its universal number."),
    number("fee", "Fee, in the tenant's currency."),
    ident("team_id", "Number of the team, under the name that other tables use.", source="team.id"),
    text("contract_type", "Kind of contract.", values=CONTRACTS),
    *nested("collaborator", ENROLLED),
    flag("cancelled", "Whether it was cancelled; empty reads as no."),
    flag("blip_management", "Whether check-ins are kept."),
    wall("blip.in_at", f"Check-in, {CLOCK}.", tidy=as_it_is),
    instant("blip.in_at.utc", "Check-in; an hour that comes twice in autumn is read as summer time.", source="blip.in_at"),
    text("blip.in_by", "Who checked in.", sensitivity="direct"),
    wall("blip.out_at", f"Check-out, {CLOCK}.", tidy=as_it_is),
    instant("blip.out_at.utc", "Check-out; an hour that comes twice in autumn is read as summer time.", source="blip.out_at"),
    text("blip.out_by", "Who checked out.", sensitivity="direct"),
    children("enrolment_property_values", "Answers to questions of the enrolment.", PROPERTY_VALUE, record="property_value"),
    *nested("team", TEAM),
    ERRORS,
)
INTERVAL = (
    day("day", "Day it starts, in the tenant's zone."),
    instant("start", "Start."),
    instant("end", "End, not included; the day has 23 or 25 hours when clocks change."),
)
AVAILABILITY = (
    ident("collaborator_id", "Number of the collaborator, from the call.", source="{collaborator_id}"),
    ident("id", "Number of the availability."),
    ident("availability_type_id", "Number of its type, which alone says whether one is available or not."),
    text(
        "sense",
        "available or unavailable, by the types of the call; empty without.",
        source=COMPUTED,
        values=("available", "unavailable"),
    ),
    day("starts_at", "First day.", tidy=day_part),
    day("ends_at", "Last day; empty reads as the first.", tidy=day_part),
    flag("whole_day", "Whether whole days are meant."),
    text("start_time", "Time of day it starts, HH:MM."),
    text("end_time", "Time of day it ends, HH:MM."),
    text("period", "How it repeats.", values=("single_date", "repeat_daily", "repeat_weekly", "repeat_monthly")),
    children(
        "intervals",
        "What is covered, a line per day, computed from days and times.",
        INTERVAL,
        record="interval",
        source=COMPUTED,
    ),
    ident("payroll_code_id", "Number of the payroll code."),
    number("duration_in_hours", "Duration.", unit="h"),
    ident("day_part_id", "Number of the part of the day."),
    text("remark_by_collaborator", "Remark of the collaborator.", sensitivity="text"),
    flag("is_approved", "True approved, false rejected, empty probably pending."),
    ident("approved_by_id", "Collaborator who approved it."),
    text("admin_reject_reason", "Why it was rejected.", sensitivity="text"),
    text("payroll_approval_status", "Answer of the payroll.", values=("not_required", "unknown", "accepted", "rejected")),
    text("payroll_reject_reason", "Why the payroll rejected it.", sensitivity="text"),
    flag("payroll_approved", "Whether the payroll approved it."),
    text("payroll_approved_by", "Who approved it in the payroll.", sensitivity="direct"),
    instant("payroll_approved_at", "When the payroll approved it."),
    flag("is_locked", "Whether it is locked."),
    ident("locked_by_id", "Collaborator who locked it."),
    instant("start_datetime", "Said to be UTC, perhaps wall clock: use the intervals instead.", tidy=as_it_is),
    instant("end_datetime", "Said to be UTC; may lie before the start: use the intervals instead.", tidy=as_it_is),
    items("other_availabilities_in_same_repetition", "Numbers of the others of a repetition."),
    children(
        "pieces_of_evidence",
        "Documents.",
        (
            ident("id", "Number of the document, as text."),
            text("filename", "File name, without the apostrophes it may come in.", sensitivity="text", tidy=unquoted),
            text("url", "Address of the document; no key is sent there.", sensitivity="direct"),
        ),
        record="piece_of_evidence",
    ),
    ERRORS,
)
PERSONAL = tuple({one.name: one for one in (*COLLABORATOR, *ENROLLED) if one.opt_in and one.name != OTHER_NATIONAL}.values())
NAMED = (ident("id", "Number, as text."), text("name", "Name."))
LISTED_COLLABORATOR = (
    ident("id", "Number of the collaborator, as text."),
    text("name", "Full name.", sensitivity="direct"),
    items("department_ids", "Numbers of departments."),
    flag("blocked", "Whether the collaborator is blocked."),
    instant("blocked_at", "When it was blocked.", tidy=as_it_is),
    *PERSONAL,
)
FUNCTION = (
    *NAMED,
    flag("applies_to_all_departments", "Whether every department has it."),
    items("department_ids", "Numbers of the departments that have it."),
)
DEPARTMENT_OF = children("departments", "Departments that use it.", NAMED, record="department")
AVAILABILITY_TYPE = (
    ident("id", "Number of the availability type, as text."),
    *translated("name_i18n_attributes", "Name"),
    *translated("abbreviation_i18n_attributes", "Abbreviation", "abbreviation"),
)
WORKER = (
    ident("id", "Number of the collaborator, as text."),
    text("name", "Full name.", sensitivity="direct"),
    items("department_ids", "Numbers of departments."),
    *PERSONAL,
)
WORKED_HOURS = (
    ident("id", "Number of the line, as text."),
    instant("shift.start_datetime", "Start of the shift; empty where it has no offset.", tidy=with_offset),
    instant("shift.end_datetime", "End of the shift; empty where it has no offset.", tidy=with_offset),
    instant("confirmed_starts_at", "Confirmed start; empty where it has no offset.", tidy=with_offset),
    instant("confirmed_ends_at", "Confirmed end; empty where it has no offset.", tidy=with_offset),
    text("confirmed_break_duration", "Confirmed break, as it came; its form is not known."),
    flag("confirmed_absent", "Whether the absence was confirmed."),
    text("confirmed_absence_reason", "Why.", sensitivity="text"),
    ident("enrolment.id", "Number of the enrolment."),
    flag("enrolment.cancelled", "Whether the enrolment was cancelled."),
    *nested("enrolment.collaborator", WORKER),
    *nested("enrolment.volunteer", WORKER),
    ident("enrolment.team.id", "Number of the team."),
    ident("enrolment.team.project_id", "Number of the project."),
    ERRORS,
)
TEAM_REGISTRATION = (
    ident("team_id", "Number of the team, from the call.", source="{id}"),
    *(one for one in ENROLMENT if one.name != "team_id"),
)
ME = (
    ident("id", "Number, as text."),
    text("name", "Full name.", sensitivity="direct"),
    text("email", "E-mail address.", sensitivity="direct"),
    *PERSONAL,
)
