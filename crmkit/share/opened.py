"""A bundle as a source: topics load from it as from a client, fetchers answer with the frames that are in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from crmkit.errors import NotCached, ParameterError, ShapeError
from crmkit.receipts import ATTRS, attach, from_dict
from crmkit.share import archive
from crmkit.share.anonymity import COLUMNS as COUNTED
from crmkit.share.asked import asked, told
from crmkit.share.plain import decoded, needs_pyarrow, unfolded
from crmkit.topics.replay import LOADED

FACTS = ("today", "zone", "time_zone", "child", LOADED)
COLUMNS = ("frame", "column", "kept", "treatment")


class Bundle:
    """What crmkit.share.open() returns.

    As a source: crmkit.segments.load(bundle, ...) and the other topics, with the arguments the frames were loaded with; where a
    topic is there from several CRMs, bundle.peepl() and its siblings tell which, as they do on crmkit.demo. bundle.peepl().contacts()
    gives a fetcher's frame. frames: everything by the names it was bundled under. anonymity: k of each frame. treatment: what became
    of each column. versions: of what made it. digest: SHA-256 of the manifest, which names the hash of every member; print it in a
    report, and open(path, digest=...) refuses another file.
    """

    def __init__(self, path: Path, members: Mapping[str, bytes]) -> None:
        self.path = path
        self.digest = archive.digest(members[archive.MANIFEST])
        told = archive.parsed(members[archive.MANIFEST])
        self._proofs = archive.parsed(members.get("receipts.json", b"")) or {}
        self._listed: Mapping[str, Any] = told["frames"]
        self.versions: dict[str, str] = dict(told["made_with"])
        self._frames = {name: self._frame(name, one, members) for name, one in self._listed.items()}
        self.anonymity = pd.DataFrame((archive.parsed(members["anonymity.json"]) or {})["lines"], columns=list(COUNTED)).astype(
            COUNTED
        )
        self.treatment = _treatment(archive.parsed(members["definitions.json"]) or {}, self._listed)
        self.recipe = f"crmkit.share.open({str(path)!r})"

    def __repr__(self) -> str:
        lines = [f"  {name:<24} {len(frame):>7,} lines" for name, frame in self._frames.items()]
        return "\n".join([f"Bundle {self.path.name} ({self.digest[:12]}): pseudonyms, no real person", *lines, *self._k()])

    def _k(self) -> list[str]:
        """A sentence on the people who stand out the most."""
        if self.anonymity.empty:
            return []
        worst = self.anonymity.sort_values("below_5", ascending=False, kind="stable").iloc[0]
        return [
            f"  k is {self.anonymity['k'].min()}: {worst['below_5']:,} of {worst['people']:,} people in {worst['frame']} share their looks"
            " with fewer than 5 (see .anonymity)"
        ]

    @property
    def frames(self) -> dict[str, Any]:
        """Everything by the names it was bundled under: DataFrames, and dicts of them for topics."""
        found: dict[str, Any] = {}
        for name, frame in self._frames.items():
            outer, dot, inner = name.partition(".")
            if dot:
                found.setdefault(outer, {})[inner] = frame.copy()
            else:
                found[outer] = frame.copy()
        return found

    def peepl(self) -> BundledClient:
        """What was bundled from Peepl."""
        return BundledClient(self, "Peepl")

    def beeple(self) -> BundledClient:
        """What was bundled from Beeple."""
        return BundledClient(self, "Beeple")

    def sheepcrm(self) -> BundledClient:
        """What was bundled from sheepCRM."""
        return BundledClient(self, "sheepCRM")

    def missionhub(self) -> BundledClient:
        """What was bundled from MissionHub."""
        return BundledClient(self, "MissionHub")

    def onepagecrm(self) -> BundledClient:
        """What was bundled from OnePageCRM."""
        return BundledClient(self, "OnePageCRM")

    def replayed(self, topic: str, asked: Mapping[str, str], crm: str | None = None) -> dict[str, pd.DataFrame]:
        """The frames of a topic's load(), for that load(). Raises NotCached where there are none, ParameterError for other arguments."""
        sets = self._sets(topic, crm)
        if not sets:
            raise NotCached(
                f"this bundle holds no {topic}{f' of {crm}' if crm else ''}.", hint="bundle.frames shows what it holds."
            )
        crms = sorted({str(self._listed[f"{name}.{next(iter(found))}"]["crm"]) for name, found in sets.items()})
        if len(crms) > 1:
            raise ParameterError(
                f"this bundle holds {topic} of {', '.join(crms)}.", hint="say which: bundle.peepl() or its siblings."
            )
        for found in sets.values():
            if self._arguments(found) in (None, dict(asked)):
                return {name: frame.copy() for name, frame in found.items()}
        known = " or ".join(_call(topic, self._arguments(found) or {}) for found in sets.values())
        raise ParameterError(f"this bundle holds {known}, not {_call(topic, asked)}.", hint="load it with the same arguments.")

    def fetched(self, crm: str, name: str, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """The frame of a fetcher, for that call. Raises NotCached where it is not there, is a part or a sample of it, or was asked with
        other parameters; ParameterError for parameters that the fetcher does not take.
        """
        endpoint, wanted, limit = asked(crm, name, args, kwargs or {})
        found = [self._frames[one] for one, facts in self._listed.items() if not facts["topic"] and facts["crm"] == crm]
        mine = [one for one in found if _proof(one).get("endpoint") == endpoint and not _proof(one).get("child")]
        if not mine:
            raise NotCached(f"this bundle holds no {name} of {crm}.", hint="bundle.frames shows what it holds.")
        same = [one for one in mine if told(crm, endpoint, _proof(one)["params"]) == wanted]
        whole = [one for one in same if len(one) == _proof(one)["records"]]
        for frame in whole:
            if limit == len(frame) or (not _proof(frame)["limited"] and (limit is None or limit > len(frame))):
                return frame.copy()
        if same and limit is None:
            what = f"a sample, {name}(limit={len(whole[0])})," if whole else f"only a part of {name}"
            raise NotCached(f"this bundle holds {what} of {crm}.", hint="bundle.frames holds it by its name.")
        raise NotCached(f"this bundle holds {name} of {crm} with other parameters.", hint="see crmkit.receipt of bundle.frames.")

    def names(self, crm: str) -> list[str]:
        """The fetchers of a CRM whose frames are here."""
        told = [_proof(self._frames[name]) for name, one in self._listed.items() if not one["topic"] and one["crm"] == crm]
        return sorted({str(one["endpoint"]) for one in told if one and not one.get("child")})

    def _sets(self, topic: str, crm: str | None) -> dict[str, dict[str, pd.DataFrame]]:
        sets: dict[str, dict[str, pd.DataFrame]] = {}
        for name, one in self._listed.items():
            if one["topic"] == topic and crm in (None, one["crm"]):
                outer, _, inner = name.partition(".")
                sets.setdefault(outer, {})[inner] = self._frames[name]
        return sets

    def _arguments(self, found: Mapping[str, pd.DataFrame]) -> dict[str, str] | None:
        """What the frames were loaded with; None where nobody knows."""
        marks = [_proof(frame)[LOADED] for frame in found.values() if _proof(frame).get(LOADED)]
        return dict(marks[0]["arguments"]) if marks else None

    def _frame(self, name: str, told: Mapping[str, Any], members: Mapping[str, bytes]) -> pd.DataFrame:
        try:
            dtypes = {str(column): str(kind) for column, kind in told["columns"]}
            frame = unfolded(decoded(members[told["member"]], told["lines"]), dtypes)
        except (KeyError, TypeError, ValueError) as error:
            if isinstance(error, ShapeError):
                raise
            raise ShapeError("this is no bundle, or was tampered with: a frame is not as its manifest says.") from error
        proof = self._proofs.get(name)
        return attach(frame, from_dict(proof), **{fact: proof[fact] for fact in FACTS if fact in proof}) if proof else frame


class BundledClient:
    """One CRM of a bundle, in the place of a client: topics load from it, and its fetchers give the bundled frames."""

    def __init__(self, bundle: Bundle, crm: str) -> None:
        self.crm = crm
        self._bundle = bundle
        self.recipe = f"{bundle.recipe}.{crm.lower()}()"

    def __repr__(self) -> str:
        return f"{self.crm} in {self._bundle.path.name}"

    def replayed(self, topic: str, asked: Mapping[str, str]) -> dict[str, pd.DataFrame]:
        """The frames of a topic's load(), for that load()."""
        return self._bundle.replayed(topic, asked, self.crm)

    def __getattr__(self, name: str) -> Callable[..., pd.DataFrame]:
        if name.startswith("_"):
            raise AttributeError(name)

        def fetcher(*args: Any, **kwargs: Any) -> pd.DataFrame:
            return self._bundle.fetched(self.crm, name, args, kwargs)

        return fetcher

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._bundle.names(self.crm)]


