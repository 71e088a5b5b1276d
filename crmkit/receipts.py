"""What is known about how a frame came to be, and whether it is complete; travels in the frame's attrs as plain JSON values."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from crmkit.errors import ShapeError

ATTRS = "crmkit"


@dataclass(frozen=True)
class Receipt:
    """Proof of a fetch.

    crm, endpoint, params: what was asked. account: a short label of the credential, not secret. complete: True, False, or None
    where the vendor gives nothing to check against. limited: stopped at limit= (a sample). records: lines of the frame.
    declared_total: what the vendor says there is, or None. pages, calls, cached_pages: answers read, requests sent now, answers
    taken from the cache. duplicates: records that came more than once and were kept once. drift: what moved while the list was
    read. unknown_fields: columns that no row declares. rejected_values: column -> values kept as text in <column>.raw.
    oldest, newest: when the answers came (UTC, ISO 8601). problems: sentences on everything that is not certain.
    """

    crm: str
    endpoint: str
    params: Mapping[str, Any] = field(default_factory=dict)
    account: str = ""
    complete: bool | None = True
    limited: bool = False
    records: int = 0
    declared_total: int | None = None
    pages: int = 0
    calls: int = 0
    cached_pages: int = 0
    duplicates: int = 0
    drift: tuple[str, ...] = ()
    unknown_fields: tuple[str, ...] = ()
    rejected_values: Mapping[str, int] = field(default_factory=dict)
    oldest: str | None = None
    newest: str | None = None
    problems: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """Complete, INCOMPLETE, a sample, or cannot be known; in words."""
        if self.limited:
            return f"a sample of {self.records:,}"
        return {True: "complete", False: "INCOMPLETE", None: "completeness cannot be checked"}[self.complete]

    def to_dict(self) -> dict[str, Any]:
        """The receipt as plain JSON values."""
        plain = asdict(self)
        return {key: list(value) if isinstance(value, tuple) else value for key, value in plain.items()}

    def _lines(self) -> list[tuple[str, str]]:
        total = "not declared" if self.declared_total is None else f"{self.declared_total:,} declared"
        lines = [
            ("records", f"{self.records:,} ({total})"),
            ("pages", f"{self.pages:,} ({self.calls:,} asked now, {self.cached_pages:,} from the cache)"),
            ("account", self.account),
            ("answers from", _span(self.oldest, self.newest)),
        ]
        if self.params:
            lines.append(("parameters", ", ".join(f"{name}={value}" for name, value in self.params.items())))
        if self.duplicates:
            lines.append(("duplicates", f"{self.duplicates:,} repeats dropped"))
        lines += [("drift", line) for line in self.drift]
        if self.unknown_fields:
            lines.append(("undeclared", ", ".join(self.unknown_fields)))
        if self.rejected_values:
            kept = ", ".join(f"{count:,} in {name}" for name, count in self.rejected_values.items())
            lines.append(("kept as text", kept))
        return lines + [("problem", line) for line in self.problems]

    def __repr__(self) -> str:
        head = f"Receipt: {self.crm}.{self.endpoint}, {self.verdict}"
        return "\n".join([head, *(f"  {name:<13} {text}" for name, text in self._lines())])

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><th style="text-align:left">{html.escape(name)}</th><td style="text-align:left">{html.escape(text)}</td></tr>'
            for name, text in self._lines()
        )
        head = html.escape(f"{self.crm}.{self.endpoint}: {self.verdict}")
        return f"<table><caption>{head}</caption><tbody>{rows}</tbody></table>"


def _span(oldest: str | None, newest: str | None) -> str:
    if oldest is None or newest is None:
        return "no answer"
    return f"{oldest} UTC" if oldest == newest else f"{oldest} to {newest} UTC"


def moment(seconds: float) -> str:
    """Seconds since 1970 as UTC text to the second."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def from_dict(plain: Mapping[str, Any]) -> Receipt:
    """The receipt that to_dict() wrote."""
    known: dict[str, Any] = {name: plain[name] for name in Receipt.__dataclass_fields__ if name in plain}
    frozen: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in known.items()}
    return Receipt(**frozen)


def joined(proofs: Sequence[Receipt], **told: Any) -> Receipt:
    """One receipt for what was made from several fetches: the worst verdict, calls and pages added up, the ages spanned.

    told are the fields that the caller words itself: endpoint, account, records, drift, problems and so on.
    """
    verdicts = {proof.complete for proof in proofs}
    return Receipt(
        complete=False if False in verdicts else None if None in verdicts else True,
        limited=any(proof.limited for proof in proofs),
        pages=sum(proof.pages for proof in proofs),
        calls=sum(proof.calls for proof in proofs),
        cached_pages=sum(proof.cached_pages for proof in proofs),
        duplicates=sum(proof.duplicates for proof in proofs),
        oldest=min((proof.oldest for proof in proofs if proof.oldest), default=None),
        newest=max((proof.newest for proof in proofs if proof.newest), default=None),
        **told,
    )


