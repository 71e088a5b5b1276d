"""The gate that a report passes before anybody reads it.

    crmkit.gate.run("report.ipynb", "club.crmkit.zip", "report.html", known=[contacts])
    crmkit.gate.verify("report.html", "club.crmkit.zip")

run() executes a notebook on a bundle in a kernel of its own with the network closed, looks at everything that came out, and writes
one HTML file and numbers.json, or raises Rejected with every reason. verify() runs it again and compares the numbers. Inside the
notebook, the bundle's file name is os.environ["CRMKIT_BUNDLE"] (and the parameter bundle, where a cell tagged parameters sets one);
crmkit.gate.number("members", 456) states a number of the report. Needs the extras notebooks and files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmkit.later import later

if TYPE_CHECKING:
    from crmkit.gate.faults import Fault, Rejected
    from crmkit.gate.numbers import number
    from crmkit.gate.passing import Report, run, verify

HOMES = {
    "Fault": "faults",
    "Rejected": "faults",
    "Report": "passing",
    "number": "numbers",
    "run": "passing",
    "verify": "passing",
}
__all__ = ["Fault", "Rejected", "Report", "number", "run", "verify"]
__getattr__, __dir__ = later(__name__, HOMES)
