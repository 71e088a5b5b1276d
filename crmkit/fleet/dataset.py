"""A folder of account=NAME/part.parquet: one Parquet dataset over many accounts, and each account's frame out of it again.

Every part has the same columns in the same types, so that readers which look at the first part only are right about all. What only
some accounts have (undeclared fields, values kept as text) stands at the end and is missing in the others; where accounts disagree on
the type of such a column, it is text. Lists and records are JSON text, durations whole microseconds, and a column that is called
account, as the folders' is, has a _ behind its name. How an account's own frame looked, and its receipt, are told in the part's schema
metadata. A topic's tables are a dataset each, in a folder of the table's name.

Whoever writes holds .lock, so that gatherings into one folder do not undo each other. A part is written beside its place, as a hidden
file, and moved there whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any, TypeAlias
from urllib.parse import quote, unquote

import pandas as pd

from crmkit.errors import ConfigError, NotCached, ParameterError, ShapeError
from crmkit.private import private_file, private_folder
from crmkit.share.plain import dtypes_of, facts_of, flat, proven, unfolded

Fetched: TypeAlias = "pd.DataFrame | dict[str, pd.DataFrame]"
PART = "part.parquet"
LOCK = ".lock"
NUMBER = re.compile(r"-?(0x[0-9a-f]+|\d+)", re.IGNORECASE)
_in_turn = Lock()  # threads wait for each other without asking for the file again and again
TOLD = b"crmkit"


def needs_pyarrow() -> None:
    """Raise ConfigError where Parquet cannot be written."""
    if not find_spec("pyarrow"):
        raise ConfigError("a dataset needs pyarrow.", hint='pip install "crmkit[files]", or leave out to=.')


def checked_names(names: list[str]) -> None:
    """Raise ParameterError for names that would not come back from a folder's name as they were."""
    for name in names:
        if not name.strip() or not name.isprintable() or len(quote(name, safe="")) > 200:
            raise ParameterError(f"{name!r} cannot name an account's folder.", hint="use a short text.")
        if NUMBER.fullmatch(name) and str(number := int(name, 16 if "x" in name.lower() else 10)) != name:
            raise ParameterError(f"readers would take {name!r} for the number {number}.", hint=f"name it, say, club-{name}.")
        if name == "__HIVE_DEFAULT_PARTITION__":
            raise ParameterError(f"readers would take {name!r} for no name at all.", hint="give the account another one.")
    if twice := {name for name in names if [one.casefold() for one in names].count(name.casefold()) > 1}:
        raise ParameterError(f"{' and '.join(sorted(twice))} would share a folder.", hint="give each account a name of its own.")


def checked_folder(place: Path, call: Mapping[str, Any]) -> None:
    """Raise ConfigError where place is no folder, or holds what another call gave."""
    if place.exists() and not place.is_dir():
        raise ConfigError(f"{place.name} is no folder.")
    parts = list(place.glob(f"**/account=*/{PART}"))
    if not parts and place.exists() and not all(_ours(one) for one in place.iterdir() if one.name != LOCK):
        raise ConfigError(f"{place.name} holds other files.", hint="choose a new folder.")
    for path in parts:
        if (found := told(path)["call"]) != call:
            asked = "other arguments" if found["what"] == call["what"] and found["crm"] == call["crm"] else "another call"
            raise ConfigError(
                f"{place.name} holds {found['crm']} {found['what']} of {asked}.".replace("  ", " "),
                hint="choose another folder, or remove it first.",
            )


def _ours(path: Path) -> bool:
    """Whether something in a dataset's folder is an account, or a table of accounts; one of them may have been left empty."""
    return path.is_dir() and (path.name.startswith("account=") or all(one.name.startswith("account=") for one in path.iterdir()))


