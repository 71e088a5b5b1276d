"""Many accounts at once: each with its own budget, none hurt by another, the tables as one Parquet dataset.

    clubs = {name: crmkit.fleet.Account("Peepl", prefix=name.upper()) for name in ("north", "south")}
    done = crmkit.fleet.gather(clubs, "contacts", to="contacts")     # one line per account: ok, error, records, complete, receipt
    done[~done.ok]                                                   # who failed, and why
    crmkit.fleet.open("contacts")["north"]                           # one account's frame, with its receipt

The folder holds account=NAME/part.parquet, which DuckDB, Dask and pandas read as it is. With client=distributed.Client(...) the same
call runs on a Dask cluster. Needs the extra files for to=, the extra fleet for client=: pip install "crmkit[fleet]".
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crmkit.fleet.accounts import Account
    from crmkit.fleet.dataset import Opened
    from crmkit.fleet.dataset import opened as open  # noqa: A004
    from crmkit.fleet.gathering import Gathered, gather

# No module may have the name of a function here: importing it would put the module in the function's place.
HOMES = {
    "Account": ("accounts", "Account"),
    "Gathered": ("gathering", "Gathered"),
    "Opened": ("dataset", "Opened"),
    "gather": ("gathering", "gather"),
    "open": ("dataset", "opened"),
}
__all__ = ["Account", "Gathered", "Opened", "gather", "open"]


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module crmkit.fleet has no attribute {name!r}")
    module, known_as = HOMES[name]
    found = globals()[name] = getattr(import_module(f"crmkit.fleet.{module}"), known_as)
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
