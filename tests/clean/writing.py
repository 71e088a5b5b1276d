"""What the tests of writing share: corrections by hand, and the demo's log as what was sent."""

from __future__ import annotations

import json

import pandas as pd

from crmkit.clean.changes import COLUMNS

READS = ("GET",)


def fixes(crm, record, *lines):
    """Corrections from (id, field, old, new)."""
    rows = [(crm, record, str(key), field, old, new, "test", "hand") for key, field, old, new in lines]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype("string")


def sent(log, start=0):
    """Every call since then that is not a read, as (method, path, query, body)."""
    return [
        (call.method, call.path, dict(call.query), json.loads(call.body) if call.body else None)
        for call in log[start:]
        if call.method != "GET" and not call.path.endswith("/contacts/search/")
    ]


def planned(plan):
    """Every request of a plan, in the same form."""
    from urllib.parse import parse_qsl

    return [(one.method, one.path, dict(parse_qsl(one.query)), one.body) for one in plan.requests.itertuples()]


def why(plan):
    """The reasons of what is refused, in order."""
    return plan.refused["why"].tolist()
