"""What can be wrong with a report, and the error that lists it. A fault says where and what kind, never the text that was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crmkit.errors import CrmkitError

REASONS = {
    "magic": "a magic or shell escape: its work is not the notebook's, and it can hide errors.",
    "unknown magic": "a magic that does not exist: its cell does nothing.",
    "error allowed": "a tag or setting that lets errors pass.",
    "unrun cell": "a cell without a run among cells that ran.",
    "order": "cells were not run once, from top to bottom.",
    "stale output": "the saved output is not what the cell gives now.",
    "error": "an error, or the text of one that was caught.",
    "script": "a script, or an attribute that runs one.",
    "outside": "something that a reader's browser would load from elsewhere.",
    "path": "a folder of this machine.",
    "personal": "a person's name, mail address, phone number or other identifier.",
    "secret": "a credential.",
    "parameter": "a parameter's value that is not in the notebook itself.",
    "parameters": "the cell tagged parameters does more than set plain values: the rest belongs into the next cell, or it runs without the given ones.",
    "hidden rows": "more in a widget or an invisible part than is shown.",
    "network": "a call to the network.",
    "program": "the start of another program.",
    "incomplete": "a receipt that is incomplete, a sample, or missing.",
    "old": "a receipt older than allowed.",
    "bundle": "the bundle is not the one meant, or was changed.",
    "numbers": "a number is stated twice, or differs from the earlier run.",
}


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong. reason: a key of REASONS. where: a cell, a file. what: more, in words, without data."""

    reason: str
    where: str
    what: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}: {self.what or REASONS[self.reason]}"


class Rejected(CrmkitError):
    """The report does not pass. .faults lists everything that was found; nothing was written."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(dict.fromkeys(faults))
        super().__init__("the report is rejected.\n" + "\n".join(f"  {one}" for one in self.faults))

    def __reduce__(self) -> tuple[type[Rejected], tuple[tuple[Fault, ...]]]:
        return Rejected, (self.faults,)


def refuse(faults: Sequence[Fault]) -> None:
    """Raise Rejected where there is any fault."""
    if faults:
        raise Rejected(faults)
