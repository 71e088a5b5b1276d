"""The five systems under the battery."""

from tests.battery.battery import Battery


class TestPeepl(Battery):
    dialect = "peepl"


class TestBeeple(Battery):
    dialect = "beeple"


class TestSheepCRM(Battery):
    dialect = "sheepcrm"


class TestMissionHub(Battery):
    dialect = "missionhub"


class TestOnePageCRM(Battery):
    dialect = "onepagecrm"
