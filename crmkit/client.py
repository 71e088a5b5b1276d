"""What all clients share: credentials, cache, pacing, the list of fetchers, the check of a key."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from difflib import get_close_matches
from functools import cached_property, partial
from inspect import Parameter, Signature
from pathlib import Path
from typing import Any, ClassVar, Self

import pandas as pd

from crmkit import cache, display
from crmkit.endpoint import SLOT, Bound, Endpoint, quoted
from crmkit.errors import AuthError, ConfigError, CrmkitError, NetworkError, ParameterError, PermissionDenied
from crmkit.fetch import Fetch
from crmkit.pacing import Budget, Pacer, budgets
from crmkit.params import unknown_name
from crmkit.plan import Plan, plan
from crmkit.receipts import receipt
from crmkit.secrets import Secret, from_environment, prompt
from crmkit.store import Partition
from crmkit.transport import Call, Throttle, Transport, checked_base
from crmkit.writing import Writing

DAY = timedelta(hours=24)
PREFIX = re.compile(r"[A-Z][A-Z0-9_]{,39}")
OPTIONS: Mapping[str, Any] = {
    "base_url": None,
    "cache_dir": None,
    "expire_after": DAY,
    "pace": "vendor",
    "workers": None,
    "progress": "auto",
}


PUBLIC = ("account", "base_url", "check", "endpoints", "explore", "from_env", "from_prompt")


@dataclass(frozen=True)
class Credential:
    """One thing a client needs to know about an account: a keyword argument, and <CRM>_<NAME> in the environment."""

    name: str
    meaning: str
    secret: bool = True
    required: bool = True


@dataclass(frozen=True)
class Check:
    """The answer of client.check(): a sentence and a small frame (asked: string, works: boolean, records: Int64, note: string)."""

    sentence: str
    frame: pd.DataFrame

    def __repr__(self) -> str:
        return f"{self.sentence}\n{self.frame.to_string(index=False)}"

    def _repr_html_(self) -> str:
        return display.table(self.sentence, list(self.frame.columns), self.frame.astype(object).itertuples(index=False))


class Client:
    """A connection to one CRM with one credential; see the subclasses for what each system needs.

    Common keyword arguments: base_url (also <CRM>_BASE_URL), cache_dir (also CRMKIT_CACHE_DIR), expire_after (timedelta or
    seconds, default 24 hours), pace ("vendor" for the documented limits, None for none, or pairs of (calls, seconds)), workers
    (pages in flight at once), progress ("auto", True or False). Those of systems that crmkit can write to also take writable
    (default False: the client cannot send anything but reads; True: crmkit.clean.plan(...).apply() may write).
    """

    crm: ClassVar[str] = ""
    default_base_url: ClassVar[str | None] = None
    base_path: ClassVar[str] = ""
    credentials: ClassVar[tuple[Credential, ...]] = ()
    limits: ClassVar[tuple[Budget, ...]] = ()
    throttle: ClassVar[Throttle] = Throttle()
    timeout: ClassVar[float] = 60.0
    default_workers: ClassVar[int] = 1
    trailing_slash: ClassVar[bool] = False
    accept: ClassVar[str] = "application/json"
    checks: ClassVar[tuple[str, ...]] = ()
    hints: ClassVar[Mapping[int, str]] = {}
    conveniences: ClassVar[tuple[str, ...]] = ()
    writings: ClassVar[tuple[Writing, ...]] = ()
    not_written: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        options = cls._options()
        names = [*(one.name for one in cls.credentials), *options]
        cls.__signature__ = Signature(  # type: ignore[attr-defined]
            [Parameter(name, Parameter.KEYWORD_ONLY, default=options.get(name)) for name in names]
        )

    @classmethod
    def _options(cls) -> dict[str, Any]:
        """The keyword arguments beside the credentials, with their defaults."""
        return {**OPTIONS, "writable": False} if cls.writings else dict(OPTIONS)

    def __init__(self, *positional: Any, **given: Any) -> None:
        # What fails leaves without the frames below and without the arguments: a traceback's locals would show a credential,
        # also one under a misspelt name or in the base URL.
        failure: CrmkitError | None = None
        try:
            self._configure(given, len(positional))
        except CrmkitError as error:
            failure = error
        given.clear()
        del positional
        if failure is not None:
            failure.__context__ = None
            raise failure.with_traceback(None)

    def _configure(self, given: dict[str, Any], unnamed: int) -> None:
        if unnamed:
            words = ", ".join(f"{one.name}=..." for one in self.credentials if one.required)
            raise ParameterError(f"{type(self).__name__} takes its arguments by name.", hint=f"{type(self).__name__}({words}).")
        known = {*self._options(), *(one.name for one in self.credentials)}
        for name in given:
            if name == "writable" and name not in known:
                raise ConfigError("nothing is written to this system yet, so there is no writable.", crm=self.crm)
            if name not in known:
                raise unknown_name(name, known, self.crm)
        options = {
            **self._options(),
            **{name: value for name, value in given.items() if value is not None or name in ("pace", "expire_after")},
        }
        self._credentials = {one.name: self._credential(one, given.get(one.name)) for one in self.credentials}
        self.base_url = self._base_url(options["base_url"])
        self.fresh_for = _seconds(options["expire_after"])
        self.budgets = budgets(options["pace"], self.limits)
        self.workers = _positive(self.default_workers if options["workers"] is None else options["workers"])
        self.progress = options["progress"]
        if self.progress not in (True, False, "auto"):
            raise ConfigError('progress takes True, False or "auto".', crm=self.crm)
        self._writable = options.get("writable", False)
        if self._writable not in (True, False):
            raise ConfigError("writable takes True or False.", crm=self.crm)
        self._cache_dir = options["cache_dir"]
        self._recipe = ""

    @classmethod
    def from_env(cls, *, prefix: str = "", **options: Any) -> Self:
        """A client with its credentials from the environment; a missing variable raises ConfigError and is named.

        prefix: for one of several accounts, what stands before the names: "NORTH" reads NORTH_PEEPL_TOKEN. options are keyword
        arguments of the client; those given here are not looked up.
        """
        return cls._made(partial(cls._from_environment, prefix), options)

    @classmethod
    def _from_environment(cls, account: str, options: dict[str, Any]) -> None:
        if account and not PREFIX.fullmatch(account):
            raise ConfigError("prefix takes capitals, digits and _, such as NORTH for NORTH_PEEPL_TOKEN.", crm=cls.crm)
        prefix = f"{account}_{cls.crm.upper()}" if account else cls.crm.upper()
        for one in cls.credentials:
            variable = f"{prefix}_{one.name.upper()}"
            if one.name not in options and (one.required or os.environ.get(variable)):
                value = Secret(from_environment(variable, cls.crm))
                options[one.name] = value if one.secret else value.reveal()
        if "base_url" not in options and (cls.default_base_url is None or os.environ.get(f"{prefix}_BASE_URL")):
            options["base_url"] = from_environment(f"{prefix}_BASE_URL", cls.crm)

    @classmethod
    def _made(cls, complete: Callable[[dict[str, Any]], None], options: dict[str, Any]) -> Self:
        """A client with its options completed; an error leaves without the frames below, whose locals may show a password."""
        failure: CrmkitError | None = None
        try:
            complete(options)
            return cls(**options)
        except CrmkitError as error:
            failure = error
        options.clear()
        failure.__context__ = None
        raise failure.with_traceback(None)

    @classmethod
    def from_prompt(cls, **options: Any) -> Self:
        """A client with its credentials typed at a prompt that does not echo; nothing of them stays in the notebook."""
        return cls._made(cls._from_keyboard, options)

    @classmethod
    def _from_keyboard(cls, options: dict[str, Any]) -> None:
        for one in cls.credentials:
            if one.name not in options and one.required:
                options[one.name] = Secret(prompt(cls.crm, one.name))

    def _credential(self, one: Credential, value: Any) -> Any:
        text = value.reveal() if isinstance(value, Secret) else value
        if text is None or (isinstance(text, str) and not text.strip()):
            if not one.required:
                return None
            variable = f"{self.crm.upper()}_{one.name.upper()}"
            raise ConfigError(
                f"{one.name} is missing: {one.meaning}",
                crm=self.crm,
                hint=f"pass {one.name}=..., or set {variable} and use {type(self).__name__}.from_env().",
            )
        if not isinstance(text, str) or not text.isprintable():
            raise ConfigError(f"{one.name} must be a text without line breaks.", crm=self.crm)
        return Secret(text.strip()) if one.secret else text.strip()

    def _base_url(self, given: str | None) -> str:
        chosen = given or os.environ.get(f"{self.crm.upper()}_BASE_URL") or self.default_base_url
        if not chosen:
            raise ConfigError(
                "base_url is missing: every customer has an address of its own.",
                crm=self.crm,
                hint=f"pass base_url=..., or set {self.crm.upper()}_BASE_URL.",
            )
        return checked_base(self.trimmed_base(chosen), self.crm) + self.base_path

    @staticmethod
    def trimmed_base(url: str) -> str:
        """What of a pasted address is the base; a system that adds its own path cuts it here."""
        return url.strip()

    @property
    def writable(self) -> bool:
        """Whether this client was made to write; it cannot be changed."""
        return bool(self._writable)

    @property
    def slots(self) -> dict[str, str]:
        """Parts of paths that the client fills itself."""
        return {}

    def authorisation(self) -> Mapping[str, str]:
        """The headers that authorise a request. Called per request, so that no session object holds a credential."""
        raise ConfigError("this client has no credentials.", crm=self.crm)

    def reveal(self, name: str) -> str:
        """A credential in clear, for authorisation() only."""
        value = self._credentials[name]
        return str(value.reveal()) if isinstance(value, Secret) else str(value)

    def adopt(self, response: Any) -> None:
        """Look at an accepted answer (a rolling token)."""

    @staticmethod
    def error_key(body: Any) -> Any:
        """The system's own key for what went wrong, out of an error's body; only a plain key gets into the error's text."""
        return None

    @cached_property
    def _folder(self) -> Path:
        return cache.usable_folder(self._cache_dir)

    @cached_property
    def account(self) -> str:
        """A short label of who the credential speaks for; not secret, the same on this machine every time."""
        return self._label(cache.salt(self._folder))

    def _label(self, salt: bytes) -> str:
        spoken_for = [self.base_url]
        for one in self.credentials:
            value = self._credentials[one.name]
            spoken_for.append(value.digest(salt) if isinstance(value, Secret) else str(value))
        return f"{self.crm.lower()}-{Secret(chr(0).join(spoken_for)).digest(salt)}"

    @property
    def _cache(self) -> Partition:
        return cache.partition(self._folder, self.account)

    @cached_property
    def _transport(self) -> Transport:
        return Transport(
            crm=self.crm,
            base_url=self.base_url,
            headers=self.authorisation,
            credentials=self._secret_bytes,
            cache=self._cache,
            pacer=Pacer(self.budgets, self._folder, self.account),
            throttle=self.throttle,
            timeout=self.timeout,
            connections=self.workers,
            adopt=self.adopt,
            error_key=self.error_key,
            reading_posts=self._reading_posts(),
            writable=self._writable,
        )

    def _reading_posts(self) -> frozenset[str]:
        """The paths at which a POST only reads: those of the rows that are asked so."""
        return frozenset(self.wire_path(row.path, {}, set()) for row in self.rows().values() if row.method == "POST")

    def _secret_bytes(self) -> list[bytes]:
        return [value.reveal().encode() for value in self._credentials.values() if isinstance(value, Secret)]

    @property
    def minutes_per_call(self) -> float:
        """How long one call takes at the steady rate limit, in minutes; 0.0 without one."""
        return max((limit.seconds / limit.calls for limit in self.budgets), default=0.0) / 60

    def wire_path(self, template: str, places: Mapping[str, str], whole_uris: set[str]) -> str:
        """A template with its slots filled, each value quoted."""
        filled = {**self.slots, **places}
        path = SLOT.sub(lambda slot: quoted(filled[slot[1]], uri=slot[1] in whole_uris), template)
        return path if not self.trailing_slash or path.endswith("/") else path + "/"

    def with_page(self, call: Call, params: Mapping[str, str | None], path: str) -> Call:
        """The call for one page of its list; a parameter that is None there is left out."""
        if not params and not path:
            return call
        own = (pair for pair in call.query if pair[0] not in params)
        query = [*own, *((name, value) for name, value in params.items() if value is not None)]
        place = self.wire_path(path, {}, set()) if path else call.path
        return replace(call, path=place, query=query)

    def _fetch(self, bound: Bound) -> pd.DataFrame:
        return Fetch(self, bound).run()

    def _plan(self, bound: Bound, probe: bool) -> Plan:
        return plan(self, bound, probe)

    @classmethod
    def rows(cls) -> dict[str, Endpoint]:
        """The rows by fetcher name, in the order of the class."""
        return {name: value for one in reversed(cls.__mro__) for name, value in vars(one).items() if isinstance(value, Endpoint)}

    def endpoints(self) -> pd.DataFrame:
        """Every documented read operation, one line each.

        Returns a DataFrame: name (fetcher), method (HTTP), path (the vendor's template), path_params (list, in order), params
        (list of keyword names), paged (bool), doc.
        """
        lines = [
            {
                "name": name,
                "method": row.method,
                "path": row.path,
                "path_params": [param.name for param in row.own_slots(self.slots)],
                "params": [param.name for param in row.params],
                "paged": row.paging.paged,
                "doc": row.doc,
            }
            for name, row in self.rows().items()
        ]
        frame = pd.DataFrame(lines, columns=["name", "method", "path", "path_params", "params", "paged", "doc"])
        return frame.astype({"name": "string", "method": "string", "path": "string", "paged": bool, "doc": "string"})

    def check(self) -> Check:
        """Does my key work, as whom, what may it read, and what is the budget: a sentence and a small frame.

        Asks one record of a few lists (one request each, not from the cache).
        """
        lines = [self._checked(name) for name in self.checks]
        budget = " and ".join(str(limit) for limit in self.budgets) or "no rate limit set"
        readable = f"{sum(line[1] for line in lines)} of {len(lines)} lists that were tried can be read"
        frame = pd.DataFrame([line[:4] for line in lines], columns=["asked", "works", "records", "note"])
        frame = frame.astype({"asked": "string", "works": "boolean", "records": "Int64", "note": "string"})
        return Check(f"{self.crm}: {self._verdict([line[4] for line in lines])}; {readable}; budget {budget}.", frame)

    def _verdict(self, errors: list[CrmkitError | None]) -> str:
        """What the answers of a check say about the key: only a refusal speaks against it."""
        if None in errors:
            return f"the key works for {self.account}"
        if any(isinstance(error, AuthError | PermissionDenied) for error in errors):
            return "the key does not work here"
        if all(isinstance(error, NetworkError) for error in errors):
            return "the server cannot be reached, so nothing is known of the key: check the network and base_url"
        return "nothing could be read, though the key was not refused: check base_url"

    def _checked(self, name: str) -> tuple[str, bool, int | None, str, CrmkitError | None]:
        fetcher: Callable[..., pd.DataFrame] = getattr(self, name)
        try:
            proof = receipt(fetcher(limit=1, refresh=True))
        except (AuthError, PermissionDenied) as error:
            return name, False, None, error.what, error
        except CrmkitError as error:
            return name, False, None, f"{type(error).__name__}: {error.what}", error
        return name, True, proof.declared_total, "complete" if proof.complete else "more can be read", None

    @property
    def recipe(self) -> str:
        """Python that makes this client again, without a credential in it."""
        return self._recipe or f"crmkit.{type(self).__name__}.from_env()"

    def explore(self, fetcher: str | None = None) -> Any:
        """A panel over all fetchers: choose one, fill in its parameters, see plan, columns, a preview, its receipt and the code.

        fetcher: the name of the one to begin with; the first by default. Raises ParameterError for an unknown name. Needs the extra notebooks (ipywidgets). Source: the rows of this class.
        """
        from crmkit.topics.explorer import Explorer

        return Explorer(self, fetcher)

    def __getattr__(self, name: str) -> Any:
        near = (
            [] if name.startswith("_") else get_close_matches(name, [*type(self).rows(), "endpoints", "check"], n=1, cutoff=0.5)
        )
        hint = f" Did you mean {near[0]}?" if near else ""
        raise AttributeError(f"{type(self).__name__} has no fetcher {name!r}.{hint}")

    def __dir__(self) -> list[str]:
        return [*type(self).rows(), *(name for name in vars(type(self)) if name in self.conveniences), *PUBLIC]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(type(self).rows())} fetchers; .endpoints() lists them)"

    def _repr_html_(self) -> str:
        lines = []
        for name, row in type(self).rows().items():
            words = [*(param.name for param in row.own_slots(self.slots)), *(param.name for param in row.params)]
            lines.append((name, ", ".join(words), row.doc))
        return display.table(f"{type(self).__name__}: {len(lines)} fetchers", ["fetcher", "takes", "gives"], lines)


def _seconds(value: Any) -> float | None:
    """expire_after in seconds; None or a negative number mean never."""
    if value is None:
        return None
    if isinstance(value, timedelta):
        value = value.total_seconds()
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigError("expire_after takes a timedelta or seconds.")
    return None if value < 0 else float(value)


def _positive(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigError("workers takes a whole number from 1 on.")
    return value