def write(place: Path, account: str, fetched: Fetched, call: Mapping[str, Any]) -> None:
    """Write an account's frame as its part, or a topic's frames as a part each; what is there of the account is replaced."""
    parts = {}
    for table, frame in fetched.items() if isinstance(fetched, dict) else [("", fetched)]:
        whole = flat(frame)
        facts = {
            "call": call,
            "columns": [[name, kind, str(whole[name].dtype)] for name, kind in dtypes_of(frame).items()],
            "frame": json.loads(json.dumps(facts_of(frame))),
        }
        parts[_part(place / table, account)] = (whole.rename(columns=_beside_the_folder), facts)
    with _alone(place):
        for path in parts:
            for folder in (path.parents[1], path.parent):
                private_folder(folder)
        _write(parts)
        for path in set(place.glob(f"*/{_part(Path(), account)}")) - parts.keys():
            path.unlink()  # a table that its load() no longer gives


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Inside this block nobody else writes into the dataset, in any process of any machine that shares the folder."""
    from filelock import FileLock

    private_folder(place)
    with _in_turn, FileLock(place / LOCK, mode=0o600):
        yield


def _beside_the_folder(name: str) -> str:
    """The column's name in the file: readers make a column account of the folder's name, and take one in the file for the same."""
    return f"{name}_" if name.casefold() == "account" else name


def has(place: Path, account: str) -> bool:
    """Whether there is a part of this account already."""
    return next(place.glob(f"**/{_part(Path(), account)}"), None) is not None


def level(place: Path) -> None:
    """Give all parts of each dataset below place the same columns; parts that have them already are not touched."""
    if place.is_dir():
        with _alone(place):
            for folder in {path.parent.parent for path in place.glob(f"**/account=*/{PART}")}:
                _level(sorted(folder.glob(f"account=*/{PART}")))


def _level(paths: list[Path]) -> None:
    known = [told(path) for path in paths]
    shapes = [_own(one) for one in known]
    common = [name for name in shapes[0] if all(name in shape for shape in shapes)]
    rest = sorted({name for shape in shapes for name in shape} - set(common))
    kinds = {name: {shape[name] for shape in shapes if name in shape} for name in (*common, *rest)}
    wanted = {name: kind.pop() if len(kind) == 1 else "string" for name, kind in kinds.items()}
    for path, facts in zip(paths, known, strict=True):
        if list(facts["flat"].items()) != list(wanted.items()):
            _write({path: (_shaped(_lines(path), wanted), facts)})


def _own(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that an account's own frame had, by their names and dtypes in the file."""
    return {_beside_the_folder(name): kind for name, _, kind in facts["columns"]}


def _shaped(lines: pd.DataFrame, wanted: Mapping[str, Any]) -> pd.DataFrame:
    """Flat lines with these columns and dtypes; what is not there is missing throughout."""
    index = lines.index
    columns = {name: _cast(lines[name], kind) if name in lines else pd.Series(None, index, kind) for name, kind in wanted.items()}
    return pd.DataFrame(columns, index=index)


def _cast(column: pd.Series[Any], kind: Any) -> pd.Series[Any]:
    """A flat column as text, or as what it was before; by way of Arrow, whose texts are read back as the very same values."""
    if column.dtype == kind:
        return column
    pa = import_module("pyarrow")
    arrow = pa.Schema.from_pandas(pd.DataFrame({"it": pd.Series([], dtype=kind)}), preserve_index=False).field("it").type
    return pd.Series(pa.array(column, from_pandas=True).cast(arrow).to_pylist(), column.index, kind)


def _part(folder: Path, account: str) -> Path:
    return folder / f"account={quote(account, safe='')}" / PART


def _write(parts: Mapping[Path, tuple[pd.DataFrame, Mapping[str, Any]]]) -> None:
    """Write parts beside their places, and move them there once all are written."""
    beside = {path: path.with_name(f".{PART}.partial") for path in parts}
    try:
        for path, (lines, facts) in parts.items():
            _encode(beside[path], lines, facts)
        for path, partial in beside.items():
            partial.replace(path)
    finally:
        for partial in beside.values():
            partial.unlink(missing_ok=True)


