"""The five systems as seen from outside: login, paths, page parameters, envelopes, refusals."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime
from typing import Any, ClassVar

from . import people
from .answers import Answer
from .calls import Call
from .dials import MISSING
from .listing import Page

Record = dict[str, Any]

USER_ID = "5f0000000000000000000001"  # OnePageCRM's user name for Basic
TIMESTAMP = 1709285400


class Dialect:
    """What the systems share, with the most usual form of each part."""

    name: ClassVar[str]
    prefix: ClassVar[str] = ""  # of the base URL
    lists: ClassVar[tuple[str, ...]]  # patterns of the list's paths below the base URL
    content_type: ClassVar[str] = "application/json"
    slash: ClassVar[bool] = False  # does every path end with one?
    by_offset: ClassVar[bool] = False
    position_name: ClassVar[str] = "page"
    size_name: ClassVar[str]
    default_size: ClassVar[int]
    largest_size: ClassVar[int | None] = None
    zero_counts: ClassVar[bool] = False  # is a size of 0 a way to ask for the total alone?
    cap: ClassVar[int | None] = None  # paging reaches no further
    id_name: ClassVar[str] = "id"
    text_name: ClassVar[str]  # a field that takes any text
    links: ClassVar[bool] = False  # does a page carry links to its neighbours?
    plain_links: ClassVar[bool] = False  # do they say http, whatever the base URL says?
    rolls: ClassVar[bool] = False  # does every answer bring a new token?

    @property
    def first_position(self) -> int:
        return 0 if self.by_offset else 1

    def index_of(self, position: int, size: int) -> int:
        return max(0, position) if self.by_offset else (max(1, position) - 1) * size

    def position_of(self, index: int, size: int) -> int:
        return index if self.by_offset else index // size + 1

    def credential(self, call: Call) -> str | None:
        """The token that the call presents in this system's form."""
        return after("Bearer ", call.headers.get("authorization"))

    def record(self, number: int, path: str | None) -> Record:
        raise NotImplementedError

    def newcomer(self, number: int, path: str | None, call: int) -> Record:
        """A record that is put into the list just before this call is answered."""
        return self.record(number, path)

    def id_of(self, record: Record) -> Any:
        return record[self.id_name]

    def renumbered(self, identifier: Any, by: int) -> Any:
        """The id with this added to the number in it."""
        return str(int(identifier) + by)

    def fields(self, record: Record) -> Record:
        """Where a record keeps its fields."""
        return record

    def envelope(self, page: Page) -> Any:
        raise NotImplementedError

    def link_path(self, path: str) -> str:
        """How the system spells a path in its next links."""
        return path

    def error(self, status: int, text: str) -> Any:
        raise NotImplementedError

    def throttled(self, wait: float) -> Answer:
        return Answer(429, self.error(429, "Request was throttled."))


class Peepl(Dialect):
    """limit and offset, at most 10 a page, count and links that say http; every path ends with a slash."""

    name = "peepl"
    prefix = "/v1/admin"
    lists = (r"/contacts/", r"/contacts/search/")
    slash = True
    by_offset = True
    position_name, size_name = "offset", "limit"
    default_size = largest_size = 10
    text_name = "birth_place"
    links = plain_links = True

    def credential(self, call: Call) -> str | None:
        return after("Token ", call.headers.get("authorization"))

    def record(self, number: int, path: str | None) -> Record:
        return people.peepl_contact(number)

    def renumbered(self, identifier: Any, by: int) -> Any:
        return int(identifier) + by

    def envelope(self, page: Page) -> Any:
        return present({"count": page.total, "next": page.next_link, "previous": page.previous_link, "results": page.records})

    def error(self, status: int, text: str) -> Any:
        return {"detail": text}


class Beeple(Dialect):
    """page and page_items, links in another spelling than the path; a login header of its own."""

    name = "beeple"
    lists = (r"/api/v1/admin/collaborators/[^/]+/enrolments",)
    size_name, default_size = "page_items", 25
    text_name = "contract_type"
    links = True

    def credential(self, call: Call) -> str | None:
        return call.headers.get("token")

    def record(self, number: int, path: str | None) -> Record:
        return people.beeple_enrolment(number)

    def envelope(self, page: Page) -> Any:
        *_, owner, key = page.path.split("/")
        back = "previous" if key == "enrolments" else "prev"
        return present({"id": owner, key: page.records, "count": page.total, back: page.previous_link, "next": page.next_link})

    def link_path(self, path: str) -> str:
        return path.replace("/api/v1/", "/api/v1/en/")

    def error(self, status: int, text: str) -> Any:
        return {"error": text, "errors": [text]}


