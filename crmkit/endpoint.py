"""The row: one documented read operation as a value, and what becomes of it on a client, a callable with a true signature.

A row is a class attribute of a client (contacts = Endpoint(...)). Everything an analyst sees of it comes from the row: the name on
Tab, the signature, the docstring, the columns, the README table, the panel's menus and the contract tests.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from inspect import Parameter, Signature
from itertools import product
from typing import TYPE_CHECKING, Any, Protocol, overload
from urllib.parse import quote

import numpy as np
import pandas as pd

from crmkit.columns import COMPUTED, Column, described, visible
from crmkit.docs import docstring
from crmkit.errors import ConfigError, CrmkitError, NotFound, ParameterError, PermissionDenied
from crmkit.paging import Paging, SinglePage
from crmkit.params import Pairs, Param, flat, is_several, listed, several_ids, timestamp, unknown_name
from crmkit.records import DERIVED, Pick, only_list
from crmkit.transport import Call

if TYPE_CHECKING:
    from crmkit.client import Client
    from crmkit.plan import Plan

SLOT = re.compile(r"{(\w+)}")
COMMON = {
    "limit": "int or None. Stop after so many records: a sample, and the receipt says so.",
    "refresh": "bool. Ask the server again and replace what the cache holds.",
    "allow_partial": "bool. Return what came, marked as incomplete, instead of raising IncompleteFetch.",
}
SENSITIVE = "bool. Also return the columns that are left out by default because they are very personal."

Values = dict[str, Any]


class Side(Protocol):
    """Collects what answers carry beside their records."""

    def see(self, body: Any, again: bool = False) -> None:
        """Look at one answer; again: in a second reading of the list, whose records take the place of those of the first."""
        ...

    def frames(self) -> dict[str, pd.DataFrame]:
        """The tables, by name."""
        ...

    def problems(self) -> list[str]:
        """What the receipt should say about them."""
        ...


_rows: dict[tuple[str, str], Endpoint] = {}


@dataclass(frozen=True)
class Variant:
    """Keywords that turn a call of one row into a call of another: activities(start=...) asks activities_since."""

    keywords: tuple[str, ...]
    row: str
    params: tuple[Param, ...]


@dataclass(eq=False)
class Endpoint:
    """One documented read operation.

    path: the vendor's template, as the contract sheet prints it. doc: what it gives, one sentence. columns: of its frame, in
    order. source: where the sheet describes it. params: keyword parameters. path_params: meaning and kind of the slots that
    need more than a name. paging, pick: how the list goes on and where the records are; paging_for: where that depends on the
    call's values. key: fields that tell records apart; record: the noun of one (its key in child frames is <record>_id).
    in_body: the parameters travel as a JSON body. variants: see Variant. secrets: members that are removed from answers before
    anything is stored; scrub: a further change of the answer before that (signed links). empty_on_404: no list is an empty
    list. tries: templates to ask in this order, the next one on 404 (default: just path). hint_404 and permission: what a NotFound or a PermissionDenied should name. remarks: sentences about
    an answer that belong in the receipt's problems. side: makes a collector of the tables that answers carry beside their
    records (crmkit.included). refine: a last look at the frame, with the call's values and the client; a list in its
    attrs["problems"] goes to the receipt. read_file: bytes of an answer that is not JSON -> records. experimental: not in the
    vendor's document; "not offered" (403, 404) is an empty frame then. check: a parameter rule over all values. rewrite: the
    values as they are sent, once per request (defaults of the client, a long list split); their records are one frame. part_of: for
    a list that belongs to one record, the noun of that record and the list there (contact, address).
    """

    path: str
    doc: str
    columns: tuple[Column, ...]
    source: str
    method: str = "GET"
    params: tuple[Param, ...] = ()
    path_params: tuple[Param, ...] = ()
    paging: Paging = field(default_factory=SinglePage)
    paging_for: Callable[[Values], Paging] | None = None
    pick: Pick = only_list
    key: tuple[str, ...] = ("id",)
    record: str = ""
    in_body: bool = False
    variants: tuple[Variant, ...] = ()
    secrets: tuple[str, ...] = ()
    scrub: Callable[[Any, bytes], Any] | None = None
    empty_on_404: bool = False
    tries: tuple[str, ...] = ()
    hint_404: str = ""
    permission: str = ""
    remarks: Callable[[Any], list[str]] | None = None
    side: Callable[[], Side] | None = None
    refine: Callable[[pd.DataFrame, Values, Client], pd.DataFrame] | None = None
    read_file: Callable[[bytes, str], list[dict[str, Any]]] | None = None
    accept: str = ""
    experimental: bool = False
    check: Callable[[Values], None] | None = None
    rewrite: Callable[[Values, Client], list[Values]] | None = None
    part_of: tuple[str, str] | None = None
    name: str = field(default="", init=False)
    crm: str = field(default="", init=False)
    subclass: str = field(default="", init=False)

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.crm = str(getattr(owner, "crm", owner.__name__))
        if not self.doc or not self.source:
            raise ConfigError(f"row {name}: a doc and a source are needed.", crm=self.crm)
        known = {COMPUTED[1:-1], *self._slots, *(param.name for param in self.params)}
        for one in self.columns:
            if one.from_call and one.from_call not in known:
                raise ConfigError(f"row {name}: column {one.name} repeats an unknown parameter.", crm=self.crm)
        if any(getattr(one, "crm", None) == self.crm for one in owner.__mro__[1:]):
            self.subclass = f"{owner.__module__}.{owner.__qualname__}"
        _rows[self.subclass or self.crm, name] = self

    @staticmethod
    def of(facts: Mapping[str, Any]) -> Endpoint:
        """The row that a frame's receipt names, as kept with the frame; facts["subclass"]: whose own it is, where it is not the CRM's."""
        crm, name = facts.get("crm", ""), facts.get("endpoint", "")
        whose = facts.get("subclass") or crm
        if (whose, name) not in _rows:
            raise ConfigError(f"there is no row {crm}.{name}; the frame comes from another version of crmkit.")
        return _rows[whose, name]

    @overload
    def __get__(self, client: None, owner: type) -> Endpoint: ...
    @overload
    def __get__(self, client: Client, owner: type) -> Fetcher: ...
    def __get__(self, client: Client | None, owner: type) -> Endpoint | Fetcher:
        return self if client is None else fetcher(self, client)

    @property
    def _slots(self) -> tuple[str, ...]:
        return tuple(SLOT.findall(self.path))

    def own_slots(self, given: Mapping[str, str]) -> tuple[Param, ...]:
        """The path parameters of a call, in path order; given are the slots that the client fills itself."""
        given_by_row = {param.name: param for param in self.path_params}
        return tuple(
            given_by_row.get(name) or Param(name, f"{name.replace('_', ' ')}.", kind="id")
            for name in self._slots
            if name not in given
        )

    @cached_property
    def fields(self) -> frozenset[str]:
        """The names at the top of one of its records, as documented; none where that is only its key, or nothing."""
        names = {one.path[0] for one in self.columns if not one.from_call} - set(DERIVED)
        return frozenset() if names <= set(self.key) else frozenset(names | {name.partition(".")[0] for name in self.key})

    def is_empty_on(self, error: CrmkitError) -> bool:
        """Whether this answer to the first request of a list says that there is none."""
        missing = (NotFound,) if self.empty_on_404 else ()
        return isinstance(error, (NotFound, PermissionDenied) if self.experimental else missing)

    @property
    def has_sensitive(self) -> bool:
        """Whether sensitive=True shows more columns."""
        return _has_opt_in(self.columns)


def _has_opt_in(columns: tuple[Column, ...]) -> bool:
    return any(one.opt_in or _has_opt_in(one.children) for one in columns)


@dataclass(frozen=True)
class Bound:
    """A call of a fetcher, understood: what to ask, with which labels, and how to treat it."""

    row: Endpoint
    calls: tuple[tuple[Call, Values], ...]
    values: Values
    label_columns: tuple[Column, ...]
    limit: int | None
    refresh: bool
    allow_partial: bool
    sensitive: bool

    @property
    def paging(self) -> Paging:
        """How this call reads its list."""
        return self.row.paging_for(self.values) if self.row.paging_for else self.row.paging


class Fetcher:
    """A row on a client: call it, and a typed, complete DataFrame comes back.

    .plan(...) says before a fetch what it will cost; .columns is a DataFrame of the columns it returns.
    """

    def __init__(self, row: Endpoint, client: Client) -> None:
        self.row = row
        self._client = client
        self._path_params = row.own_slots(client.slots)
        self._params = (*row.params, *(param for variant in row.variants for param in variant.params))
        self._common = {**COMMON, **({"sensitive": SENSITIVE} if row.has_sensitive else {})}
        self.__name__ = row.name
        self.__qualname__ = f"{type(client).__name__}.{row.name}"
        self.__module__ = type(client).__module__
        self.__signature__ = self._signature()
        self.__annotations__ = {"return": pd.DataFrame}

    # A property: the text is only put together when somebody asks for it.

    @property
    def __doc__(self) -> str:  # type: ignore[override]
        return docstring(self.row, self._path_params, self._params, self._common)

    def __repr__(self) -> str:
        return f"<{self.__qualname__}{self.__signature__}: {self.row.doc}>"

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{self._is_no_frame} It has no {name!r}.")

    def __getitem__(self, key: Any) -> Any:
        raise TypeError(self._is_no_frame)

    @property
    def _is_no_frame(self) -> str:
        """What to say to somebody who takes the fetcher for its frame."""
        row = vars(self).get("row")
        name = row.name if row else "it"
        words = ", ".join(param.name for param in vars(self).get("_path_params", ()))
        return f"{name} is a fetcher; call it to get a DataFrame: {name}({words})."

    def __call__(self, *args: Any, **kwargs: Any) -> pd.DataFrame:
        return self._client._fetch(self.bind(*args, **kwargs))

    @property
    def columns(self) -> pd.DataFrame:
        """The columns of the frame: column, dtype, unit, sensitivity, meaning (all string)."""
        return described(visible(self.row.columns, sensitive=True))

    def plan(self, *args: Any, **kwargs: Any) -> Plan:
        """What this call would cost: requests, minutes at the rate limit, and how much the cache covers.

        Takes the parameters of the fetcher. Where the number of records is not known yet, the first page is asked, one request per
        list: a call with several numbers reads several lists, and so may one with many ids. What is asked is kept in the cache, so
        the fetch does not ask it again. Pass probe=False to ask nothing.
        """
        probe = kwargs.pop("probe", True)
        return self._client._plan(self.bind(*args, **kwargs), probe)

    def _variant(self, args: tuple[Any, ...], kwargs: Values) -> tuple[Endpoint, tuple[Any, ...], Values]:
        """The row that these keywords mean, and its own arguments."""
        for variant in self.row.variants:
            given = [name for name in variant.keywords if kwargs.get(name) is not None]
            if len(given) == len(variant.keywords):
                row: Endpoint = getattr(type(self._client), variant.row)
                moved = [kwargs[name] for name in variant.keywords]
                rest = {name: value for name, value in kwargs.items() if name not in variant.keywords and value is not None}
                if missing := len(self._path_params) - len(args):
                    args = (*args, *(rest.pop(param.name, param.default) for param in self._path_params[-missing:]))
                return row, (*args, *moved), rest
        dropped = {name for variant in self.row.variants for name in variant.keywords if kwargs.get(name, 0) is None}
        return self.row, args, {name: value for name, value in kwargs.items() if name not in dropped}

    def _signature(self) -> Signature:
        places = [
            Parameter(
                param.name,
                Parameter.POSITIONAL_OR_KEYWORD,
                default=Parameter.empty if param.default is None else param.default,
            )
            for param in self._path_params
        ]
        words = {param.name: Parameter.empty if param.required else None for param in self._params}
        defaults = {**words, "limit": None, **{name: False for name in self._common if name != "limit"}}
        keywords = [Parameter(name, Parameter.KEYWORD_ONLY, default=default) for name, default in defaults.items()]
        return Signature([*places, *keywords], return_annotation=pd.DataFrame)

    def bind(self, *args: Any, **kwargs: Any) -> Bound:
        """The call, checked, of the row that its keywords mean; an error of its parameters speaks of this fetcher and these keywords."""
        row, args, kwargs = self._variant(args, kwargs)
        try:
            return fetcher(row, self._client)._bound(*args, **kwargs) if row is not self.row else self._bound(*args, **kwargs)
        except ParameterError as error:
            error.crm, error.endpoint = self._client.crm, self.row.name
            error.what = self._as_typed(error.what, row)
            raise

    def _as_typed(self, said: str, row: Endpoint) -> str:
        """What is said of a variant's row, in the words that were typed: of activities and start, not activities_since and start_date."""
        words = {row.name: self.row.name}
        for variant in self.row.variants:
            if variant.row == row.name:
                slots = row.own_slots(self._client.slots)[-len(variant.keywords) :]
                words |= {slot.name: keyword for slot, keyword in zip(slots, variant.keywords, strict=True)}
        names = "|".join(map(re.escape, words))
        # What a parameter takes is no name of one: date takes date, Timestamp or text.
        return re.sub(rf"(?<!takes )\b({names})\b", lambda found: words[found[0]], said)

    def _bound(self, *args: Any, **kwargs: Any) -> Bound:
        """The call, checked: unknown names, missing ids and values of the wrong kind raise ParameterError before anything is asked."""
        what = self.row.name
        places = self._places(args, kwargs, what)
        known = {param.name: param for param in self._params if not any(param in variant.params for variant in self.row.variants)}
        for name in kwargs:
            if name not in known and name not in self._common:
                raise unknown_name(name, [*known, *self._common, *(param.name for param in self._params)], what)
        common = {name: kwargs.pop(name, None) for name in self._common}
        values = {name: value for name, value in kwargs.items() if value is not None}
        for param in known.values():
            if param.default is not None:
                values.setdefault(param.name, param.default)
            if param.required and param.name not in values:
                raise ParameterError(
                    f"{what} needs {param.name}: {param.meaning}", hint=f"call {self.row.name}({param.name}=...)."
                )
        if self.row.check is not None:
            self.row.check({**places, **values})
        sent = [values] if self.row.rewrite is None else self.row.rewrite(values, self._client)
        return Bound(
            self.row,
            tuple(call for one in sent for call in self._calls(places, known, one)),
            {**places, **(sent[0] if sent else {}), **values},
            self._label_columns(places),
            _limit(common["limit"]),
            *(_yes_or_no(name, common.get(name)) for name in ("refresh", "allow_partial", "sensitive")),
        )

    def _places(self, args: tuple[Any, ...], kwargs: Values, what: str) -> Values:
        """The path parameters by name, taken out of args and kwargs."""
        names = [param.name for param in self._path_params]
        if len(args) > len(names):
            takes = f"{len(names)} ({', '.join(names)})" if names else "no"
            word = next((param.name for param in self._params), "limit")
            raise ParameterError(f"{what} takes {takes} positional arguments.", hint=f"give others by name: {word}=...")
        places = dict(zip(names, args, strict=False))
        for param in self._path_params[len(args) :]:
            given = kwargs.pop(param.name, None)
            if given is None and param.default is None:
                raise ParameterError(
                    f"{what} needs {param.name}: {param.meaning}", hint=f"call {self.row.name}({', '.join(names)})."
                )
            places[param.name] = param.default if given is None else given
        return places

    def _calls(self, places: Values, known: Mapping[str, Param], values: Values) -> list[tuple[Call, Values]]:
        query = [] if self.row.in_body else flat([known[name].pairs(value) for name, value in values.items()])
        body = (
            {known[name].wire or name: _body_value(known[name], value) for name, value in values.items()}
            if self.row.in_body
            else None
        )
        several = [several_ids(places[param.name], param) for param in self._path_params]
        calls = []
        for combination in product(*several):
            places_now = list(zip(self._path_params, combination, strict=True))
            slots = {param.name: _slot_text(param, value, values.get("date_form")) for param, value in places_now}
            labels = {param.name: _label(param, value) for param, value in places_now}
            calls.append((self._call(slots, query, body), {**labels, **values}))
        return calls

    def _call(self, slots: Mapping[str, str], query: Pairs, body: Any) -> Call:
        row, client = self.row, self._client
        whole_uris = {param.name for param in self._path_params if param.form == "uri"}
        first, *others = (client.wire_path(template, slots, whole_uris) for template in row.tries or (row.path,))
        return Call(
            method=row.method,
            path=first,
            query=query,
            body=body,
            name=row.name,
            secrets=row.secrets,
            scrub=row.scrub,
            file=row.read_file is not None,
            accept=row.accept or client.accept,
            others=tuple(others),
            hints=_hints(row, client.hints),
        )

    def _label_columns(self, places: Values) -> tuple[Column, ...]:
        """Columns for the path parameters that were given as a list and that no declared column repeats."""
        declared = {one.from_call or one.name: one for one in self.row.columns}
        return tuple(
            Column(param.name, f"The {param.name} this line was asked for.", _label_kind(param), source=f"{{{param.name}}}")
            for param in self._path_params
            if is_several(places[param.name]) and param.name not in declared
        )


