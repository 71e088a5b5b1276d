"""The numbers of a report: those it states with number(), and those its cells print."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from crmkit.errors import ParameterError
from crmkit.gate.cells import Notebook, code_cells
from crmkit.gate.faults import Fault

KIND = "application/vnd.crmkit.number+json"
PRINTED = re.compile(r"(?<![\w.])[-−]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?%?")


def number(name: str, value: Any, unit: str = "") -> None:
    """State a number of the report: it is shown, and kept under this name in numbers.json, which crmkit report verify compares.

    name: each name once in a notebook. value: a whole number, a number, a flag, a text or a day; numpy's and pandas' too. unit: such as
    "EUR". Raises ParameterError for NaN and for what is no single value.
    """
    from IPython.display import display

    plain = _plain(value)
    shown = f"{plain:,}" if isinstance(plain, int) and not isinstance(plain, bool) else str(plain)
    words = f"{name}: {shown}{f' {unit}' if unit else ''}"
    display({KIND: {"name": name, "value": plain, "unit": unit}, "text/plain": words}, raw=True)  # type: ignore[no-untyped-call]


def _plain(value: Any) -> Any:
    """A single value as JSON knows it."""
    if hasattr(value, "item"):
        value = value.item()
    if hasattr(value, "isoformat"):
        value = value.isoformat()
    if not isinstance(value, bool | int | float | str) or (isinstance(value, float) and not math.isfinite(value)):
        raise ParameterError("a number of a report is one finite value.", hint="number(name, value) takes one; call it for each.")
    return value


def stated(notebook: Notebook) -> tuple[dict[str, Any], list[Fault]]:
    """The numbers stated, by name; and the faults of names stated twice."""
    found: dict[str, Any] = {}
    faults = []
    for where, cell in code_cells(notebook):
        for output in cell.outputs:
            told = output.get("data", {}).get(KIND)
            if told:
                if told["name"] in found:
                    faults.append(Fault("numbers", where, f"{told['name']} is stated twice."))
                found[told["name"]] = {"value": told["value"], **({"unit": told["unit"]} if told["unit"] else {})}
    return found, faults


def printed(notebook: Notebook) -> dict[str, list[str]]:
    """The numbers in the text that each cell shows, as they stand there."""
    found = {where: PRINTED.findall("\n".join(_texts(cell))) for where, cell in code_cells(notebook)}
    return {where: numbers for where, numbers in found.items() if numbers}


def _texts(cell: Any) -> Iterator[str]:
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stdout":
            yield output.text
        elif KIND not in output.get("data", {}) and not any(kind.startswith("image/") for kind in output.get("data", {})):
            yield output.get("data", {}).get("text/plain", "")


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[Fault]:
    """What differs between the numbers of two runs."""
    if old.get("bundle") != new["bundle"]:
        return [Fault("bundle", "numbers", "they are of another bundle.")]
    faults = []
    for kind in ("stated", "printed"):
        names = dict.fromkeys([*old.get(kind, {}), *new[kind]])
        differ = [name for name in names if old.get(kind, {}).get(name) != new[kind].get(name)]
        faults += [Fault("numbers", name, f"{kind} otherwise than in the earlier run.") for name in differ]
    return faults


def as_text(numbers: dict[str, Any]) -> str:
    """What numbers.json holds: the same bytes for the same numbers."""
    return json.dumps(numbers, indent=1, ensure_ascii=False) + "\n"
