"""The planning of Beeple, after section 4 of the contract sheet: projects, subprojects, teams, shifts."""

from __future__ import annotations

from crmkit.columns import (
    Column,
    children,
    day,
    duration,
    flag,
    ident,
    instant,
    integer,
    items,
    json,
    number,
    secret,
    text,
)
from crmkit.crms.beeple_answers import as_it_is, in_language, unquoted, with_offset

LANGUAGES = {"nl": "Dutch", "fr": "French", "en": "English", "de": "German", "es": "Spanish"}
CONTRACTS = ("freelancer", "volunteer", "interim", "contractual", "intern")
REGISTRATIONS = ("application", "direct_registration")
ERRORS = secret("errors", "Validation errors; they go to the receipt, never into a frame.")


def translated(field: str, meaning: str, key: str = "name") -> tuple[Column, ...]:
    """A translated text: the field as it came (repeated languages included), and a column for each usual language."""
    name = field.removesuffix("_attributes")
    return (
        json(field, f"{meaning}, in all languages, as it came."),
        *(
            text(f"{name}.{language}", f"{meaning}, in {word}.", source=field, pluck=in_language(language, key))
            for language, word in LANGUAGES.items()
        ),
    )


ADDRESS = (
    text("street1", "Street and house number.", sensitivity="direct"),
    text("street2", "Second line of the address.", sensitivity="direct"),
    text("zip", "Postal code, as text.", sensitivity="quasi"),
    text("city", "Town.", sensitivity="quasi"),
    text("country", "Country, ISO code of two letters.", sensitivity="quasi"),
)
CUSTOM_FIELD = (
    ident("tenant_planning_custom_field_group_id", "Number of the field's group."),
    text("property_type", "Type of its values.", values=("boolean",)),
    text("level", "Planning level it belongs to.", values=("happening",)),
    *translated("name_i18n_attributes", "Name of the field"),
    *translated("description_i18n_attributes", "Description of the field", "description"),
    flag("use_as_filter", "Whether lists can be filtered by it."),
    flag("required", "Whether a value must be given."),
    flag("visible_for_volunteer", "Whether collaborators see it."),
    flag("numeric_whole_number", "Whether a number must be whole."),
    number("numeric_minimal_value", "Smallest number; it comes as text.", tidy=as_it_is),
    number("numeric_maximal_value", "Largest number; it comes as text.", tidy=as_it_is),
    *translated("numeric_unit_i18n", "Unit of the number", "numeric_unit"),
    instant("datetime_range_start", "Earliest moment.", tidy=as_it_is),
    instant("datetime_range_end", "Latest moment.", tidy=as_it_is),
    day("date_range_start", "Earliest day."),
    day("date_range_end", "Latest day."),
    text("time_range_start", "Earliest time of day, HH:MM."),
    text("time_range_end", "Latest time of day, HH:MM."),
    json("list_options_attributes", "What can be chosen, doubly nested, as it came."),
    text("template_name", "Name of its template."),
    integer("sort_order", "Place on the screen."),
)
CUSTOM_VALUE = (
    ident("planning_custom_field_id", "Number of the planning custom field."),
    text("value", "Its value, as text.", sensitivity="text"),
)
PROJECT = (
    ident("id", "Number of the project, as text."),
    text("name", "Name of the project."),
    ident("customer.id", "Number of the customer."),
    text("customer.name", "Customer.", sensitivity="quasi"),
    ident("department.id", "Number of the department."),
    text("department.name", "Department."),
    text("description", "Description.", sensitivity="text"),
    day("start_date", "First day."),
    day("end_date", "Last day."),
    text("color", "Position in a palette, such as color1."),
    text("color_code", "Colour, without the apostrophes it may come in.", tidy=unquoted),
    flag("published", "Whether it is published."),
    flag("subprojects_enabled", "Whether teams hang under subprojects instead of the project itself."),
    text("enrolment_document", "Name of the document that enrolled people get."),
    text("logo_url", "Address of the logo, on another host."),
    text("logo", "Logo as sent; a field of writing that is echoed."),
    flag("remove_logo", "Whether the logo goes; a field of writing that is echoed."),
    children("planning_custom_fields_attributes", "Custom fields defined for it.", CUSTOM_FIELD, record="custom_field"),
    ident("manager_id", "Collaborator who manages it."),
    ident("responsible_planning_id", "Collaborator who plans it."),
    ident("default_function_id", "Function of new teams."),
    text("practical_info", "Practical information.", sensitivity="text"),
    ident("payroll_service_interim_id", "Payroll service of interim workers."),
    ident("payroll_service_intern_id", "Payroll service of interns."),
    ident("payroll_service_contractual_id", "Payroll service of contractual workers."),
    ident("payroll_service_freelancer_id", "Payroll service of freelancers."),
    ident("payroll_service_collaborator_id", "Payroll service of collaborators."),
    number("default_minimum_age", "Least age in new teams.", unit="years"),
    flag("customer_experience_required", "Whether new teams ask for experience with the customer."),
    number("default_team_maximum_travel_distance", "Longest way to new teams; it comes as text.", unit="km", tidy=as_it_is),
    text("default_registration_type", "How one gets into new teams.", values=REGISTRATIONS),
    flag("default_team_open_for_reservations", "Whether new teams take reserves."),
    flag("teams_are_published_by_default", "Whether new teams are published."),
    number("default_number_of_collaborators", "Demand of new teams; a template, never the demand itself."),
    text("default_shift", "Shift of new teams, as it came; no document gives its form."),
    *translated("name_i18n_attributes", "Name"),
    *translated("description_i18n_attributes", "Description", "description"),
    *translated("work_location_specification_i18n_attributes", "Where exactly the work is", "description"),
    ident("work_location_id", "Number of the work location."),
    text("work_location_specification", "Where exactly the work is.", sensitivity="text"),
    ERRORS,
)
SUBPROJECT = (
    ident("id", "Number of the subproject, as text."),
    text("name", "Name of the subproject."),
    text("customer_contact_person_name", "Contact at the customer.", sensitivity="direct"),
    text("customer_contact_person_phone", "Phone of the contact, as typed.", sensitivity="direct"),
    ident("manager_id", "Collaborator who manages it."),
    day("start_date", "First day."),
    day("end_date", "Last day."),
    flag("teams_are_published_by_default", "Whether new teams are published."),
    number("default_number_of_collaborators", "Demand of new teams; a template, never the demand itself."),
    text("default_shift", "Shift of new teams, as it came; no document gives its form."),
    ident("project_id", "Number of its project."),
    children("planning_custom_fields_attributes", "Custom fields defined for it.", CUSTOM_FIELD, record="custom_field"),
    ERRORS,
)
SHIFT = (
    instant("start_datetime", "Start; it comes with the local offset, and is empty where it has none.", tidy=with_offset),
    instant("end_datetime", "End; it comes with the local offset, and is empty where it has none.", tidy=with_offset),
    duration("break_duration", "Break within the shift; where in it is not known."),
)
CONTRACT_DETAIL = (
    text("contract_type", "Kind of contract.", values=CONTRACTS),
    text("be_collar_type", "Belgian collar type.", values=("arbeider",)),
    ident("local_legal_entity_id", "Number of the legal entity."),
    ident("compensation_hour_id", "Number of the hourly compensation."),
    ident("compensation_day_id", "Number of the daily compensation."),
    ident("compensation_team_id", "Number of the compensation per team."),
)
TEAM = (
    ident("id", "Number of the team, as text."),
    text("name", "Name of the team."),
    ident("function.id", "Number of the function."),
    text("function.name", "Function."),
    text("function.description", "What the function is.", sensitivity="text"),
    text("extra_practical_info", "Practical information.", sensitivity="text"),
    integer("volunteers_needed", "People needed in the team: its demand.", unit="people"),
    number("minimal_age", "Least age.", unit="years"),
    flag("client_experience_required", "Whether experience with the customer is asked for."),
    ident("work_location_id", "Number of the work location."),
    text("work_location_specification", "Where exactly the work is.", sensitivity="text"),
    flag("registrations_via_application", "True: one applies (a candidacy); false: one registers directly."),
    flag("published", "Whether it is published."),
    duration("relative_checkin_start", "How long before the start one can check in.", tidy=as_it_is),
    duration("relative_checkin_duration", "How long one can check in.", tidy=as_it_is),
    ident("checkin_appointment_id", "Number of the check-in appointment, instead of the two above."),
    number("maximum_travel_distance", "Longest way to the work.", unit="km"),
    children("shifts_attributes", "Shifts; they have no number, team and times tell them apart.", SHIFT, record="shift"),
    children("contract_details_attributes", "Contracts and compensations.", CONTRACT_DETAIL, record="contract_detail"),
    children("planning_custom_fields", "Values of custom fields.", CUSTOM_VALUE, record="custom_field"),
    ERRORS,
)
LISTED_IN_PROJECT = (
    ident("project_id", "Number of the project, from the call.", source="{project_id}"),
    ident("subproject_id", "Number of the subproject, if the record names one."),
)
LISTED_IN_SUBPROJECT = (
    ident("project_id", "Number of the project, if the record names one."),
    ident("subproject_id", "Number of the subproject, from the call.", source="{subproject_id}"),
)
REQUIREMENT = (
    ident("profile_property_id", "Number of the profile property."),
    flag("must_have", "Whether it must be met."),
    integer("weight", "Weight among the wishes."),
    flag("boolean_selected", "Wanted answer."),
    number("numeric_min", "Smallest number."),
    number("numeric_max", "Largest number."),
    day("date_min", "Earliest day."),
    day("date_max", "Latest day."),
    text("datetime_min", "Earliest moment, as it came; no document gives its form."),
    text("datetime_max", "Latest moment, as it came; no document gives its form."),
    text("time_min", "Earliest time of day, HH:MM."),
    text("time_max", "Latest time of day, HH:MM."),
    flag("list_multi_or", "Whether one of several options is enough."),
    items("list_single_options", "Options of a single choice."),
    items("list_multi_options", "Options of a multiple choice."),
    secret("_destroy", "A field of writing that is echoed."),
)
TEAM_DETAIL = (
    ident("id", "Number of the team, as text."),
    text("name", "Name of the team."),
    text("subproject", "Name of the subproject, not its number."),
    text("project", "Name of the project, not its number."),
    text("function.name", "Function."),
    text("function.description", "What the function is.", sensitivity="text"),
    text("extra_practical_info", "Practical information.", sensitivity="text"),
    children("shifts", "Shifts.", SHIFT, record="shift"),
    children("planning_custom_fields", "Values of custom fields.", CUSTOM_VALUE, record="custom_field"),
    children(
        "profile_property_requirements", "What the profile of a collaborator should hold.", REQUIREMENT, record="requirement"
    ),
    ERRORS,
)
