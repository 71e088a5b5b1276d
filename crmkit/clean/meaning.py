"""What the columns of a frame mean: which are mails, phones, names, days. Declared columns first, then the name, then the values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from crmkit.children import declared
from crmkit.columns import Column
from crmkit.endpoint import Endpoint
from crmkit.errors import CrmkitError, ParameterError, ShapeError
from crmkit.params import unknown_name
from crmkit.receipts import ATTRS, Receipt, receipt

KINDS = (
    "email", "phone", "first_name", "last_name", "full_name", "birth_date", "day", "postal_code", "city", "country", "iban",
    "vat", "national_be", "text",
)  # fmt: skip
_NAMED: Mapping[str, str] = {
    "email": r"(e_?mail|mail|courriel|mailadres)(_?(address|adres|adresse))?(_?\d)?",
    "phone": r"(tele)?phone(_?number)?(_?\d)?|mobile(_?number)?|gsm|tel|telefoon(nummer)?|telefon|mobiel|handy|portable|cell",
    "first_name": r"first_?names?|voornaam|voornamen|prenom|given_?names?|other_names|vorname|roepnaam|forename",
    "last_name": r"last_?name|surname|family_?name|achternaam|familienaam|nom(_de_famille)?|nachname",
    "full_name": r"full_?name|volledige_naam|contact_name",
    "birth_date": r"birth_?(date|day)|date_of_birth|born|dob|geboortedatum|verjaardag|date_de_naissance|geburtsdatum",
    "postal_code": r"zip(_?code)?|post(al)?_?code|plz|code_postal|postleitzahl",
    "city": r"city|town|locality|gemeente|woonplaats|stad|ville|ort|commune|municipality",
    "country": r"country(_?(code|name))?|land|pays",
    "iban": r"iban|bank_?account|rekeningnummer",
    "vat": r"vat(_?(number|no|nr|id))?|btw(_?(nummer|nr))?|tva",
    "national_be": r"national_identification_be|rijksregister(nummer)?|insz|niss",
    "day": r"(.*_)?(date|datum|day|dag)|date_.*",
    "text": r"street\d?|street_address|address\d?|straat|adres|birth_?place|place_of_birth|geboorteplaats|title|company(_name)?|organi[sz]ation",
}
NAMED = {
    kind: re.compile(rf"(?:(?:primary|secondary|main|home|work|private|account|contact|buyer|billing|birth)_)?(?:{words})")
    for kind, words in _NAMED.items()
}
SHAPES: Mapping[str, re.Pattern[str]] = {
    "email": re.compile(r"[^@\s]+@[^@\s]+\.[a-z]+"),
    "phone": re.compile(r"\+[1-9]\d{7,14}"),
    "day": re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}[/.]\d{1,2}[/.]\d{4}"),
}
OWNERS = ("value", "number", "string_value")  # columns that say nothing; the list they come from does
MADE = re.compile(r".*\.(clean|reason|doubt|suggestion|ambiguous)")


@dataclass(frozen=True)
class Meaning:
    """What is known of a column: its kind (a word of KINDS, "" where it has none), how personal it is, the values it may have.

    counts: whether its numbers count or measure something; those of ids do not.
    """

    name: str
    kind: str
    sensitivity: str = "none"
    values: tuple[str, ...] = ()
    counts: bool = True


def is_text(column: pd.Series[Any]) -> bool:
    """Whether a column holds texts only."""
    return isinstance(column.dtype, pd.StringDtype) or (
        column.dtype == object and pd.api.types.infer_dtype(column, skipna=True) == "string"
    )


def proof_of(frame: pd.DataFrame) -> Receipt | None:
    """The receipt of a frame, None where it has none."""
    try:
        return receipt(frame)
    except ShapeError:
        return None


def row_of(frame: pd.DataFrame) -> tuple[Mapping[str, Column], str, str]:
    """The declared columns of a frame by name, its key, and the list it was opened from; nothing where no row made it."""
    if proof_of(frame) is None:
        return {}, "", ""
    trail = list(frame.attrs[ATTRS].get("child", []))
    try:
        row = Endpoint.of(frame.attrs[ATTRS])
        columns, key, _ = declared(row, trail)
    except (CrmkitError, StopIteration):  # a topic's frame, or one of another version
        return {}, "", ""
    return {one.name: one for one in columns}, key if not trail else str(frame.columns[0]), trail[-1] if trail else ""


def key_of(frame: pd.DataFrame) -> str | None:
    """The column that says which record a line is: declared, else id, uid, uri or the first one that ends so; None is the index."""
    named = [row_of(frame)[1], "id", "uid", "uri", *(str(name) for name in frame.columns if str(name).endswith(("_id", "_uid")))]
    return next((name for name in named if name and name in frame.columns), None)


def a_frame(given: Any, function: str) -> pd.DataFrame:
    """What was given, if it is a frame. Raises ParameterError for a client, a fetcher that was not called, or many frames."""
    if isinstance(given, pd.DataFrame):
        return given
    hint = (
        f"call the fetcher: {function}(client.contacts())."
        if not isinstance(given, Mapping)
        else f"one at a time: {function}(frames[name])."
    )
    raise ParameterError(f"{function}() takes one DataFrame, not a {type(given).__name__}.", hint=hint)


def meanings(frame: pd.DataFrame, kinds: Mapping[str, str | None] | None = None) -> dict[str, Meaning]:
    """The meaning of every column that can be looked at, in order; kinds overrules for single columns, None leaves one out.

    A column is what its declaration says where a fetcher made the frame (values, sensitivity, and direct makes name a person's),
    else what its name says in English, Dutch, French or German, else, undeclared, what nine in ten of its values look like.
    """
    given = dict(kinds or {})
    for name, kind in given.items():
        if name not in frame.columns:
            raise unknown_name(name, map(str, frame.columns), "kinds")
        if kind is not None and kind not in KINDS:
            raise ParameterError(f"kinds: {kind!r} is no kind of column.", hint=f"one of {', '.join(KINDS)}, or None.")
    (columns, _, parent), key = row_of(frame), key_of(frame)
    found = {}
    for name in frame.columns:
        if not isinstance(name, str) or MADE.fullmatch(name) or name.endswith(".raw") or given.get(name, "") is None:
            continue
        row = columns.get(name)
        kind = given.get(name) or _kind(frame[name], f"{parent}.{name}" if parent and name in OWNERS else name, row)
        found[name] = Meaning(
            name,
            kind,
            row.sensitivity if row else _guessed(kind),
            row.values if row else (),
            name != key and not (row and row.kind == "id"),
        )
    return found


def _kind(column: pd.Series[Any], name: str, row: Column | None) -> str:
    text, day = is_text(column), column.dtype.kind == "M"
    if not (text or day) or (row is not None and row.kind == "id"):
        return ""
    words = [re.sub(r"\W+", "_", part.lower()) for part in name.split(".")]
    said = words[-2].rstrip("s") if words[-1] in OWNERS and len(words) > 1 else words[-1]
    if said == "name" and row is not None and row.sensitivity == "direct":
        return "full_name"
    kinds = [kind for kind, pattern in NAMED.items() if pattern.fullmatch(said)]
    if day:
        return "birth_date" if "birth_date" in kinds else ""
    return kinds[0] if kinds else _looks_like(column) if row is None else ""


def _looks_like(column: pd.Series[Any]) -> str:
    """The kind that nine in ten of the values have the shape of."""
    some = column.dropna().head(2000)
    some = some[some.str.strip() != ""]
    if len(some) < 5:
        return ""
    return next((kind for kind, shape in SHAPES.items() if some.str.fullmatch(shape.pattern).mean() >= 0.9), "")


def _guessed(kind: str) -> str:
    """How personal a column is that nobody declared."""
    if kind in ("email", "phone", "first_name", "last_name", "full_name", "iban", "national_be"):
        return "direct"
    return "quasi" if kind in ("birth_date", "postal_code", "city") else "none" if kind else "text"
