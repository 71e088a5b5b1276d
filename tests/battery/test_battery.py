"""The five systems under the battery."""

import crmkit
from tests.battery.battery import Battery
from tests.faults import USER_ID


class TestPeepl(Battery):
    dialect = "peepl"

    def client(self, url, cache_dir, token=None, **options):
        return crmkit.Peepl(token=token or "fault-token", base_url=url, cache_dir=cache_dir, pace=None, **options)

    def fetch(self, client, **options):
        return client.contacts(**options)


class TestBeeple(Battery):
    dialect = "beeple"

    def client(self, url, cache_dir, token=None, **options):
        return crmkit.Beeple(token=token or "fault-token", base_url=url, cache_dir=cache_dir, pace=None, **options)

    def fetch(self, client, **options):
        return client.collaborator_enrolments("7", **options)


class TestSheepCRM(Battery):
    dialect = "sheepcrm"

    def client(self, url, cache_dir, token=None, **options):
        return crmkit.SheepCRM(
            api_key=token or "fault-token", bucket="example", base_url=url, cache_dir=cache_dir, pace=None, **options
        )

    def fetch(self, client, **options):
        return client.segments_all(**options)

    def ids(self, frame):
        return frame["uri"].tolist()

    def of(self, record):
        return record["uri"]


class TestMissionHub(Battery):
    dialect = "missionhub"

    def client(self, url, cache_dir, token=None, **options):
        return crmkit.MissionHub(token=token or "fault-token", base_url=url, cache_dir=cache_dir, pace=None, **options)

    def fetch(self, client, **options):
        return client.people(**options)


class TestOnePageCRM(Battery):
    dialect = "onepagecrm"

    def client(self, url, cache_dir, token=None, **options):
        return crmkit.OnePageCRM(
            user_id=USER_ID, api_key=token or "fault-token", base_url=url, cache_dir=cache_dir, pace=None, **options
        )

    def fetch(self, client, **options):
        return client.contacts(**options)
