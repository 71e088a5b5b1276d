"""Memberships as sheepCRM prints them: the history of a contact, one record in short and whole, extras of a plan."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from crmkit.demo.dialects.sheepcrm.ids import FOUNDED, Json, may, midnight, money, naive, oid, uri
from crmkit.demo.dialects.sheepcrm.office import Office, name_of
from crmkit.demo.renewing import FAMILY, FRIEND, PLANS, YOUTH, Term


class Members:
    """Membership terms."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self.plans = {oid("membership_type", plan.number): plan for plan in PLANS}

    def history(self, uid: str) -> Json:
        """All terms of a person, the newest first."""
        record = self._office.records[uid]
        found = [self.whole(each) for each, _ in reversed(self._office.terms_of.get(record.record_id, []))]
        return {"contact_uri": uri("person", uid), "count": len(found), "memberships": found}

    def short(self, uid: str) -> Json:
        """What a summary shows of one record."""
        names = ("uri", "uid", "display_value", "member", "membership_type", "membership_number", "membership_record_status")
        whole = self.whole(uid)
        return {name: whole[name] for name in (*names, "start_date", "end_date")}

    def detailed(self, uid: str) -> Json:
        """One record whole, with the answers to the plan's own questions."""
        term = self._office.terms[uid]
        return {**self.whole(uid), "additional_fields": {"noodcontact": term.record.card["phone"]} if term.plan is YOUTH else {}}

    def whole(self, uid: str) -> Json:
        """One record."""
        term = self._office.terms[uid]
        member = uri("person", term.record.record_id)
        debit, card = term.method == "direct_debit", term.method == "stripe"
        paid_on = term.start + timedelta(days=6)
        return {
            "admin_contact": member,
            "advise_lapse": not term.auto,
            "amount": money(term.cents),
            "auto_renew": term.auto,
            "billing_contact": member,
            "cancellation_date": midnight(term.cancelled),
            "created": naive(created(term)),
            "currency": term.plan.currency,
            "display_value": f"{name_of(term.record)} - {term.plan.name}",
            "end_date": midnight(term.end),
            "externally_managed": False,
            "gc_subscription_id": f"SB{term.record.record_id[-6:].upper()}" if debit else None,
            "gift_aid": False,
            "has_renewed": term.renewed,
            "lapse_reason": term.reason,
            "last_updated": naive(updated(term)),
            "linked_members": [uri("person", other.record_id) for other in term.linked],
            "max_linked_members": term.plan.linked,
            "member": member,
            "membership_number": f"{2000 + int(term.record.record_id[-8:], 16)}",
            "membership_plan_type": "group" if term.plan is FAMILY else "individual",
            "membership_record_status": term.status,
            "membership_type": uri("membership_type", oid("membership_type", term.plan.number)),
            "mute_communications": False,
            "next_membership_type": self._next(term),
            "next_payment_plan": uri("payment_plan", oid("payment_plan", term.plan.number)),
            "paid": term.paid,
            "payment_date": midnight(paid_on) if term.paid else None,
            "payment_method": term.method,
            "payment_plan": uri("payment_plan", oid("payment_plan", term.plan.number)),
            "payment_reference": f"LID-{term.number:06d}" if term.paid and not debit else None,
            "period": "annual",
            "record_state": "active",
            "start_date": midnight(term.start),
            "stripe_subscription_id": f"sub_{term.record.record_id[-10:]}" if card else None,
            "tags": [term.plan.family],
            "tax": "exempt",
            "uid": uid,
            "uri": uri("member", uid),
            "user_interface": may("membership", "member"),
            "xero_account_code": None,
        }

    def _next(self, term: Term) -> str | None:
        """The plan of the term that follows or would follow, none after a cancellation."""
        if term.cancelled:
            return None
        plan = term.next_plan or term.plan
        return uri("membership_type", oid("membership_type", plan.number))

    def extras(self, uid: str) -> Json:
        """The extra settings of a plan."""
        plan = self.plans[uid]
        contact = {
            "field": "noodcontact",
            "label": "Noodcontact",
            "description": "Wie bellen we bij een ongeval?",
            "form_type": "tel",
            "required": True,
        }
        return {
            "membership_type": uri("membership_type", uid),
            "display_value": plan.name,
            "created": naive(FOUNDED),
            "additional_fields": [contact] if plan is YOUTH else [],
            "conditions": {"age": "< 18"} if plan is YOUTH else {} if plan is FRIEND else {"age": ">= 18"},
        }


def created(term: Term) -> datetime:
    """The moment at which a term was entered."""
    return datetime.combine(term.created, time(9 + term.number % 9, term.number % 60))


def updated(term: Term) -> datetime:
    """The moment of the last change."""
    return datetime.combine(max(term.created, term.cancelled or term.created), time(18, term.number % 60))
