"""The five systems as a thief finds them: a server that echoes the credential wherever it can, and clients of it."""

from dataclasses import dataclass, field
from typing import Any

import crmkit
from tests.faults import USER_ID, FaultServer
from tests.guard.planted import TOKEN

OTHER = "the-token-of-somebody-else"
SYSTEMS = ("peepl", "beeple", "sheepcrm", "missionhub", "onepagecrm")
CLASSES = {"peepl": crmkit.Peepl, "beeple": crmkit.Beeple, "sheepcrm": crmkit.SheepCRM, "missionhub": crmkit.MissionHub, "onepagecrm": crmkit.OnePageCRM}
LISTS = {
    "peepl": lambda client, **more: client.contacts(**more),
    "beeple": lambda client, **more: client.collaborator_enrolments("7", **more),
    "sheepcrm": lambda client, **more: client.segments_all(**more),
    "missionhub": lambda client, **more: client.people(**more),
    "onepagecrm": lambda client, **more: client.contacts(**more),
}
COMMANDS = {
    "peepl": ["contacts"],
    "beeple": ["collaborator_enrolments", "7"],
    "sheepcrm": ["segments_all"],
    "missionhub": ["people"],
    "onepagecrm": ["contacts"],
}


@dataclass
class World:
    """One system: its server, and how its clients are made and asked."""

    system: str
    server: FaultServer
    folder: Any
    monkeypatch: Any = None
    errors: list = field(default_factory=list)

    @property
    def secret_name(self):
        return next(one.name for one in CLASSES[self.system].credentials if one.secret)

    def arguments(self, token=TOKEN, **options):
        own = {"sheepcrm": {"bucket": "example"}, "onepagecrm": {"user_id": USER_ID}}.get(self.system, {})
        return {self.secret_name: token, "base_url": self.server.url, "pace": None, "workers": 2, **own, **options}

    def client(self, token=TOKEN, **options):
        return CLASSES[self.system](**self.arguments(token, **options))

    def fetch(self, client=None, **options):
        return LISTS[self.system](client or self.client(), **options)

    def environment(self, monkeypatch, token=TOKEN, **changed):
        for name, value in {**self.arguments(token), **changed}.items():
            if name not in ("pace", "workers"):
                monkeypatch.setenv(f"{self.system.upper()}_{name.upper()}", value)
