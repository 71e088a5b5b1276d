"""Paths that the document names for writing only, and whose writes are not taken: every method is refused there."""

from __future__ import annotations

_OF_CONTACT = (
    "assign_tag/<tag>",
    "unassign_tag/<tag>",
    "change_status/<of>",
    "change_owner/<of>",
    "star",
    "unstar",
    "close_sales_cycle",
    "force_close_sales_cycle",
    "reopen_sales_cycle",
    "split",
    "contact_photo",
    "google_contacts",
)
_OF_ACTION = ("unassign", "mark_as_done", "undo_completion", "unlink", "promote", "revert_promotion", "swap")
WRITE_ONLY = (
    "/change_auth_key",
    "/attachments",
    "/attachments/<key>",
    "/attachments/<key>/<any(pin,unpin):what>",
    "/<any(notes,calls,meetings,deals):kind>/<key>/attachments",
    "/companies/<key>/<any(synced_status,logo):what>",
    "/companies/<key>/linked_contacts/<of>",
    "/contacts/delete",
    "/notifications/mark_all_as_read",
    "/notifications/<key>/mark_as_read",
    *(f"/contacts/<key>/{what}" for what in _OF_CONTACT),
    *(f"/actions/<key>/{what}" for what in _OF_ACTION),
)
