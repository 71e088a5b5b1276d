"""run() and verify(): a notebook and a bundle in, a report or the reasons against it out."""

from __future__ import annotations

import copy
import platform
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmkit.errors import ConfigError
from crmkit.gate import cells, identifiers
from crmkit.gate.cells import Notebook
from crmkit.gate.faults import Fault, Rejected, refuse
from crmkit.gate.numbers import PRINTED, as_text, differences, printed, stated
from crmkit.gate.outputs import Watch, faults_of_outputs
from crmkit.gate.proofs import opened_bundle, pinned, receipts_of
from crmkit.gate.reading import bare, fingerprint, from_numbers, from_report, read_notebook
from crmkit.gate.scanning import Known, folded
from crmkit.receipts import Receipt

if TYPE_CHECKING:
    from crmkit.gate.identifiers import Source
    from crmkit.share import Bundle

NUMBERS = "numbers.json"
BUNDLE = "bundle"
LEAST_PARAMETER = 6
PACKAGES = ("crmkit", "pandas", "numpy", "nbconvert")


@dataclass(frozen=True)
class Report:
    """A report that passed. html: the page. numbers: what numbers.json holds. receipts: of the tables in the bundle."""

    html: str
    numbers: dict[str, Any]
    receipts: Mapping[str, Receipt]


def run(
    notebook: str | Path,
    bundle: str | Path,
    output: str | Path | None = None,
    *,
    parameters: Mapping[str, Any] | None = None,
    known: Source | Iterable[Source] = (),
    allow: Iterable[str] = (),
    max_age: int | None = None,
    day: date | str | None = None,
    demo: bool = False,
    timeout: int = 600,
) -> Report:
    """Execute a notebook on a bundle with the network closed, look at everything that came out, and write the report.

    Parameters
    notebook: an .ipynb file; its own saved outputs, if there are any, must be those of this run. bundle: a file of
    crmkit.share.bundle(). output: where the HTML goes; numbers.json goes beside it; None writes nothing. parameters: name -> value for
    names that the cell tagged parameters sets; they are not in what is written. known: what identifies the account's people, beside
    what this machine's cache and environment hold: frames of crmkit, dicts of them, Series or lists of texts. max_age: days that the
    oldest answer may be old on day (default: today). day: a date to print on the report; without one it prints none but those of the
    data. demo: the notebook may also start crmkit.demo, on loopback. timeout: seconds for one cell.

    Returns the Report. Raises Rejected with .faults, each with a named reason (crmkit.gate.faults.REASONS); nothing is written then.
    """
    read, opened = read_notebook(Path(notebook)), opened_bundle(Path(bundle))
    place = _writable(Path(output)) if output is not None else None
    watch = _watch(known, allow)
    given = dict(parameters or {})
    return _written(_passed(read, opened, Path(bundle), Path(notebook).stem, given, watch, max_age, day, demo, timeout), place)


def verify(
    target: str | Path,
    bundle: str | Path,
    *,
    numbers: str | Path | None = None,
    parameters: Mapping[str, Any] | None = None,
    allow: Iterable[str] = (),
    demo: bool = False,
    timeout: int = 600,
) -> dict[str, Any]:
    """Run a report again and compare its numbers, those stated and those printed; returns them.

    Parameters
    target: the HTML that run() wrote, which holds its notebook and numbers, or the notebook itself. numbers: for a notebook, the earlier
    numbers.json (default: beside it). parameters, allow: the same as at the run; they are not in the report. demo, timeout: as in run().

    Raises Rejected where a number differs, the bundle is another one, or the report does not pass any more; ConfigError where there is
    nothing to compare with.
    """
    from crmkit.gate.page import titled

    path, opened = Path(target), opened_bundle(Path(bundle))
    is_page = path.suffix.lower() in (".html", ".htm")
    if is_page:
        earlier, read = from_report(path)
    else:
        earlier, read = from_numbers(Path(numbers) if numbers else path.with_name(NUMBERS)), read_notebook(path)
    if earlier.get("bundle") != opened.digest:
        raise Rejected([Fault("bundle", Path(bundle).name, "it is not the one that the numbers are of.")])
    if earlier.get("notebook") != fingerprint(read):
        raise Rejected([Fault("numbers", path.name, "the notebook is not the one that the numbers are of.")])
    name = titled(path.read_text(encoding="utf-8")) if is_page else path.stem  # a report may be renamed
    again = _passed(read, opened, Path(bundle), name, dict(parameters or {}), _watch([], allow), None, None, demo, timeout)
    shown = _reads_otherwise(path, again.html) if is_page else []
    refuse(differences(earlier, again.numbers) + shown)
    return again.numbers


def _reads_otherwise(path: Path, again: str) -> list[Fault]:
    """Whether the page itself, as a reader sees it, has other numbers than the new run's."""
    from crmkit.gate.page import seen

    same = PRINTED.findall(seen(path.read_text(encoding="utf-8"))) == PRINTED.findall(seen(again))
    return [] if same else [Fault("numbers", path.name, "the page shows other numbers than its notebook gives.")]


