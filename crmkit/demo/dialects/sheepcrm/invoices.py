"""Invoices of orders and memberships. The signatures are plainly false and open nothing but this demo."""

from __future__ import annotations

from datetime import date

from crmkit.demo.dialects.sheepcrm.ids import Json, money, number_in, oid, uri
from crmkit.demo.dialects.sheepcrm.members import created
from crmkit.demo.dialects.sheepcrm.office import Office, label, name_of, ticket_uid
from crmkit.demo.organisations import Organisation
from crmkit.demo.records import Record
from crmkit.demo.renewing import Term
from crmkit.demo.ticketing import Line, Order

SIGNATURE = "demo-secret-signature"
_LETTERHEAD = {
    "address": ["Dijlevallei 1", "3000 Leuven"],
    "contact_details": "SK Dijlevallei, Dijlevallei 1, 3000 Leuven",
    "contact_email": "tickets@dijlevallei.example",
    "contact_phone": "+32160000000",
    "default_currency": "gbp",
    "flock_name": "SK Dijlevallei",
    "logo_url": "https://www.dijlevallei.example/logo.png",
    "payment_detail_notes": "Vermeld het nummer van de factuur.",
    "payment_details": "Op rekening van SK Dijlevallei",
    "postal_code": "3000",
    "purchase_order_string": "Bestelbon",
    "tax_name": "BTW",
    "template": "standard",
    "vat_number": "BE0999.000.000",
}


class Invoices:
    """Invoices by type: an order by any of its tickets, a membership by its record, an invoice by either's number."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def found(self, kind: str, uid: str) -> Json:
        """The invoice of a type and a uid; KeyError where there is none."""
        if kind == "membership":
            return self._membership(kind, uid, self._office.terms[uid])
        if kind == "invoice":
            number = number_in("invoice", uid)
            return self._numbered(uid, number)
        event_uid, order, _ = self._office.ticket(uid)
        return self._order(kind, uid, event_uid, order)

    def _numbered(self, uid: str, number: int) -> Json:
        """An invoice by its own id: even numbers are memberships, odd ones orders."""
        if number % 2 == 0:
            member = oid("member", number // 2)
            return self._membership("invoice", uid, self._office.terms[member])
        event_uid = self._office.event_uids[number >> 17]
        for order in self._office.sheet(event_uid).orders:
            if _number(order.lines[0]) == number:
                return self._order("invoice", uid, event_uid, order)
        raise KeyError(uid)

    def _order(self, kind: str, uid: str, event_uid: str, order: Order) -> Json:
        event, first = self._office.events[event_uid], order.lines[0]
        items = [
            _item(event.offers[line.offer].name, line.quantity, line.cents, line.currency, uri("ticket", ticket_uid(event, line)))
            for line in order.lines
            if line.currency == first.currency
        ]
        paid, total = order.paid[first.currency], order.totals[first.currency]
        money_facts = _sums(total, paid, first.currency, kind, uid, oid("invoice", _number(first)))
        return self._invoice(order.buyer, uri("booking", event_uid), label(event), order.bought.date(), items, money_facts)

    def _membership(self, kind: str, uid: str, term: Term) -> Json:
        currency = term.plan.currency
        member = oid("member", term.number)
        items = [_item(term.plan.name, 1, term.cents, currency, uri("member", member))]
        sums = _sums(term.cents, term.cents if term.paid else 0, currency, kind, uid, oid("invoice", term.number * 2))
        return self._invoice(term.record, uri("member", member), name_of(term.record), created(term).date(), items, sums)

    def _invoice(self, buyer: Record | Organisation, context: str, what: str, day: date, items: list[Json], sums: Json) -> Json:
        ref = self._office.buyer_uri(buyer)
        return {
            "billing_contact": ref,
            "buyer": _buyer(buyer),
            "buyer_ref": ref,
            "config": dict(_LETTERHEAD),
            "context": context,
            "date": day.isoformat(),
            "for_the_attention_of": name_of(buyer),
            "line_items": items,
            "purchase_order_no": "",
            "xero_invoice_ref": "",
            "xero_ready": False,
            **sums,
            "links": [{"filename": f"{sums['id']}.pdf", "href": "", "prompt": f"Factuur {what}", "rel": "pdf"}],
        }


def _number(first: Line) -> int:
    """The number of an order's invoice, odd; it names the event and the first line."""
    return first.event << 17 | first.number << 1 | 1


def _sums(total: int, paid: int, currency: str, kind: str, uid: str, invoice: str) -> Json:
    return {
        "currency": currency,
        "due": money(total - paid),
        "id": f"F{int(invoice[16:], 16):07d}",
        "invoice_currency": currency,
        "invoice_uri": uri("invoice", invoice),
        "number_of_payments": int(paid > 0),
        "payment_reference_uri": uri("payment", oid("payment", int(invoice[16:], 16))) if paid else None,
        "signature": SIGNATURE,
        "signed_invoice_uri": f"{uri(kind, uid)}{SIGNATURE}/",
        "status": "paid" if paid == total else "part-paid" if paid else "unpaid",
        "tax_total": 0,
        "total": money(total),
        "total_before_tax": money(total),
        "total_paid": money(paid),
        "total_scheduled": 0,
        "total_tax": 0,
    }


def _item(name: str, quantity: int, cents: int, currency: str, ref: str) -> Json:
    return {
        "currency": currency,
        "name": name,
        "price": money(cents // quantity),
        "quantity": quantity,
        "ref": ref,
        "tax": "zero",
        "tax_rate": 0,
        "tax_total": 0,
        "tax_total_float": 0.0,
        "total": money(cents),
        "total_before_tax": money(cents),
        "total_float": cents / 100,
        "xero_account_code": "200",
    }


def _buyer(buyer: Record | Organisation) -> Json:
    if isinstance(buyer, Record):
        card = buyer.card
        street, code, city, mail, phone, vat = (*(card[n] for n in ("street", "postal_code", "city", "email", "phone")), "")
    else:
        home = buyer.home
        street, code, city, mail, phone, vat = home.street, home.postal_code, home.city, buyer.mail, "", buyer.vat_number
    return {
        "buyer_address": [street, f"{code} {city}"],
        "buyer_country": "BE",
        "buyer_email": mail,
        "buyer_locality": city,
        "buyer_name": name_of(buyer),
        "buyer_postal_code": code,
        "buyer_region": "Vlaams-Brabant",
        "buyer_telephone": phone,
        "buyer_vat_number": vat,
    }
