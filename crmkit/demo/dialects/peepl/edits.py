"""What was written since the demo started: contacts and their parts as they are now, over what the club was drawn with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crmkit.demo.clock import later

Json = dict[str, Any]
What = tuple[str, int]


class Edits:
    """Changes by object type and id; a part (an address, an e-mail, a value) is known by its list and its own id."""

    def __init__(self) -> None:
        self._basics: dict[What, Json] = {}
        self._parts: dict[What, dict[tuple[str, int], Json]] = {}
        self._moments: dict[What, datetime] = {}
        self._count = 0

    def change(self, what: What, changes: Mapping[str, Any]) -> None:
        """Note new basic fields of a record."""
        self._basics.setdefault(what, {}).update(changes)
        self._stamp(what)

    def change_part(self, what: What, name: str, part: int, changes: Mapping[str, Any]) -> None:
        """Note new fields of an entry of one of its lists."""
        self._parts.setdefault(what, {}).setdefault((name, part), {}).update(changes)
        self._stamp(what)

    def _stamp(self, what: What) -> None:
        self._count += 1
        self._moments[what] = later(self._count)

    def basics(self, what: What) -> Mapping[str, Any]:
        """The basic fields that were written."""
        return self._basics.get(what, {})

    def entries(self, what: What, name: str, drawn: list[Json]) -> list[Json]:
        """One of its lists as it is now."""
        changed = self._parts.get(what, {})
        return [{**each, **changed.get((name, each["id"]), {})} for each in drawn]

    def moment(self, what: What, drawn: datetime) -> datetime:
        """When it was last changed."""
        return self._moments.get(what, drawn)
