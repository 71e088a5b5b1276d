"""What an account has been set up with: users, sources, statuses, stages, catalogue, templates, lists."""

from __future__ import annotations

from collections.abc import Sequence

from crmkit.demo.dialects.onepagecrm.ids import Json, oid
from crmkit.demo.names import CLUB
from crmkit.demo.people import ascii_letters
from crmkit.demo.selling import EVENT, PIPELINES, PRODUCTS, REASONS, SALES, SEASON, Pipeline
from crmkit.demo.sponsoring import SOURCES, Seller

# Own sources have an id instead of a slug.
SOURCE_IDS = {
    source.name: slug or oid("source", place)
    for place, (source, slug) in enumerate(
        zip(SOURCES, ("referral", "networking", "email_web", "advertisement", "cold_call", ""), strict=True)
    )
}
SOURCE_NAMES = {slug: name for name, slug in SOURCE_IDS.items()}
REASON_IDS = {reason: oid("reason", place) for place, reason in enumerate(REASONS, 1)}
_RIGHTS = ("activity", "edit_target", "pipeline", "export", "private_contacts")
_OWNER_RIGHTS = ("account_owner", "admin", "create_report", "deal_items", "delete_contacts", "delete_deals", "bulk_owner")
STATUSES = (
    ("lead", "Lead", "Nog geen gesprek gehad", "666666"),
    ("prospect", "Prospect", "Er loopt een voorstel", "f96600"),
    ("customer", "Sponsor", "Sponsort of sponsorde ons", "009900"),
    ("inactive", "Inactief", "Zei neen", "cc0000"),
    ("custom1", "Partner in natura", "Levert in plaats van te betalen", "3399ff"),
    ("custom2", "Pers", "Geen sponsor", "ff00ff"),
)
STATUS_IDS = {slug: oid("status", place) for place, (slug, *_) in enumerate(STATUSES, 1)}
STATUS_TEXTS = {slug: text for slug, text, *_ in STATUSES}
OWN_RESULT = oid("result", 1)
CALL_RESULTS = {
    "interested": "Geïnteresseerd",
    "not_interested": "Niet geïnteresseerd",
    "left_message": "Bericht ingesproken",
    "no_answer": "Geen antwoord",
    "other": "Andere",
    OWN_RESULT: "Belt zelf terug",
}
_COUNTRIES = (
    ("Austria", "AT", "+43"),
    ("Belgium", "BE", "+32"),
    ("Switzerland", "CH", "+41"),
    ("Germany", "DE", "+49"),
    ("Denmark", "DK", "+45"),
    ("Spain", "ES", "+34"),
    ("France", "FR", "+33"),
    ("United Kingdom", "GB", "+44"),
    ("Ireland", "IE", "+353"),
    ("Italy", "IT", "+39"),
    ("Luxembourg", "LU", "+352"),
    ("Netherlands", "NL", "+31"),
    ("Portugal", "PT", "+351"),
    ("United States", "US", "+1"),
)
_SAVED_ACTIONS = (
    ("#1 Mail [firstname] met de sponsormap", 0),
    ("#2 Bel [firstname] over de sponsormap", 4),
    ("#3 Nodig [firstname] uit op een thuiswedstrijd", 10),
    ("Vraag logo in hoge resolutie", 2),
    ("Stuur factuur", 14),
)


def user_id(seller: Seller) -> str:
    """The id of a seller as a user."""
    return oid("user", seller.number)


def short_name(seller: Seller) -> str:
    """First name and initial, as the author of a record is shown."""
    return f"{seller.first_name} {seller.last_name[:1].upper()}."


def user(seller: Seller, caller: str) -> Json:
    """A user; two of the fields are in the caller's own record only."""
    mail = f"{ascii_letters(seller.first_name)}.{ascii_letters(seller.last_name)}@dijlevallei.example"
    found: Json = {
        "id": user_id(seller),
        "first_name": seller.first_name,
        "last_name": seller.last_name,
        "email": mail,
        "company_name": CLUB,
        "account_rights": [*(_OWNER_RIGHTS if seller.number == 1 else ()), *_RIGHTS],
        "photo_url": f"https://files.dijlevallei.example/users/{seller.number}.jpg",
        "country_code": "BE",
    }
    if found["id"] == caller:
        found |= {"bcc_email": f"{found['id']}@users.example.net", "google_contacts_email": mail}
    return found


def pipeline_id(pipeline: Pipeline) -> str:
    """The id of a pipeline."""
    return oid("pipeline", pipeline.number)


def stages(pipeline: Pipeline) -> list[Json]:
    """The stages of a pipeline."""
    return [{"stage": stage, "label": label} for stage, label in pipeline.stages]


def pipelines() -> list[Json]:
    """All pipelines; the first is everybody's default."""
    return [
        {
            "id": pipeline_id(each),
            "name": each.name,
            "type": each.kind,
            "default": each is PIPELINES[0],
            "won_column_enabled": each.kind == SALES,
            "won_column_name": "Getekend" if each.kind == SALES else "",
            "stages": stages(each),
        }
        for each in PIPELINES
    ]


_GROUPS = (SEASON, EVENT)


def items() -> list[Json]:
    """The catalogue."""
    return [
        {
            "id": oid("product", each.number),
            "name": each.name,
            "description": each.description,
            "cost": each.cost,
            "price": each.price,
            "position": each.number,
            "item_group_id": oid("group", _GROUPS.index(each.group) + 1) if each.group else "",
        }
        for each in PRODUCTS
    ]


def item_groups() -> list[Json]:
    """Bundles of the catalogue."""
    found = []
    for place, name in enumerate(_GROUPS, 1):
        ids = [oid("product", each.number) for each in PRODUCTS if each.group == name]
        found.append({"id": oid("group", place), "name": name, "position": place, "count": len(ids), "item_ids": ids})
    return found


def saved_actions() -> list[Json]:
    """Templates of actions."""
    return [
        {"id": oid("saved action", place), "text": text, "days": days} for place, (text, days) in enumerate(_SAVED_ACTIONS, 1)
    ]


def saved_action_groups() -> list[Json]:
    """The first three templates make a sequence, the last two another."""
    ids = [each["id"] for each in saved_actions()]
    parts: Sequence[tuple[str, list[str]]] = (("Eerste contact", ids[:3]), ("Na de handtekening", ids[3:]))
    return [
        {"id": oid("saved action", 100 + place), "text": text, "position": place, "action_ids": part}
        for place, (text, part) in enumerate(parts)
    ]


def countries() -> list[Json]:
    """Countries in the order of their codes."""
    return [{"name": name, "code": code, "phone_prefix": prefix} for name, code, prefix in _COUNTRIES]


def webhooks() -> list[Json]:
    """Subscriptions; their keys are no secret of anybody's."""
    return [
        {
            "id": oid("webhook", place),
            "name": name,
            "hook_url": f"https://hooks.dijlevallei.example/{place}",
            "secretkey": f"demo-secret-webhook-key-{place}" if place < 3 else "",
        }
        for place, name in enumerate(("Boekhouding", "Nieuwsbrief", "Proef"), 1)
    ]
