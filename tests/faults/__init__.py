"""A fault server for tests: any of the five systems, with a dial for every way to be wrong.

It shares nothing with what it tests: it is written from the vendors' contracts, on the standard library.
"""

from .calls import Call, most_in_window
from .content import BIG_ID
from .dialects import DIALECTS, USER_ID
from .dials import MISSING, OFF, Dials
from .listing import Drift, drift_plan, survivors
from .server import FaultServer

__all__ = [
    "BIG_ID",
    "DIALECTS",
    "MISSING",
    "OFF",
    "USER_ID",
    "Call",
    "Dials",
    "Drift",
    "FaultServer",
    "drift_plan",
    "most_in_window",
    "survivors",
]
