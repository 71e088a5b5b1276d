"""What an installation of crmkit brings along: packages, floors, licences. Run as a program it prints the table.

python -m tests.guard.supply
"""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

STATED = tomllib.loads((Path(__file__).parent.parent.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
GIVEN = ("requests", "pandas", "ipywidgets", "requests-cache", "matplotlib")


def needed(name, extras=()):
    """The direct requirements of an installed package, for this machine; crmkit's own as the project states them now."""
    for line in STATED if name == "crmkit" else requires(name) or ():
        one = Requirement(line)
        if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield one


def tree(*names, extras=()):
    """All packages that installing these brings, themselves included; extras are those of the first level."""
    found, waiting = set(), [(canonicalize_name(name), tuple(extras)) for name in names]
    while waiting:
        name, wanted = waiting.pop()
        if (name, wanted) in found:
            continue
        found.add((name, wanted))
        try:
            waiting += [(canonicalize_name(one.name), tuple(sorted(one.extras))) for one in needed(name, wanted)]
        except PackageNotFoundError:  # not for this machine
            found.discard((name, wanted))
    return {name for name, _ in found}


def floors():
    """name -> lowest version, of the direct requirements without extras."""
    return {canonicalize_name(one.name): next((spec.version for spec in one.specifier if spec.operator == ">="), None) for one in needed("crmkit")}


def licence(name):
    """The licence that a package states, shortened."""
    about = distribution(name).metadata
    stated = [about.get("License-Expression"), *[line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or () if line.startswith("License ::")]]
    stated += [(about.get("License") or "").strip().splitlines()[0] if (about.get("License") or "").strip() else None]
    return re.sub(r"\s+", " ", next((one for one in stated if one and one != "OSI Approved"), "not stated"))


def table():
    own, given, direct = tree("crmkit") - {"crmkit"}, tree(*GIVEN), floors()
    yield "| package | floor | installed | licence | comes with |"
    yield "| --- | --- | --- | --- | --- |"
    for name in sorted(own):
        origin = "crmkit" if name in direct else "another package"
        yield f"| {name} | {direct.get(name) or ''} | {distribution(name).version} | {licence(name)} | {'given' if name in given else origin} |"
    yield f"\n{len(own)} packages in all, {len(own - given)} beyond the tree of {', '.join(GIVEN)} ({len(given)} packages)."


if __name__ == "__main__":
    print("\n".join(table()))