class SheepCRM(Dialect):
    """page and page_size, no total, no links: only an empty page is the end."""

    name = "sheepcrm"
    lists = (rf"/segments/v2/{people.BUCKET}/all", rf"/events/v2/{people.BUCKET}/bookings/[a-z]+")
    size_name, default_size = "page_size", 250
    id_name, text_name = "uri", "description"

    def record(self, number: int, path: str | None) -> Record:
        return people.sheep_booking(number) if path and "/events/" in path else people.sheep_segment(number)

    def renumbered(self, identifier: Any, by: int) -> Any:
        bucket, kind, uid = identifier.strip("/").split("/")
        return f"/{bucket}/{kind}/{int(uid, 16) + by:024x}/"

    def envelope(self, page: Page) -> Any:
        return {"bookings" if "/events/" in page.path else "segments": page.records}

    def error(self, status: int, text: str) -> Any:
        return {"description": text, "error": text, "type": "error"}

    def throttled(self, wait: float) -> Answer:
        headers = {
            "x-rate-limit-limit": "40, 400;window=60, 1000;window=3600",
            "x-rate-limit-remaining": "0",
            "x-rate-limit-reset": str(max(1, round(wait))),
        }
        return Answer(429, self.error(429, "Too many calls."), headers)


class MissionHub(Dialect):
    """page[limit] and page[offset], meta.total, JSON:API, a new token beside every success."""

    name = "missionhub"
    prefix = "/apis/v4"
    lists = (r"/people",)
    content_type = "application/vnd.api+json"
    by_offset = True
    position_name, size_name = "page[offset]", "page[limit]"
    default_size = 25
    zero_counts = True
    text_name = "major"
    rolls = True

    def credential(self, call: Call) -> str | None:
        return super().credential(call) or dict(call.query).get("access_token")

    def record(self, number: int, path: str | None) -> Record:
        return people.missionhub_person(number)

    def fields(self, record: Record) -> Record:
        attributes = record.get("attributes")
        return attributes if isinstance(attributes, dict) else record

    def envelope(self, page: Page) -> Any:
        links = {"links": {"next": page.next_link}} if page.next_link else {}
        return {"data": page.records, "included": [], "meta": present({"total": page.total}), **links}

    def error(self, status: int, text: str) -> Any:
        return {"errors": [{"status": str(status), "detail": text}]}


class OnePageCRM(Dialect):
    """page and per_page, wrapped records, a cap on paging, text with 403 when throttled."""

    name = "onepagecrm"
    prefix = "/api/v3"
    lists = (r"/contacts",)
    size_name, default_size, largest_size = "per_page", 10, 100
    cap = 10_000
    text_name = "background"

    def credential(self, call: Call) -> str | None:
        user, _, key = basic(call.headers.get("authorization")).partition(":")
        return key if user == USER_ID else None

    def record(self, number: int, path: str | None) -> Record:
        return people.onepage_item(number)

    def renumbered(self, identifier: Any, by: int) -> Any:
        return people.hex_id(int(identifier, 16) + by)

    def envelope(self, page: Page) -> Any:
        key = page.path.rsplit("/", 1)[-1]
        return self.success(
            {
                key: wrapped(page.records, key),
                **present({"total_count": page.total}),
                "page": page.position,
                "per_page": page.size,
                "max_page": page.last,
            },
            page.call,
        )

    def batch(self, records: list[Record], left: Any, link: str) -> Any:
        """A batch of the cascade: no page fields."""
        return self.success({"contacts": wrapped(records, "contacts"), **present({"items_left": left}), "next_set_url": link})

    def success(self, data: Any, seconds: int = 0) -> Any:
        """Every call takes a second of the server's own clock."""
        return {"status": 0, "message": "OK", "timestamp": TIMESTAMP + seconds, "data": data}

    def newcomer(self, number: int, path: str | None, call: int) -> Record:
        made = datetime.fromtimestamp(TIMESTAMP + call, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {**self.record(number, path), "created_at": made, "modified_at": made}

    def error(self, status: int, text: str) -> Any:
        return {"status": status, "message": text, "error_name": "request_failed", "error_message": text, "errors": {}}

    def throttled(self, wait: float) -> Answer:
        return Answer(403, "Rate limit exceeded", {"Content-Type": "text/plain"})


DIALECTS: dict[str, Dialect] = {dialect.name: dialect for dialect in (Peepl(), Beeple(), SheepCRM(), MissionHub(), OnePageCRM())}


def after(word: str, header: str | None) -> str | None:
    return header.removeprefix(word) if header and header.startswith(word) else None


def basic(header: str | None) -> str:
    """User name and password of a Basic header, or nothing."""
    try:
        return base64.b64decode(after("Basic ", header) or "", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def present(fields: Record) -> Record:
    return {name: value for name, value in fields.items() if value is not MISSING}


def wrapped(records: list[Record], key: str) -> list[Record]:
    """Every record under its own noun: contacts[].contact, companies[].company."""
    noun = re.sub(r"ies$", "y", key) if key.endswith("ies") else key.removesuffix("s")
    return [{noun: record} for record in records]