class PartialFrame(pd.DataFrame):
    """A DataFrame that is known or suspected to lack records, and says so wherever it is shown."""

    @property
    def _constructor(self) -> type[PartialFrame]:
        return PartialFrame

    def _banner(self) -> str:
        problems = self.attrs.get(ATTRS, {}).get("problems", [])
        return "; ".join(["INCOMPLETE: records are missing or suspected to be missing", *problems]) + "."

    def __repr__(self) -> str:
        return f"{self._banner()}\n{super().__repr__()}"

    def _repr_html_(self) -> str:
        table = super()._repr_html_()  # type: ignore[misc]
        return f'<p style="color:#b00020"><strong>{html.escape(self._banner())}</strong></p>{table}'


class Mark(dict[str, Any]):
    """Equal to nothing but itself, and new in every copy: pandas keeps what several frames say alike, and a proof is of one."""

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = None

    def __deepcopy__(self, memo: dict[int, Any]) -> Mark:
        return Mark()


class Told(dict[str, Any]):
    """What attach() writes beside a frame: nothing in it is changed, so pandas, which copies it at every step, need not copy what is inside."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Told:
        return Told({**self, "mark": Mark()})


class Included(dict[str, Any]):
    """The tables that came beside a frame, as something pandas can copy cheaply and Parquet can write (as nothing)."""

    def __init__(self, frames: Mapping[str, pd.DataFrame]) -> None:
        super().__init__()
        self.frames = dict(frames)

    def __deepcopy__(self, memo: dict[int, Any]) -> Included:
        return self


def included(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The tables that came beside the records, by name: of MissionHub what include= asked for, by type, and link tables;
    of sheepCRM's attendance, orders and tickets "events" and "counts"; of OnePageCRM's saved filters "filter".

    Raises ShapeError where the frame has none, or lost them (they do not go through Parquet).
    """
    receipt(frame)
    beside = frame.attrs[ATTRS].get("included")
    if not isinstance(beside, Included):
        raise ShapeError(
            "nothing was included with this frame.",
            hint="fetch it with include=..., and before it is written to a file.",
        )
    return beside.frames


def attach(frame: pd.DataFrame, proof: Receipt, key: Sequence[str] = (), **more: Any) -> pd.DataFrame:
    """The frame with its receipt; more are further plain facts that belong to it.

    key: columns that tell its records apart. With the number of lines it is how receipt() knows the frame again.
    """
    if proof.complete is False and not proof.limited:
        frame = PartialFrame(frame)
    told_apart = list(key) if key and set(key) <= set(frame.columns) and not _repeats(frame, key) else []
    frame.attrs[ATTRS] = Told({**proof.to_dict(), **more, "lines": len(frame), "key": told_apart, "mark": Mark()})
    return frame


def _repeats(frame: pd.DataFrame, key: Sequence[str]) -> bool:
    return bool(frame.duplicated(list(key)).any()) if all(frame[name].dtype != object for name in key) else True


def holds(frame: pd.DataFrame) -> bool:
    """Whether the frame carries a receipt and can be what it was given for, or a part of that: no more lines, no record twice."""
    plain = getattr(frame, "attrs", {}).get(ATTRS)
    if not plain or len(frame) > plain.get("lines", len(frame)):
        return False
    key, names = plain.get("key") or [], set(frame.columns)
    if set(key) <= names:
        return not key or not _repeats(frame, key)
    return not any(f"{name}_x" in names for name in key)  # what merge() makes of it


def receipt(frame: pd.DataFrame) -> Receipt:
    """What is known about how this frame came to be, and whether it is complete.

    Parameters
    frame: a DataFrame that a fetcher returned, or one filtered, copied or read back from Parquet.

    Raises ShapeError where the frame has none: pandas drops it in merge, concat and groupby; or where it cannot be the frame's own,
    because a record stands there twice or there are more lines than came.
    """
    if not isinstance(frame, pd.DataFrame):
        raise ShapeError(
            "receipt() takes a DataFrame that a fetcher returned.", hint="call the fetcher: receipt(client.contacts())."
        )
    plain = frame.attrs.get(ATTRS)
    if not plain:
        raise ShapeError(
            "this frame carries no receipt: pandas drops it in merge, concat and groupby.",
            hint="call crmkit.receipt() on the frames before they are combined, or copy it: new.attrs = old.attrs.",
        )
    if not holds(frame):
        raise ShapeError(
            "this frame is not what its receipt was given for: it has more lines, or a record twice, as after merge, concat or explode.",
            hint="call crmkit.receipt() on the frames before they are combined.",
        )
    return from_dict(plain)
