"""The dials: one field per fault, all off, each constant or scheduled by call.

A dial takes a plain value, or a schedule of plain values:

- a dict {call number: value}: that value on that call, off on the others (the first call is 1);
- a list: one value per call from the moment it is set, then off;
- a function of the call number.

None switches a dial off, except for total, where None is a lie of its own and OFF switches it off.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any

Dial = Any


class Switch(Enum):
    """OFF: no lie. MISSING: the field is left out of the answer."""

    OFF = "off"
    MISSING = "missing"


OFF = Switch.OFF
MISSING = Switch.MISSING


@dataclass(kw_only=True, slots=True, eq=False)
class Dials:
    """All dials with their off values; draw() gives the plain values that hold for one call."""

    # Time
    latency: Dial = 0.0  # seconds before the answer
    jitter: Dial = 0.0  # up to so many seconds more, from a seeded generator
    slow_drip: Dial = None  # (bytes, seconds): the body in pieces of so many bytes, so far apart

    # The socket
    reset_at: Dial = None  # reset after so many bytes of the body; below 0: so many bytes before its start
    half_body: Dial = False  # the true length announced, half of the body sent, then an orderly close
    wrong_content_length: Dial = 0  # added to the true length: above 0 too long, below 0 too short
    no_content_length: Dial = False  # the body ends where the connection does; hides a half body
    gzip_lies: Dial = False  # says Content-Encoding: gzip over plain bytes

    # Refusals
    throttle: Dial = None  # True: the system's own way; a status: that one, with the system's error body
    retry_after: Dial = None  # for refusals: seconds, a timedelta (an HTTP date so far ahead) or text as is
    status: Dial = None  # answers with this status and the system's error body
    redirect: Dial = None  # "same", "other" host, "http" (a downgrade under TLS), "loop", or a whole address
    html_login: Dial = False  # 200 with a page to log in
    error_in_200: Dial = False  # the system's error body with 200

    # The body
    not_json: Dial = False
    empty_body: Dial = False
    echo_credential: Dial = False  # the credential inside the body, also of errors

    # Paging
    page_size: Dial = None  # the page is silently cut to this many records
    ignore_page: Dial = False  # always the first page
    repeat_page: Dial = None  # every page after this one is this one again
    loop_links: Dial = None  # the next link leads to this very page ("self") or to the "first"
    foreign_next: Dial = False  # the next link names another host, which listens (see strayed)
    next_missing_offset: Dial = False  # the next link lacks its position
    early_end: Dial = None  # nothing after so many pages, though the total says more
    total: Dial = OFF  # a number to add, None, "moving" (grows every call), "missing", or text as is

    # Records: True for all records of the page, a number for the one at that place
    duplicate_ids: Dial = None  # the id of the first record of the page
    missing_ids: Dial = None  # no id; "null": a null id on all
    big_ids: Dial = None  # ids beyond 2**53: BIG_ID is added to the number in the id
    null_objects: Dial = None  # null wherever an object was
    objects_for_lists: Dial = None  # an object wherever a list was
    key_collision: Dial = None  # {"a": {"b": 1}, "a.b": 2}
    nan_literals: Dial = None  # NaN, Infinity and -Infinity, which JSON does not have
    invalid_utf8: Dial = None  # bytes inside a text that no UTF-8 has

    # Records: a size on the first record of the page
    big_record: Dial = None  # a text of so many bytes; True: 10 MB
    deep_nesting: Dial = None  # objects so deep in each other; True: 100,000

    def __setattr__(self, name: str, value: Any) -> None:
        # A list is used up call by call: the copy keeps the caller's own list whole.
        scheduled = isinstance(value, list) and name in NAMES
        object.__setattr__(self, name, deque(value) if scheduled else value)

    def draw(self, number: int) -> Dials:
        """The plain values for the call of this number; lists lose their first item."""
        return Dials(**{field.name: plain(getattr(self, field.name), number, field.default) for field in fields(Dials)})


NAMES = frozenset(field.name for field in fields(Dials))


def plain(dial: Dial, number: int, off: Any) -> Any:
    """The value of one dial on one call."""
    if callable(dial):
        value = dial(number)
    elif isinstance(dial, dict):
        value = dial.get(number, off)
    elif isinstance(dial, deque):
        value = dial.popleft() if dial else off
    else:
        value = dial
    return off if value is None and off is not OFF else value
