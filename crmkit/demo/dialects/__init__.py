"""One dialect per CRM: the club as that vendor's documents print it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from crmkit.demo.club import Club
from crmkit.demo.dialects.beeple import Beeple
from crmkit.demo.dialects.missionhub import MissionHub
from crmkit.demo.dialects.onepagecrm import OnePageCRM
from crmkit.demo.dialects.peepl import Peepl
from crmkit.demo.dialects.sheepcrm import SheepCRM
from crmkit.demo.wsgi import App

DIALECTS: Mapping[str, Callable[[Club], App]] = {
    "peepl": Peepl,
    "beeple": Beeple,
    "missionhub": MissionHub,
    "onepagecrm": OnePageCRM,
    "sheepcrm": SheepCRM,
}
