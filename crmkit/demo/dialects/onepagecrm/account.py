"""One account: its records put together, and the answers that are about the account itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from typing import TypeVar

from crmkit.demo.club import Club
from crmkit.demo.dialects.onepagecrm import fields, reference
from crmkit.demo.dialects.onepagecrm.actions import Actions
from crmkit.demo.dialects.onepagecrm.contacts import Contacts
from crmkit.demo.dialects.onepagecrm.deals import Deals
from crmkit.demo.dialects.onepagecrm.ids import Json
from crmkit.demo.dialects.onepagecrm.logbook import Logbook
from crmkit.demo.dialects.onepagecrm.query import Invalid
from crmkit.demo.dialects.onepagecrm.reference import CALL_RESULTS, user, user_id
from crmkit.demo.dialects.onepagecrm.register import Register
from crmkit.demo.dialects.onepagecrm.segments import Segments
from crmkit.demo.dialects.onepagecrm.ties import Ties
from crmkit.demo.selling import SEASON_PIPELINE
from crmkit.demo.wsgi import Refused

AUTH_KEY = "demo-secret-auth-key"
Found = TypeVar("Found")
_SETTINGS: Json = {
    "reminder": {"type": "every_day", "hour": 7},
    "time_zone": "Europe/Brussels",
    "not_working_days": "weekend",
    "date_format": "%d/%m/%Y",
    "time_with_ampm": False,
    "listing_size": 10,
    "currency": "EUR",
    "currency_symbol": "€",
    "separator": ",",
    "delimiter": ".",
    "popular_countries": ["BE", "NL", "FR", "DE"],
    "default_contact_type": "company",
    "show_tidy_stream": False,
    "show_company_fields_with_contact": True,
    "company_phone_enabled": True,
    "company_url_enabled": True,
    "company_address_enabled": True,
    "company_description_enabled": True,
    "send_push_notifications": True,
    "clipper_beta": False,
    "bcc_email_enabled": True,
}


class Account:
    """The records of the account, and who is in it."""

    def __init__(self, club: Club) -> None:
        self.register = Register(club)
        self.deals = Deals(self.register)
        self.logbook = Logbook(self.register, self.deals)
        self.actions = Actions(self.register)
        self.contacts = Contacts(self.register, self.deals, self.logbook, self.actions)
        self.segments = Segments(self.register, self.contacts, self.deals, self.actions)
        self.ties = Ties(self.register)

    def users(self, caller: str) -> list[Json]:
        """Everybody who uses the account."""
        return [user(each, caller) for each in self.register.sellers]

    def admins(self, caller: str, found: Found) -> Found:
        """What only somebody with admin rights may see."""
        if "admin" not in self.register.owner[caller]["account_rights"]:
            raise Refused(403, "You need admin rights for that.")
        return found

    @cached_property
    def call_results(self) -> list[Json]:
        """Outcomes of calls, with how often each was chosen."""
        calls = self.logbook.calls.values()
        owners = {number: user_id(each.seller) for number, each in self.register.contacts.items()}
        found = []
        for key, text in CALL_RESULTS.items():
            team = Counter(owners[each["contact_id"]] for each in calls if each["call_result"] == key)
            counts = [{"user_id": owner, "counts": number} for owner, number in sorted(team.items())]
            total = team.total()
            found.append({"result": key, "text": text, "counts": total, "total_counts": total, "team_counts": counts})
        return found

    def s3_form(self, query: Mapping[str, str]) -> Json:
        """A form for an upload that nobody makes."""
        if "contact_id" not in query:
            raise Invalid("contact_id", "is missing")
        if query["contact_id"] not in self.register.contacts:
            raise Refused(404, "Contact not found.")
        return {
            "quota": 1073741824,
            "display_quota": "1024MB",
            "url": "https://uploads.dijlevallei.example/",
            "fields": {
                "key": "",
                "x-ignore-pattern": f"{query['contact_id']}/__timestamp__/${{filename}}",
                "acl": "private",
                "success_action_status": 201,
                "policy": "demo-secret-policy",
                "x-amz-algorithm": "AWS4-HMAC-SHA256",
                "x-amz-credential": "demo-secret-credential",
                "x-amz-date": "20240615T100000Z",
                "x-amz-signature": "demo-secret-signature",
            },
        }

    def bootstrap(self, caller: str) -> tuple[Json, Json]:
        """What the app asks for when it starts: data, and the counters beside it."""
        pipelines = reference.pipelines()
        data = {
            "user_id": caller,
            "auth_key": AUTH_KEY,
            "user": self.register.owner[caller],
            "team": self.users(caller),
            "account_type": "pro",
            "settings": {
                **_SETTINGS,
                "deal_stages": reference.stages(SEASON_PIPELINE),
                "pipelines": [{"pipeline": each} for each in pipelines],
            },
            "cost_setup": {
                "cost_enabled": True,
                "cost_required": False,
                "commission_base": "amount",
                "commission_percentage": 7.5,
            },
            "custom_fields": fields.DEFINITIONS[fields.CONTACT],
            "company_fields": fields.DEFINITIONS[fields.COMPANY],
            "deal_fields": fields.DEFINITIONS[fields.DEAL],
            "filters": list(self.segments.filters.values()),
            "call_results": CALL_RESULTS,
            "call_results_order": list(CALL_RESULTS),
            "next_action_dates": [{"number": 5, "period": "days"}, {"number": 2, "period": "weeks"}],
            "predefined_actions": reference.saved_actions(),
            "contact_titles": ["Mr", "Mrs", "Ms"],
        }
        return data, self.segments.counters(caller)