def _encode(path: Path, lines: pd.DataFrame, facts: Mapping[str, Any]) -> None:
    """Write flat lines as Parquet; what is told beside them goes into the schema's metadata."""
    pa, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    table = pa.Table.from_pandas(lines, preserve_index=False)
    table = table.cast(pa.schema([_one_kind(pa, one) for one in table.schema], metadata=table.schema.metadata))
    shape = {str(name): str(lines[name].dtype) for name in lines}
    words = json.dumps({**facts, "flat": shape}, separators=(",", ":")).encode()
    private_file(path)
    parquet.write_table(table.replace_schema_metadata({**table.schema.metadata, TOLD: words}), path, compression="zstd")


def _one_kind(pa: Any, field: Any) -> Any:
    """A text is a string, whichever of its two kinds pandas kept it as."""
    return field.with_type(pa.string()) if pa.types.is_large_string(field.type) else field


def told(path: Path) -> dict[str, Any]:
    """What a part tells of itself: call, columns (the account's own: name, dtype, dtype when flat), frame (its receipt), flat (as written)."""
    pa, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    try:
        found: dict[str, Any] = json.loads(parquet.read_schema(path).metadata[TOLD])
    except (pa.ArrowException, KeyError, TypeError, ValueError) as error:
        raise ShapeError(f"{path.parent.name} holds no part that gather() wrote.", hint="choose another folder.") from error
    return found


def _lines(path: Path) -> pd.DataFrame:
    pa, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    with parquet.ParquetFile(path) as file:  # its folder's name is no column
        table = file.read(use_threads=False)
    words = {pa.string(): pd.StringDtype(), pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    found: pd.DataFrame = table.to_pandas(types_mapper=words.get, ignore_metadata=True)
    return found


def _frame(path: Path) -> pd.DataFrame:
    facts, lines = told(path), _lines(path)
    own = _shaped(lines, _own(facts))
    own.columns = pd.Index([name for name, _, _ in facts["columns"]])
    return proven(unfolded(own, {name: kind for name, kind, _ in facts["columns"]}), facts["frame"])


class Opened(Mapping[str, Any]):
    """The accounts of a dataset by name: each the frame that was fetched, with its columns, dtypes and receipt, read when asked for.

    Of a topic's load() each is the dict of its tables, which the topic's functions and explore() take.
    """

    def __init__(self, place: Path, names: list[str] | None = None) -> None:
        self._place = place
        self._tables = sorted(
            path.name for path in place.iterdir() if path.is_dir() and not path.name.startswith(("account=", "."))
        )
        found = {unquote(path.parent.name.removeprefix("account=")) for path in place.glob(f"**/account=*/{PART}")}
        self._names = sorted(found if names is None else found & set(names))

    def __getitem__(self, name: str) -> Fetched:
        if name not in self._names:
            raise KeyError(name)
        if _part(self._place, name).exists():
            return _frame(_part(self._place, name))
        return {table: _frame(path) for table in self._tables if (path := _part(self._place / table, name)).exists()}

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __repr__(self) -> str:
        tables = f" of {', '.join(self._tables)}" if self._tables else ""
        return f"<{len(self):,} accounts{tables} in {self._place.name}: {', '.join(self._names[:6])}{', ...' if len(self) > 6 else ''}>"


def opened(folder: str | Path) -> Opened:
    """The accounts of a dataset that gather(..., to=folder) wrote: a mapping from name to frame, read when asked for.

    Each frame has the columns, dtypes, order and receipt it was fetched with, so crmkit.receipt(), crmkit.child() and the topics work
    on it; lists and records are plain JSON values. Of gather(..., "segments.load") and its like, name -> dict of the topic's tables.
    Not kept: tables of crmkit.included(). Raises NotCached where there is no dataset, ShapeError where a part is not gather()'s.
    """
    needs_pyarrow()
    place = Path(folder).expanduser()
    found = Opened(place) if place.is_dir() else None
    if not found:
        raise NotCached(f"{place.name} holds no dataset.", hint='crmkit.fleet.gather(accounts, "contacts", to=...) makes one.')
    return found
