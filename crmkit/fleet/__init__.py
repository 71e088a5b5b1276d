"""Many accounts at once: each with its own budget, none hurt by another, the tables as one Parquet dataset.

    clubs = {name: crmkit.fleet.Account("Peepl", prefix=name.upper()) for name in ("north", "south")}
    done = crmkit.fleet.gather(clubs, "contacts", to="contacts")     # one line per account: ok, error, records, complete, receipt
    done[~done.ok]                                                   # who failed, and why
    crmkit.fleet.open("contacts")["north"]                           # one account's frame, with its receipt

The folder holds account=NAME/part.parquet, which DuckDB, Dask and pandas read as it is. With client=distributed.Client(...) the same
call runs on a Dask cluster. Needs the extra files for to=, the extra fleet for client=: pip install "crmkit[fleet]".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.later import later

if TYPE_CHECKING:
    from crmkit.fleet.accounts import Account
    from crmkit.fleet.dataset import Opened
    from crmkit.fleet.dataset import opened as open  # noqa: A004
    from crmkit.fleet.gathering import Gathered, gather

HOMES = {
    "Account": "accounts",
    "Gathered": "gathering",
    "Opened": "dataset",
    "gather": "gathering",
    "open": "dataset:opened",
}
__all__ = ["Account", "Gathered", "Opened", "gather", "open"]
__getattr__, __dir__ = later(__name__, HOMES)
