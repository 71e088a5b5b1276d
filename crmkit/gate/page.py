"""A report as one HTML file: no script runs, nothing is loaded; contents at the top, code folded, where it comes from at the foot."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any

from bs4 import BeautifulSoup, Tag

from crmkit.display import table
from crmkit.gate.cells import Notebook
from crmkit.receipts import Receipt

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
EMBEDDED = "crmkit-report"
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
PROVENANCE = "Where these numbers come from"
PROOF = (
    "The notebook ran from top to bottom on the bundle named here, without a network. The bundle holds pseudonyms in the place of people. "
    "The same notebook on the same bundle gives the same numbers: crmkit report verify REPORT --bundle FILE."
)
NUMBER = re.compile(r"[-−+]?[\d,]+(?:\.\d+)?(?:e[-+]?\d+)?%?")
RECEIPT = ("table", "from", "verdict", "records", "declared", "answers until", "not certain")


def page(
    notebook: Notebook, told: Mapping[str, str], receipts: Mapping[str, Receipt], embedded: Mapping[str, Any], name: str
) -> str:
    """The whole document. told: lines of the footer; embedded: what verify() needs, as inert JSON; name: a title for want of a heading."""
    body = BeautifulSoup(_exported(notebook), "html.parser")
    title, lead = _title(body, name), _lead(body)
    _in_order(body)
    _described(body, title)
    _scoped(body)
    places = files("crmkit"), files("crmkit.gate").joinpath("templates/report")
    style = "".join(place.joinpath("page.css").read_text(encoding="utf-8") for place in places)
    contents = "".join(f'<li><a href="#{anchor}">{escape(text)}</a></li>\n' for anchor, text in _contents(body))
    facts = "".join(f"<dt>{escape(one)}</dt><dd{_style(one)}>{escape(text)}</dd>" for one, text in told.items())
    data = json.dumps(embedded, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c").replace("&", "\\u0026")
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(str(notebook.metadata.get("lang", "en")))}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{escape(title)}</title>\n'
        f'<style>\n{style}</style>\n</head>\n<body>\n<a class="skip" href="#report">To the report</a>\n'
        f'<header><h1>{escape(title)}</h1>\n{lead}<nav aria-label="Contents"><ol>\n{contents}'
        f'<li><a href="#provenance">{PROVENANCE}</a></li></ol></nav></header>\n<main id="report">\n{body}</main>\n'
        f'<footer><h2 id="provenance">{PROVENANCE}</h2>\n<p>{escape(PROOF)}</p>\n<dl>{facts}</dl>\n'
        f'<div class="wide" tabindex="0">{_receipts(receipts)}</div></footer>\n'
        f'<script type="application/json" id="{EMBEDDED}">{data}</script>\n</body>\n</html>\n'
    )


def embedded(text: str) -> dict[str, Any]:
    """What page() put into a report for verify(); an empty dict where it is not there."""
    found = BeautifulSoup(text, "html.parser").find("script", id=EMBEDDED)
    try:
        return dict(json.loads(found.string or "")) if isinstance(found, Tag) else {}
    except ValueError:
        return {}


def seen(text: str) -> str:
    """What a page says that another run of its notebook must say too, pictures apart: head, report, and the table of receipts."""
    page = BeautifulSoup(text, "html.parser")
    for one in page.find_all("svg"):
        one.decompose()
    return "\n".join(one.get_text("\n") for one in page.select("header, main, footer table"))


def titled(text: str) -> str:
    """The title of a page."""
    found = BeautifulSoup(text, "html.parser").select_one("header h1")
    return found.get_text() if found else ""


def around(text: str) -> str:
    """What a page says around its notebook, whose cells are looked at one by one: its title, and the facts at its foot."""
    page = BeautifulSoup(text, "html.parser")
    for one in page.find_all(["main", "nav"]):
        one.decompose()
    return "\n".join(one.get_text("\n") for one in page.find_all(["h1", "p", "dd", "td"])).replace(PROOF, "")


def _exported(notebook: Notebook) -> str:
    from nbconvert.exporters import HTMLExporter
    from traitlets.config import Config

    places = [str(files("crmkit.gate").joinpath("templates"))]
    order = ["text/html", "text/markdown", "image/svg+xml", "image/png", "image/jpeg", "text/latex", "text/plain"]
    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="report",
        extra_template_basedirs=places,
        exclude_anchor_links=True,
        config=Config({"NbConvertBase": {"display_data_priority": order}}),
    )
    text, _ = exporter.from_notebook_node(notebook)
    return str(text)


def _title(body: BeautifulSoup, name: str) -> str:
    """The text of the first heading of the first level, which leaves the body for the head of the page."""
    first = body.find("h1")
    if not isinstance(first, Tag):
        return name
    return first.extract().get_text(" ", strip=True).rstrip("¶ ")


def _lead(body: BeautifulSoup) -> str:
    """The paragraph that the notebook begins with, as it is; empty where it begins with something else."""
    first = next((one for one in body.contents if isinstance(one, Tag)), None)
    if first is None or first.name != "p":
        return ""
    first.extract()["class"] = "lead"
    return f"{first}\n"


def _in_order(body: BeautifulSoup) -> None:
    """Headings below the page's own, without a step left out."""
    above = 1
    for number, one in enumerate(body.find_all(HEADINGS), 1):
        above = max(2, min(int(one.name[1]), above + 1))
        one.name = f"h{above}"
        one["id"] = f"part-{number}"


