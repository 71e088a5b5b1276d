"""Attachments: names and sizes of files, and addresses that are signed and expire."""

from __future__ import annotations

from datetime import datetime, timedelta

from crmkit.demo.clock import NOW
from crmkit.demo.dialects.onepagecrm.ids import Json, instant, oid

_NAMES = ("sponsormap.pdf", "logo.png", "contract.pdf", "drukproef.jpg", "factuur.pdf")
_STORES = ("amazon", "amazon", "google_drive", "dropbox", "evernote")
_FIRST = {"deal": 0, "note": 1 << 24, "call": 2 << 24, "meeting": 3 << 24}
_HOST = "https://files.dijlevallei.example"


def attachment(parent: str, number: int, moment: datetime, pinned: bool = False) -> Json:
    """The one file of a deal, note, call or meeting."""
    name = _NAMES[number % len(_NAMES)]
    found = oid("attachment", _FIRST[parent] + number, moment)
    return {
        "id": found,
        "filename": name,
        "custom_filename": f"{parent} {number} {name}" if number % 3 == 0 else "",
        "pinned": pinned,
        "pinned_at": instant(min(NOW, moment + timedelta(hours=3))) if pinned else None,
        "size": 3841 + number * 977 % 900_000,
        "storage_provider": _STORES[number % len(_STORES)],
        "url": f"{_HOST}/{found}/{name}?signature=demo-secret-signature",
        "url_expires_at": instant(NOW + timedelta(hours=1)),
        "thumbnail": {"url": f"{_HOST}/{found}/thumbnail.jpg"},
    }