def fetcher(row: Endpoint, client: Client) -> Fetcher:
    """The row on this client. Its class is made for it, so that completion also finds the keywords on __call__."""

    def call(self: Fetcher, *args: Any, **kwargs: Any) -> pd.DataFrame:
        return Fetcher.__call__(self, *args, **kwargs)

    kind = type(row.name, (Fetcher,), {"__call__": call, "__doc__": vars(Fetcher)["__doc__"]})
    one: Fetcher = kind(row, client)
    itself = Parameter("self", Parameter.POSITIONAL_OR_KEYWORD)
    call.__signature__ = one.__signature__.replace(parameters=[itself, *one.__signature__.parameters.values()])  # type: ignore[attr-defined]
    return one


def _hints(row: Endpoint, general: Mapping[int, str]) -> dict[int, str]:
    """What to do after a refusal: the client's own words, and what the row knows better."""
    hints = {**general, 404: row.hint_404} if row.hint_404 else dict(general)
    if row.permission:
        hints[403] = f"ask for the permission {row.permission}. {general.get(403, '')}".strip()
    return hints


def _limit(value: Any) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
        return value
    raise ParameterError("limit takes a whole number above 0, or None for everything.")


def _yes_or_no(name: str, value: Any) -> bool:
    if value is None or isinstance(value, bool | np.bool_):
        return bool(value)
    raise ParameterError(f"{name} takes True or False.")


def _body_value(param: Param, value: Any) -> Any:
    return param.text(value) if param.several == "no" else [param.text(one) for one in listed(value)]


def _slot_text(param: Param, value: Any, date_form: str | None) -> str:
    if param.kind == "day" and date_form:
        param = replace(param, form=date_form)
    text = param.text(value)
    if not text.strip() or text in (".", ".."):
        raise ParameterError(f"{param.name} takes {param.described}, not an empty text or dots.")
    return text


def _label_kind(param: Param) -> str:
    return {"integer": "integer", "day": "day"}.get(param.kind, "text")


def _label(param: Param, value: Any) -> Any:
    """What a column that repeats this parameter holds."""
    if param.kind == "integer":
        return int(param.text(value))
    return timestamp(value, param.name).strftime("%Y-%m-%d") if param.kind == "day" else param.text(value)


def quoted(text: str, *, uri: bool) -> str:
    """A path parameter as it goes into the path; only whole URIs keep their slashes."""
    return quote(text, safe="/" if uri else "")