def _contents(body: BeautifulSoup) -> Sequence[tuple[str, str]]:
    return [(str(one["id"]), one.get_text(" ", strip=True).rstrip("¶ ")) for one in body.find_all("h2")]


def _described(body: BeautifulSoup, title: str) -> None:
    """A text for every picture: its own, or for want of one the heading that it stands under."""
    for one in body.find_all("img"):
        if not one.get("alt"):
            heading = one.find_previous(HEADINGS)
            one["alt"] = f"Picture: {heading.get_text(' ', strip=True) if heading else title}"
    for one in body.find_all("svg"):
        if not one.get("aria-label"):
            one["role"], one["aria-label"] = "img", f"Picture: {title}"


def _scoped(body: BeautifulSoup) -> None:
    """Which way a heading of a table reads; styles of single tables go, the page has its own."""
    for one in body.find_all("th"):
        one["scope"] = "col" if one.find_parent("thead") else "row"
    for one in body.find_all("style"):
        if not one.find_parent("svg"):
            one.decompose()
    for one in body.find_all("table"):
        del one["border"]
    for one in body.select("table.dataframe td"):
        if NUMBER.fullmatch(one.get_text(strip=True)):
            one["class"] = "number"
    for one in body.select("table.dataframe"):
        _headed(one)


def _headed(one: Tag) -> None:
    """Headings of columns of numbers stand over them."""
    rows, first = one.select("thead tr"), one.select_one("tbody tr")
    if rows and first:
        for heading, cell in zip(rows[0].find_all("th"), first.find_all(["th", "td"]), strict=False):
            if cell.get("class") == "number":
                heading["class"] = "number"


def _style(name: str) -> str:
    return ' class="hash"' if "SHA-256" in name else ""


def _receipts(receipts: Mapping[str, Receipt]) -> str:
    rows = [
        (
            name,
            f"{one.crm}.{one.endpoint}" if one.crm else one.endpoint,
            one.verdict,
            f"{one.records:,}",
            "" if one.declared_total is None else f"{one.declared_total:,}",
            one.newest or "",
            "; ".join(one.problems),
        )
        for name, one in receipts.items()
    ]
    found = BeautifulSoup(table("Receipts of the tables in the bundle", RECEIPT, rows), "html.parser")
    _scoped(found)
    return str(found)
