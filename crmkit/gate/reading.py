"""Notebooks as files: read, reduced to what runs, known again by a fingerprint, taken back out of a report."""

from __future__ import annotations

import json
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from crmkit.errors import ConfigError
from crmkit.gate.cells import PARAMETERS, Notebook, tags

NEEDS = {"nbconvert": "notebooks", "ipykernel": "notebooks", "pyarrow": "files"}


def read_notebook(path: Path) -> Notebook:
    """The notebook, in the current format."""
    import nbformat

    for module, extra in NEEDS.items():
        if not find_spec(module):
            raise ConfigError(f"reports need {module}.", hint=f'pip install "crmkit[notebooks,files]" ({module} is in {extra}).')
    if not path.is_file():
        raise ConfigError(f"there is no notebook {path.name}.", hint="give the path of an .ipynb file.")
    try:
        found = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
        nbformat.validate(found)
    except Exception as error:  # the library raises several kinds of its own
        raise ConfigError(f"{path.name} is no notebook.", hint="give the path of an .ipynb file.") from error
    return found


def bare(notebook: Notebook) -> dict[str, Any]:
    """The notebook without outputs and without anything but sources and the tag of parameters: what is needed to run it again."""
    kept = [{"kind": one.cell_type, "source": one.source, "tags": sorted(tags(one) & {PARAMETERS})} for one in notebook.cells]
    return {"cells": kept}


def fingerprint(notebook: Notebook) -> str:
    """SHA-256 of what runs: the same for a notebook with and without outputs."""
    return sha256(json.dumps(bare(notebook), sort_keys=True).encode()).hexdigest()


def from_report(path: Path) -> tuple[dict[str, Any], Notebook]:
    """Numbers and notebook of a report."""
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

    from crmkit.gate.page import embedded

    if not path.is_file():
        raise ConfigError(f"there is no report {path.name}.")
    found = embedded(path.read_text(encoding="utf-8"))
    if not found:
        raise ConfigError(f"{path.name} is no report of crmkit report run.", hint="give the notebook and its numbers.json.")
    make: dict[str, Any] = {"code": new_code_cell, "markdown": new_markdown_cell, "raw": new_raw_cell}
    parts = [
        make[one["kind"]](one["source"], metadata={"tags": one["tags"]} if one["tags"] else {})
        for one in found["notebook"]["cells"]
    ]
    return found["numbers"], new_notebook(cells=parts)  # type: ignore[no-untyped-call]


def from_numbers(path: Path) -> dict[str, Any]:
    """What numbers.json holds. Raises ConfigError where there is none."""
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        raise ConfigError(
            f"there is no {path.name} to compare with.", hint="crmkit report run writes it; name it with --numbers."
        ) from None
