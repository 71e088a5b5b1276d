"""What sheepCRM's answers look like beyond one list: facts beside it, objects keyed by data, files, and what the headers say."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import pandas as pd

from crmkit.answers import REMOVED, retry_after
from crmkit.columns import Column
from crmkit.errors import ShapeError
from crmkit.frames import Builder
from crmkit.records import MISSING, Pick, Record, at, dig, joined, keyed


def beside(listed: Pick, **names: str) -> Pick:
    """Records with facts that stand beside their list: column -> member of the envelope."""

    def pick(body: Any) -> list[Record]:
        facts = {column: value for column, name in names.items() if (value := dig(body, name)) is not MISSING}
        return [joined(record, facts) for record in listed(body)]

    return pick


def plain_references(listed: Pick) -> Pick:
    """Records whose references are URIs: {display_value, ref} becomes the URI, and its label a field beside it."""
    return lambda body: [_plain_references(record) for record in listed(body)]


def _plain_references(record: Record) -> Record:
    labelled = {name: one for name, one in record.items() if isinstance(one, dict) and isinstance(one.get("ref"), str)}
    labels = {f"{name}.{part}": value for name, one in labelled.items() for part, value in one.items() if part != "ref"}
    return {**record, **{name: one["ref"] for name, one in labelled.items()}, **labels} if labelled else record


def either(*paths: str) -> Pick:
    """A list, one object or null under the first of these names that is there; an answer with none of them is one record."""

    def pick(body: Any) -> list[Record]:
        found = next((path for path in paths if dig(body, path) is not MISSING), "")
        return at(found)(body)

    return pick


def order_records(body: Any) -> list[Record]:
    """The buyers of an event, keyed by URI, or one order by itself; sums keyed by currency become lines."""
    found = keyed("buyers", "buyer_uri")(body) if dig(body, "buyers") is not MISSING else at("")(body)
    uri = dig(body, "booking_uri")
    event = {} if uri is MISSING else {"booking_uri": uri}
    return [joined(order, {**event, **_totals(order, event)}) for order in found]


def _totals(order: Record, event: Record) -> Record:
    """A line per currency; a sum that is no object stays in order_total alone."""
    if "order_total" not in order:
        return {}
    sums = order["order_total"].items() if isinstance(order["order_total"], dict) else ()
    return {"order_totals": [joined(one, {"currency": currency, **event}) for currency, one in sums if isinstance(one, dict)]}


def response_records(body: Any) -> list[Record]:
    """Responses to the questions of an order; each question also names its response and the place of its section."""
    facts = {"booking_uri": "booking_uri", "booking_display_value": "booking_display_value", "buyer_uri": "buyer_uri"}
    found = beside(at("responses"), **facts)(body)
    return [{**one, "response": _with_origins(one.get("response"), one.get("uri"))} for one in found]


def _with_origins(response: Any, uri: Any) -> Any:
    if not isinstance(response, dict) or not isinstance(response.get("sections"), list):
        return response
    return {**response, "sections": [_with_places(section, uri, place) for place, section in enumerate(response["sections"])]}


def _with_places(section: Any, uri: Any, place: int) -> Any:
    questions = section.get("questions") if isinstance(section, dict) else None
    if not isinstance(questions, list):
        return section
    origin = {"response_uri": uri, "section_position": place}
    return {**section, "questions": [joined(one, origin) if isinstance(one, dict) else one for one in questions]}


CHANGED = ("user", "resource", "message", "clean_diff")


def audit_entries(body: Any) -> list[Record]:
    """Entries of an audit, in any of the shapes its two formats may have, each with a key that is the same in every answer.

    Record and moment alone are no key: moments may be printed in whole seconds, and an answer may end within one.
    """
    found = [one if isinstance(one, dict) else {"message": one} for one in the_list(body)]
    seen: Counter[str] = Counter()
    keyed_entries = []
    for one in found:
        dated = one.get("uri") and one.get("date")
        what = json.dumps([one.get(name) for name in CHANGED] if dated else one, sort_keys=True)
        mark = f"{one['uri']} {one['date']} {blake2b(what.encode(), digest_size=6).hexdigest()}" if dated else what
        keyed_entries.append({"entry": f"{mark} {seen[mark]}", **one})
        seen[mark] += 1
    return keyed_entries


def the_list(body: Any) -> list[Any]:
    """A list, or the only list of an object; the shape of these answers is not documented. Otherwise names the keys it found."""
    if isinstance(body, list):
        return body
    lists = {key: value for key, value in body.items() if isinstance(value, list)} if isinstance(body, dict) else {}
    of_objects = {key: value for key, value in lists.items() if value and all(isinstance(one, dict) for one in value)}
    found = of_objects or {key: value for key, value in lists.items() if not value} or lists
    if len(found) == 1 or (found and not any(found.values())):
        return next(iter(found.values()))
    keys = ", ".join(sorted(body)) if isinstance(body, dict) else "nothing, it is no object"
    raise ShapeError(f"expected a list, or an object with exactly one list of objects; found the keys {keys}.")


def any_records(body: Any) -> list[Record]:
    """The records of a segment, whatever they are."""
    return at("")(the_list(body))


def errors_beside(body: Any) -> list[str]:
    """How many errors an answer lists beside its records; their texts stay in the answer."""
    found = dig(body, "errors")
    return [f"the answer lists {len(found):,} errors beside its records"] if isinstance(found, list) and found else []


def unsigned(body: Any, _: bytes) -> Any:
    """An invoice without its signature, which opens it for anybody, wherever in the answer it stands as a word of its own."""
    signature = dig(body, "signature")
    if not isinstance(signature, str) or not signature.strip():
        return body
    word = re.compile(rf"(?<![0-9A-Za-z]){re.escape(signature)}(?![0-9A-Za-z])")
    return _replaced({key: value for key, value in body.items() if key != "signature"}, word)


def _replaced(value: Any, word: re.Pattern[str]) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(inner, word) for key, inner in value.items()}
    if isinstance(value, list):
        return [_replaced(inner, word) for inner in value]
    return word.sub(lambda _: REMOVED.decode(), value) if isinstance(value, str) else value


class Events:
    """Collects what stands beside attendance, orders and tickets, one line per event: crmkit.included(df)["events"] and, where
    an answer counts something, ["counts"].
    """

    def __init__(self, columns: tuple[Column, ...], counts: tuple[Column, ...] = ()) -> None:
        self._columns = {"events": columns, "counts": counts}
        self._found: dict[str, dict[str, Record]] = {"events": {}, "counts": {}}

    def see(self, body: Any, again: bool = False) -> None:
        if not isinstance(body, dict):
            return
        event = body.get("booking")
        uri = body.get("booking_uri") or (event.get("uri") if isinstance(event, dict) else None)
        key = str(uri or f"the answer {len(self._found['counts'])}")
        if isinstance(event, dict):
            self._found["events"][key] = event
        self._found["counts"][key] = {one.name: body.get(one.name) for one in self._columns["counts"]}

    def frames(self) -> dict[str, pd.DataFrame]:
        return {name: self._frame(name) for name, columns in self._columns.items() if columns}

    def _frame(self, name: str) -> pd.DataFrame:
        builder = Builder(self._columns[name])
        builder.add(list(self._found[name].values()))
        return builder.frame()

    def problems(self) -> list[str]:
        return []


def picture(content: bytes, content_type: str) -> list[Record]:
    """An image as one record."""
    if not content_type.lower().startswith("image/") and not content.startswith(b"\x89PNG"):
        raise ShapeError("the answer is not a picture.", hint="check the key, the kind of record and its uid.")
    return [{"content_type": content_type.partition(";")[0].strip() or "image/png", "image": content}]


NUMBER = re.compile(r"\s*(\d+(?:\.\d+)?)")
RESET = "x-rate-limit-reset"
BUDGET = ("x-rate-limit-remaining", "x-rate-limit-limit", RESET)


def calls_left(headers: Mapping[str, str]) -> int | None:
    """How many calls the server still allows; None when it does not say.

    Which of the headers carries it is not documented: the one whose text also names windows ("40, 400;window=60"), or the one
    that is called remaining; where both give a number, the smaller one, as the other may be the limit.
    """
    windows = [text for name in BUDGET if (text := headers.get(name)) and ";window=" in text]
    found = [NUMBER.match(text) for text in (*windows, headers.get(BUDGET[0]) or "")]
    return min((int(float(one[1])) for one in found if one), default=None)


def until_reset(response: Any) -> float | None:
    """Seconds until the server's budget is full again; None when it does not say."""
    found = NUMBER.fullmatch((response.headers.get(RESET) or "").rstrip())
    return float(found[1]) if found else retry_after(response.headers.get("Retry-After"))


def too_fast(response: Any) -> bool:
    """Status 429, or another refusal that names a reset and no calls left."""
    if response.status_code == 429:
        return True
    return 400 <= response.status_code < 500 and RESET in response.headers and not calls_left(response.headers)
