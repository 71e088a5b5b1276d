"""What a reader decided about pairs: a small file of systems, ids, yes or no, the day and a note; nothing else of anybody."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from crmkit.errors import ConfigError, ParameterError, ShapeError

COLUMNS = ("system_a", "id_a", "system_b", "id_b", "decision", "date", "note")
WORDS = ("yes", "no")
Key = tuple[str, str]


def decisions(source: str | Path | pd.DataFrame | None) -> pd.DataFrame:
    """The decisions of a file, .json or .csv, that the review panel wrote or somebody typed.

    Parameters
    source: the file; a DataFrame with the same columns; None for no decisions.

    Returns a DataFrame of text: system_a, id_a, system_b, id_b, decision (yes: the same person, no: two people), date (YYYY-MM-DD),
    note. Of several decisions on one pair the last one counts and is kept. A file that is not there yet is empty. Raises ShapeError
    where a line names no pair or decides neither yes nor no.
    """
    table = _table(source)
    if lacking := [name for name in COLUMNS[:5] if name not in table]:
        raise ShapeError(f"the decisions have no column {lacking[0]!r}.", hint=f"columns are {', '.join(COLUMNS)}.")
    table = table.reindex(columns=list(COLUMNS)).astype("string").fillna("").apply(lambda column: column.str.strip())
    table["decision"] = table["decision"].str.lower()
    wrong = (table[list(COLUMNS[:4])] == "").any(axis=1) | ~table["decision"].isin(WORDS)
    if wrong.any():
        line = int(wrong.to_numpy().argmax()) + 1
        raise ShapeError(
            f"decision {line} names no pair, or is neither yes nor no.", hint="correct the file, or delete the line."
        )
    pair = [frozenset(keys) for keys in pairs_of(table)]
    if any(len(keys) == 1 for keys in pair):
        raise ShapeError("a decision compares a record with itself.", hint="delete the line.")
    last: pd.DataFrame = table[~pd.Series(pair, index=table.index, dtype=object).duplicated(keep="last")]
    return last.reset_index(drop=True)


def pairs_of(table: pd.DataFrame) -> list[tuple[Key, Key]]:
    """The pairs of records that a table of decisions or of pairs names."""
    return [((a, b), (c, d)) for a, b, c, d in zip(*(table[name].astype(str) for name in COLUMNS[:4]), strict=True)]


def _table(source: str | Path | pd.DataFrame | None) -> pd.DataFrame:
    if isinstance(source, pd.DataFrame):
        return source
    if source is None or not checked(source).exists():
        return pd.DataFrame(columns=list(COLUMNS), dtype="string")
    path = Path(source)
    try:
        if path.suffix.lower() == ".csv":
            return pd.read_csv(path, dtype="string", keep_default_na=False)
        read = json.loads(path.read_text(encoding="utf-8"))
        return pd.DataFrame(read["decisions"], columns=list(COLUMNS), dtype="string")
    except (ValueError, KeyError, TypeError, pd.errors.ParserError):
        raise ShapeError(f"{path.name} does not hold decisions.", hint="choose another file, or correct this one.") from None


def checked(source: str | Path) -> Path:
    """The path of a file of decisions; ConfigError where its name says no format."""
    path = Path(source)
    if path.suffix.lower() not in (".json", ".csv"):
        raise ConfigError(
            f"{path.name}: decisions are kept as .json or .csv.", hint='end the name with one of them: "decisions.json".'
        )
    return path


def save(table: pd.DataFrame, path: str | Path) -> None:
    """Write decisions to .json or .csv, in the order of their pairs; the file is replaced when it is whole."""
    target = checked(path)
    ordered = table.reindex(columns=list(COLUMNS)).sort_values(list(COLUMNS[:4]), kind="stable")
    if target.suffix.lower() == ".csv":
        text = ordered.to_csv(index=False, lineterminator="\n")
    else:
        lines = ",\n".join(json.dumps(line, ensure_ascii=False) for line in ordered.to_dict("records"))
        text = f'{{"decisions": [\n{lines}\n]}}\n'
    partial = target.with_name(f".{target.name}.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(target)


def by_line(table: pd.DataFrame, lines: Mapping[Key, int]) -> tuple[dict[tuple[int, int], str], int]:
    """Decisions by the lines of their records, the smaller first; and how many name records that are not there."""
    found, gone = dict[tuple[int, int], str](), 0
    for (one, other), decision in zip(pairs_of(table), table["decision"], strict=True):
        if one in lines and other in lines:
            found[min(lines[one], lines[other]), max(lines[one], lines[other])] = decision
        else:
            gone += 1
    return found, gone


def as_key(record: Any) -> Key:
    """A record as system and id, given as a pair, such as ("peepl", 311)."""
    if isinstance(record, tuple | list) and len(record) == 2:
        return str(record[0]), str(record[1])
    raise ParameterError("a record is given as system and id.", hint='such as ("peepl", 311).')


def added(table: pd.DataFrame, lines: Iterable[Mapping[str, str]]) -> pd.DataFrame:
    """The decisions with further ones, which count before earlier ones on the same pair."""
    return decisions(pd.concat([table, pd.DataFrame(list(lines), columns=list(COLUMNS), dtype="string")], ignore_index=True))
