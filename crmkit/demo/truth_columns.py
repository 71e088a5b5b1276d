"""The columns and dtypes of every frame of the truth."""

from __future__ import annotations

from collections.abc import Mapping

# Columns in order, text unless a dtype follows: day is a day or a wall-clock time, instant a moment in UTC, object a list.
# The dialects fill the frames that differ by CRM.
_FRAMES: Mapping[str, str] = {
    "people": (
        "person_id household_id first_name last_name name gender birth_date:day birth_place language mail phone street "
        "postal_code city km_east:float64 km_north:float64 role section member_since:day member_until:day duties:object "
        "parents:object newsletter:boolean never_comes:boolean temper:float64"
    ),
    "identities": "person_id crm record_id kind differs:object",
    "dirt": "person_id crm record_id field fault clean dirty path",
    "activities": (
        "number:Int64 kind name start:instant end:instant day:day venue outdoors:boolean km_east:float64 km_north:float64 "
        "audience temperature:float64 rain:float64"
    ),
    "weather": "day:day temperature:float64 rain:float64",
    "effects": "effect scale value:float64",
    "groups": "crm group_id parent_id name path depth:Int64 members:Int64 members_below:Int64",
    "memberships": (
        "crm position_id person_id object_type record_id group_id function_id function combination_id start:day end:day"
    ),
    "segments": "crm object_type segment_id name rule record_id",
    "attendance": "crm event_id number:Int64 person_id record_id status came:boolean bought:Int64",
    "companies": "crm company_id organisation_id name sector city level contacts:Int64",
    "contacts": "crm record_id person_id kind company_id owner_id source_id",
    "deals": (
        "crm deal_id record_id person_id company_id owner_id seller source pipeline_id sales_pipeline_id opened:day "
        "expected:day closed:day outcome served_status stage:Int64 sales_stage:Int64 amount:float64 months:Int64 "
        "cost:float64 total_amount:float64 chance:float64 reason"
    ),
    "deal_stages": "crm deal_id pipeline_id pipeline kind stage:Int64 entered:day left:day",
    "follow_ups": (
        "crm record_id person_id kind organization_id permission status archived:day first:boolean visit:day channel "
        "leader_id delay:Int64 reached:boolean"
    ),
    "interactions": "crm interaction_id record_id person_id type_id timestamp:instant initiators:object",
    "survey_answers": (
        "crm survey_id sheet_id answer_id record_id person_id question_id question value completed:instant "
        "updated:instant latest:boolean"
    ),
    "coverage": (
        "crm project_id subproject_id team_id team function_id function published:boolean shift:Int64 start:instant "
        "end:instant day:day weekday hour:Int64 needed:Int64 confirmed:Int64 not_cancelled:Int64 gap:Int64 "
        "needed_hours:float64 confirmed_hours:float64 gap_hours:float64 chance:float64"
    ),
    "shifts": (
        "crm team_id shift:Int64 start:instant end:instant day:day weekday hour:Int64 gross_hours:float64 "
        "break_hours:float64 net_hours:float64 over_midnight:boolean changes_clocks:boolean"
    ),
    "enrolments": (
        "crm enrolment_id record_id person_id project_id team_id status cancelled:boolean counts:boolean orphan:boolean "
        "came:boolean arrived:instant left:instant late:float64"
    ),
    "double_bookings": (
        "crm record_id person_id enrolment_id team_id other_enrolment_id other_team_id start:instant end:instant"
    ),
    "availabilities": ("crm availability_id record_id person_id type_id sense period approved:boolean start:instant end:instant"),
    "events": (
        "crm event_uri number:Int64 name kind audience start:day end:day state taken series capacity:Int64 price:float64 "
        "currency outdoors:boolean km_east:float64 km_north:float64 temperature:float64 rain:float64"
    ),
    "event_attendance": (
        "crm event_uri session_uri person_id record_id guest:boolean status served reply came:boolean replied:day"
    ),
    "event_orders": (
        "crm event_uri buyer_uri organisation:boolean currency total:float64 paid:float64 tickets:Int64 heads:Int64"
    ),
    "memberships_sheepcrm": (
        "crm uri person_id record_id plan family start:day end:day renewed:boolean has_renewed:boolean cancelled:day "
        "status amount:float64 currency paid:boolean linked:Int64"
    ),
}


def _typed(words: str) -> Mapping[str, str]:
    """Columns with their dtypes."""
    pairs = (word.partition(":") for word in words.split())
    return {name: dtype or "string" for name, _, dtype in pairs}


COLUMNS: Mapping[str, Mapping[str, str]] = {name: _typed(words) for name, words in _FRAMES.items()}