def _passed(
    read: Notebook,
    opened: Bundle,
    file: Path,
    name: str,
    given: dict[str, Any],
    watch: Watch,
    max_age: int | None,
    day: date | str | None,
    demo: bool,
    timeout: int,
) -> Report:
    """The checks, from the cheap to the dear: what needs no kernel first."""
    from crmkit.gate.executing import execute
    from crmkit.gate.page import around

    receipts, faults = receipts_of(opened, max_age, day)
    faults += pinned(read, opened, file.name)
    faults += [*cells.faults_of_source(read), *cells.faults_of_saved(read)]
    refuse([*faults, *faults_of_outputs(read, watch)])
    saved, ran = read, copy.deepcopy(read)
    defaults = cells.with_parameters(ran, {BUNDLE: file.name, **given})
    if unknown := [one for one in given if one not in defaults]:
        raise ConfigError(
            f"the notebook has no parameter {unknown[0]}.", hint="a cell tagged parameters sets each with its default."
        )
    faults = execute(ran, file, demo=demo, timeout=timeout)
    cells.without_given(ran)
    watch = replace(watch, parameters=_unseen(given, saved))
    faults += faults_of_outputs(ran, watch)
    if cells.was_run(saved) and not given:
        faults += _stale(saved, ran)
    named, twice = stated(ran)
    refuse(faults + twice)
    numbers = {"bundle": opened.digest, "notebook": fingerprint(saved), "stated": named, "printed": printed(ran)}
    text = _page(ran, saved, opened, receipts, numbers, sorted(given), day, name)
    refuse([*watch.faults("page", text, around(text))])
    return Report(text, numbers, receipts)


def _page(
    ran: Notebook,
    saved: Notebook,
    opened: Bundle,
    receipts: Mapping[str, Receipt],
    numbers: dict[str, Any],
    given: list[str],
    day: date | str | None,
    name: str,
) -> str:
    from crmkit.gate.page import page

    dates = [one.newest for one in receipts.values() if one.newest]
    told = {
        **({"Date": pd.Timestamp(day).strftime("%Y-%m-%d")} if day else {}),
        "Data until": f"{max(dates)} UTC" if dates else "not known",
        "Bundle, SHA-256": opened.digest,
        "Notebook, SHA-256": numbers["notebook"],
        "Made with": ", ".join([f"Python {platform.python_version()}", *(f"{one} {version(one)}" for one in PACKAGES)]),
        "Parameters given": ", ".join(given) + " (values are not in the report)" if given else "none",
    }
    return page(ran, told, receipts, {"numbers": numbers, "notebook": bare(saved)}, name)


def _watch(known: Source | Iterable[Source], allow: Iterable[str]) -> Watch:
    """What is looked for: people of the sources and of the cache but for what is allowed, and keys of the environment."""
    meant = frozenset(folded(one).strip() for one in ([allow] if isinstance(allow, str) else allow))
    known = [known] if isinstance(known, str | pd.DataFrame | Mapping) else known
    people = (one for one in (*identifiers.texts(known), *identifiers.of_cache()) if folded(one).strip() not in meant)
    return Watch(Known(people), Known(identifiers.of_environment()), allowed=meant)


def _unseen(given: Mapping[str, Any], notebook: Notebook) -> tuple[str, ...]:
    """Values that readers must not see: texts, in lists too, that are neither in the notebook nor a day nor a number."""
    shown = folded("\n".join(one.source for one in notebook.cells))
    texts = {one for one in _texts(given) if len(one) >= LEAST_PARAMETER and folded(one) not in shown}
    return tuple(sorted(one for one in texts if not one.replace("-", "").replace(".", "").isdigit()))


def _texts(value: Any) -> Iterator[str]:
    """The texts in a plain value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list | tuple | set):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(one)


def _stale(saved: Notebook, ran: Notebook) -> list[Fault]:
    """Cells whose saved output is not that of the run. Pictures differ from machine to machine and are taken from the run anyway."""
    again = dict(cells.code_cells(ran))
    return [Fault("stale output", where) for where, cell in cells.code_cells(saved) if _shown(cell) != _shown(again[where])]


def _shown(cell: Any) -> list[Any]:
    """What a cell shows, in one piece per stream."""
    found: list[Any] = []
    streams: dict[str, str] = {}
    for output in cell.outputs:
        if output.output_type == "stream":
            streams[output.name] = streams.get(output.name, "") + output.text
        else:
            kinds = {kind: value for kind, value in output.get("data", {}).items() if "widget" not in kind}
            found.append({kind: "" if kind.startswith("image/") else value for kind, value in kinds.items()})
    return [streams, *found]


def _writable(path: Path) -> Path:
    if path.suffix.lower() not in (".html", ".htm"):
        raise ConfigError(f"the report is an HTML file; {path.name} does not end like one.", hint="end the name with .html.")
    if not path.absolute().parent.is_dir():
        raise ConfigError(f"there is no folder {path.parent}.", hint="make it, or choose another place.")
    return path


def _written(report: Report, path: Path | None) -> Report:
    if path is not None:
        path.write_text(report.html, encoding="utf-8")
        path.with_name(NUMBERS).write_text(as_text(report.numbers), encoding="utf-8")
    return report