def open_bundle(path: str | Path, *, digest: str | None = None) -> Bundle:
    """Open a bundle as a source for all topics, after looking at it with suspicion.

    path: the file that bundle() wrote. digest: what .digest has to be; a file with another content is refused.
    Raises ShapeError for a file that is no bundle, has members that none has, was changed after it was made or unfolds to too much, and
    FileNotFoundError where there is none. Nothing in it is executed, nothing is unpacked to disk.
    """
    needs_pyarrow()
    place = Path(path)
    members = archive.read(place)
    found = archive.digest(members[archive.MANIFEST])
    if digest is not None and found != digest:
        raise ShapeError("this is another bundle than the one asked for.", hint="its .digest differs from digest=.")
    try:
        return Bundle(place, members)
    except (KeyError, TypeError, AttributeError) as error:
        raise ShapeError("this is no bundle, or was tampered with: its tables are not as bundle() writes them.") from error


def _proof(frame: pd.DataFrame) -> Mapping[str, Any]:
    found: Mapping[str, Any] = frame.attrs.get(ATTRS) or {}
    return found


def _call(topic: str, arguments: Mapping[str, str]) -> str:
    return f"{topic}.load({', '.join(['source', *(f'{name}={value}' for name, value in arguments.items())])})"


def _treatment(told: Mapping[str, Any], listed: Mapping[str, Any]) -> pd.DataFrame:
    lines = [(name, one["column"], one["kept"] == "yes", one["treatment"]) for name in listed for one in told[name]]
    return pd.DataFrame(lines, columns=list(COLUMNS)).astype({"frame": "string", "column": "string", "treatment": "string"})
