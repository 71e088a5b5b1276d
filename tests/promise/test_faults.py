"""Every fault on every system: everything, a named error, or a receipt that says what is not known; and no alarm without a fault."""

from __future__ import annotations

from typing import Any

import pytest

import crmkit
from crmkit.errors import AuthError, CrmkitError, IncompleteFetch, NetworkError
from tests.battery.systems import SYSTEMS
from tests.faults import FaultServer
from tests.promise.trials import FAULTS, cases, one_server, tried
from tests.promise.walks import clean_walk

FULL = pytest.param(True, marks=pytest.mark.full)
EACH = pytest.mark.parametrize("name", sorted(SYSTEMS))
# Where nothing in an answer names a total, a list that ends early cannot be told from one that ends.
CANNOT_KNOW = {"sheepcrm", "beeple"}


@pytest.mark.parametrize("everything", [False, FULL])
@EACH
def test_complete_or_named(name: str, everything: bool, no_waiting: list[float]) -> None:
    chosen = [case for case in cases() if case[0].dialect == name]
    first = sorted(SYSTEMS).index(name)
    for place, (system, one, moment) in enumerate(chosen):
        if everything or place % 32 == 3 * first:
            for workers in (1, 4) if everything else (1 + place % 4,):
                outcome = tried(system, one, moment, workers)
                assert outcome.verdict != "silent", (one.name, moment, workers, outcome.why)
                assert outcome.verdict != "said" or name in CANNOT_KNOW or "ids" in one.name, (one.name, moment, workers)


def test_every_dial_of_the_fault_server_is_tried() -> None:
    from tests.faults.dials import NAMES

    assert NAMES - {dial for one in FAULTS for dial in one.dials} == set()


@EACH
def test_ten_megabytes_in_one_record(name: str) -> None:
    system = SYSTEMS[name]
    with FaultServer(name, records=3, token="fault-token", big_record={1: True}) as server:
        frame = system.fetch(system.client(server.url, None))
        assert system.ids(frame) == system.wanted(server.records)
        assert frame[server.dialect.text_name].str.len().max() == 10_000_000


@pytest.mark.parametrize("step", [389, pytest.param(7, marks=pytest.mark.full)])
@EACH
def test_a_reset_at_any_byte(name: str, step: int, tmp_path: Any, no_waiting: list[float]) -> None:
    """On one call it costs nothing; on every call it is a named error that keeps the page before."""
    system = SYSTEMS[name]
    with one_server(system, 5, 2) as server:
        for place in range(-220, 1_700, step):
            server.reset()
            server.reset_at = {2: place}
            client = system.client(server.url, tmp_path / str(place))
            assert system.ids(system.fetch(client)) == system.wanted(server.records), place
            server.reset_at = place
            try:
                frame = system.fetch(client, refresh=True)
            except NetworkError:
                continue
            assert system.ids(frame) == system.wanted(server.records), (place, "a reset behind the last byte harms nobody")
        crmkit.cache.close()


@pytest.mark.parametrize("walks", [20, pytest.param(1_000, marks=pytest.mark.full)])
def test_no_alarm_on_a_clean_walk(walks: int) -> None:
    alarms = [alarm for seed in range(walks) if (alarm := clean_walk(seed))]
    assert alarms == []


@EACH
def test_a_key_that_expires_on_the_way(name: str, tmp_path: Any) -> None:
    """MissionHub's rolls on. The others stop, name what is kept, and go on from there when the key works again."""
    system = SYSTEMS[name]
    with one_server(system, 47) as server:
        server.token_calls = 3
        client = system.client(server.url, tmp_path, workers=1)
        if name == "missionhub":
            assert system.ids(system.fetch(client)) == system.wanted(server.records)
            return
        with pytest.raises(AuthError, match=r"(?s)3 read.*in the cache of this key.*allow_partial=True") as caught:
            system.fetch(client)
        assert caught.value.status == 401
        part = system.fetch(client, allow_partial=True)
        assert_branded(part)
        assert 28 <= len(part) <= 30
        before, server.token_calls = len(server.calls), None
        whole = system.fetch(client)
        assert system.ids(whole) == system.wanted(server.records)
        assert len(server.calls) - before == crmkit.receipt(whole).calls <= 3


def assert_branded(frame: Any) -> None:
    proof = crmkit.receipt(frame)
    assert proof.complete is False
    assert "INCOMPLETE" in repr(proof)
    assert proof.problems
    assert repr(frame).startswith("INCOMPLETE")
    assert "INCOMPLETE" in frame._repr_html_()
    for made in (frame.head(3), frame.copy(), frame[frame.columns[:2]]):
        assert repr(made).startswith("INCOMPLETE")
        assert crmkit.receipt(made).complete is False


@pytest.mark.parametrize(
    "dials",
    [{"status": lambda number: 500 if number > 2 else None}, {"error_in_200": {3: True}}, {"repeat_page": 2}],
    ids=["500", "error in 200", "page repeated"],
)
@EACH
def test_allow_partial_brands_what_came(name: str, dials: dict[str, Any], tmp_path: Any, no_waiting: list[float]) -> None:
    system = SYSTEMS[name]
    with one_server(system, 47) as server:
        for dial, value in dials.items():
            setattr(server, dial, value)
        client = system.client(server.url, tmp_path, workers=1)
        with pytest.raises(CrmkitError) as caught:
            system.fetch(client)
        if isinstance(caught.value, IncompleteFetch):
            assert_branded(caught.value.frame)
            client = system.client(server.url, tmp_path / "again", workers=1)
        elif "error_in_200" in dials:
            before = len(server.calls)
            assert system.ids(system.fetch(client)) == system.wanted(server.records)
            assert len(server.calls) - before == crmkit.receipt(system.fetch(client)).pages - 2, "the pages before were kept"
            return
        part = system.fetch(client, allow_partial=True)
        assert_branded(part)
        assert 0 < len(part) < 47
