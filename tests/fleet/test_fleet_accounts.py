"""Accounts are declared without a credential, and nothing of one is seen on the way."""

import pickle

import pytest

import crmkit
from crmkit import fleet
from crmkit.errors import ConfigError, ParameterError
from crmkit.fleet.accounts import InHand

KEY = "pa-4f9d81c27b"


def test_each_account_has_its_own_variables(clubs, monkeypatch, tmp_path):
    for name in ("north", "south"):
        monkeypatch.setenv(f"{name.upper()}_PEEPL_TOKEN", clubs[name].credentials["peepl"]["token"])
        monkeypatch.setenv(f"{name.upper()}_PEEPL_BASE_URL", clubs[name].urls["peepl"])
    accounts = {name: fleet.Account("peepl", prefix=name.upper(), cache_dir=tmp_path) for name in ("north", "south", "east")}
    done = fleet.gather(accounts, "contacts").set_index("name")
    assert done.ok.to_dict() == {"north": True, "south": True, "east": False}
    assert "EAST_PEEPL_TOKEN" in done.message["east"]
    assert done.receipt["north"].account != done.receipt["south"].account
    assert crmkit.Peepl.from_env(prefix="NORTH", cache_dir=tmp_path).account == done.receipt["north"].account


def test_a_credential_may_be_looked_up(clubs, tmp_path):
    demo = clubs["north"]
    account = fleet.Account("Peepl", read=lambda: demo.credentials["peepl"], base_url=demo.urls["peepl"], cache_dir=tmp_path)
    assert account.client().contacts(limit=1).shape[0] == 1


def test_a_look_up_that_fails_says_so_without_its_words():
    def vault():
        raise KeyError(KEY)

    account = fleet.Account("Peepl", read=vault)
    with pytest.raises(ConfigError, match="KeyError") as caught:
        account.client()
    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None
    done = fleet.gather({"north": account}, "contacts")
    assert done.error[0] == "ConfigError"
    assert KEY not in done.message[0]


def test_an_account_takes_no_credential():
    with pytest.raises(ParameterError, match="holds no credential") as caught:
        fleet.Account("Peepl", token=KEY)
    assert KEY not in str(caught.value)
    with pytest.raises(ConfigError, match="capitals") as caught:
        fleet.Account("Peepl", prefix=KEY).client()
    assert KEY not in str(caught.value)


def test_what_travels_of_an_account_is_how_to_make_it():
    account = fleet.Account("SheepCRM", prefix="NORTH", bucket="north", workers=2)
    again = pickle.loads(pickle.dumps(account))
    assert repr(again) == repr(account) == "Account('SheepCRM', prefix='NORTH')"
    assert again._options == {"progress": False, "bucket": "north", "workers": 2}


def test_a_client_at_hand_travels_only_if_its_server_is_here(clubs, tmp_path):
    real = InHand(crmkit.Peepl(token=KEY, cache_dir=tmp_path))
    assert not real.travels
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(real)
    for crm in ("peepl", "beeple", "sheepcrm", "missionhub", "onepagecrm"):
        client = getattr(clubs["north"], crm)(cache_dir=tmp_path, pace=((5, 1.0), (60, 60.0)), expire_after=60, workers=2)
        again = pickle.loads(pickle.dumps(InHand(client))).client()
        for name in ("account", "base_url", "budgets", "fresh_for", "workers"):
            assert getattr(again, name) == getattr(client, name), (crm, name)
        assert repr(InHand(client)) == f"<{type(client).__name__} in hand>"


@pytest.mark.parametrize(
    "words", [{"api_key": KEY}, {"Token": KEY}, {"tokn": KEY}, {"read": {"token": KEY}}, {"prefix": KEY}, {"prefix": 7}]
)
def test_what_an_account_cannot_take_is_refused_at_once_so_that_it_never_travels(words):
    with pytest.raises((ParameterError, ConfigError)) as caught:
        fleet.Account("Peepl", **words)
    assert KEY not in str(caught.value)
    inside = caught.traceback[-1].frame.f_locals
    assert {"crm", "options"} <= set(inside)
    assert KEY not in repr({name: value for name, value in inside.items() if name != "self"}) + repr(vars(inside["self"]))


def test_an_account_is_looked_up_in_one_way():
    with pytest.raises(ParameterError, match="prefix or read"):
        fleet.Account("Peepl", prefix="NORTH", read=dict)
    with pytest.raises(ParameterError, match=r"^there is no CRM called 'Pepl'\. Next: did you mean Peepl"):
        fleet.Account("Pepl")
    assert repr(fleet.Account(crmkit.Peepl)) == repr(fleet.Account("peepl"))
