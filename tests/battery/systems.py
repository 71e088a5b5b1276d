"""The five systems as the tests ask them: how a client is made for a server, and which list is its main one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

import crmkit
from tests.faults import USER_ID

TOKEN = "fault-token"


@dataclass(frozen=True)
class System:
    """kind: the client's class; secret: its argument for the key; more: its other credentials; main: the list, with its arguments."""

    dialect: str
    kind: str
    secret: str
    main: str
    places: tuple[str, ...] = ()
    more: Mapping[str, str] = field(default_factory=dict)
    id_name: str = "id"

    def client(self, url: str, folder: Path | str | None, token: str = TOKEN, **options: Any) -> Any:
        """A client of a server, unpaced unless told otherwise."""
        words = {self.secret: token, **self.more, "base_url": url, "cache_dir": folder, "pace": None, **options}
        return getattr(crmkit, self.kind)(**words)

    def fetch(self, client: Any, **options: Any) -> pd.DataFrame:
        """The main list."""
        frame: pd.DataFrame = getattr(client, self.main)(*self.places, **options)
        return frame

    def paging(self) -> Any:
        """How the main list is read."""
        return getattr(crmkit, self.kind).rows()[self.main].paging

    def ids(self, frame: pd.DataFrame) -> list[str]:
        return [str(one) for one in frame[self.id_name]]

    def wanted(self, records: list[dict[str, Any]]) -> list[str]:
        """The ids of the server's records."""
        return [str(record[self.id_name]) for record in records]


SYSTEMS = {
    system.dialect: system
    for system in (
        System("peepl", "Peepl", "token", "contacts"),
        System("beeple", "Beeple", "token", "collaborator_enrolments", ("7",)),
        System("sheepcrm", "SheepCRM", "api_key", "segments_all", more={"bucket": "example"}, id_name="uri"),
        System("missionhub", "MissionHub", "token", "people"),
        System("onepagecrm", "OnePageCRM", "api_key", "contacts", more={"user_id": USER_ID}),
    )
}
