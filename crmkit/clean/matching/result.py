"""What match() found: pairs with reasons, clusters, and the words for any two records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crmkit import display
from crmkit.clean.matching.counting import Counted
from crmkit.clean.matching.decided import as_key
from crmkit.clean.matching.records import Records, shown
from crmkit.clean.matching.scoring import Pairs, scored
from crmkit.clean.matching.weights import FIELDS, TABLE, probability
from crmkit.errors import ParameterError

ALTERNATIVES = ("two strangers", "two people of one household")


@dataclass(frozen=True)
class Verdicts:
    """What became of every pair: decision (match, review, different), by whom (score, reader, others), and why."""

    decision: NDArray[Any]
    source: NDArray[Any]
    why: NDArray[np.object_]
    problems: tuple[str, ...] = ()


class Matches:
    """What match() found.

    pairs: DataFrame, a line per pair. clusters: DataFrame, a line per record. threshold: the score in bits above which a pair is a
    match; error_rate: the chance of being wrong that it stands for. blocks: DataFrame, which keys led to how many pairs. problems:
    sentences on what could not be used. explain(a, b): what every field says about two records.
    """

    def __init__(
        self,
        records: Records,
        known: Counted,
        pairs: Pairs,
        verdicts: Verdicts,
        heads: NDArray[np.int64],
        blocks: pd.DataFrame,
        error_rate: float,
        problems: tuple[str, ...],
    ) -> None:
        self._records, self._known = records, known
        self.error_rate, self.problems, self.blocks = error_rate, problems, blocks
        self.threshold = float(np.log2((1 - error_rate) / error_rate))
        self.pairs = _pairs(records, pairs, verdicts)
        self.clusters = _clusters(records, heads)

    def explain(self, a: tuple[str, Any], b: tuple[str, Any]) -> pd.DataFrame:
        """What every field says about two records, each given as system and id: ("peepl", 311).

        Returns a DataFrame: field, says (plain words), weight (float64, bits: 1 doubles the odds). Its first line is where the odds
        stand before anything is compared, its last the score, the sum of all lines above.
        """
        one, other = sorted(self._line(record) for record in (a, b))
        if one == other:
            raise ParameterError("a record is compared with another one, not with itself.")
        pair = scored(self._records, self._known, np.array([one]), np.array([other]), -np.inf)
        against = ALTERNATIVES[int(pair.household[0])]
        lines = [("before", f"against {against}", float(pair.start[0]))]
        for field in FIELDS:
            level = list(TABLE[field].values())[pair.levels[field][0]]
            lines.append((field, level.words or "not known on both sides", float(pair.weights[field][0])))
        score = float(pair.score[0])
        lines.append(("score", self._verdict(one, other, str(pair.against[0]), score), score))
        table = pd.DataFrame(lines, columns=["field", "says", "weight"])
        return table.astype({"field": "string", "says": "string", "weight": "float64"})

    def _verdict(self, one: int, other: int, against: str, score: float) -> str:
        keys = self._records.keys()
        (system_a, id_a), (system_b, id_b) = keys[one], keys[other]
        table = self.pairs
        here = (
            (table["system_a"] == system_a) & (table["id_a"] == id_a) & (table["system_b"] == system_b) & (table["id_b"] == id_b)
        )
        said = table.loc[here, ["decision", "why"]].astype(object).to_numpy().tolist()
        decision, why = said[0] if said else ("no match", against)
        return f"{decision}: the chance of one person is {float(probability(np.array([score]))[0]):.1%}" + (
            f"; {why}" if why else ""
        )

    def shown(self, record: tuple[str, Any]) -> dict[str, str]:
        """What a record says, field by field, as its frame has it: name, birth date, gender, mail, phone, address."""
        return shown(self._records, self._line(record))

    def _line(self, record: Any) -> int:
        key = as_key(record)
        try:
            return self._records.keys().index(key)
        except ValueError:
            raise ParameterError(
                f"there is no record {key[1]!r} in {key[0]!r}.", hint=f"systems are {', '.join(self._records.systems)}."
            ) from None

    def _lines(self) -> list[tuple[str, str]]:
        systems = self.clusters.groupby("system", sort=False).size()
        several = self.clusters.groupby("person")["system"].agg(["size", "nunique"])
        counts = self.pairs["decision"].value_counts()
        return [
            ("records", ", ".join(f"{name} {count:,}" for name, count in systems.items())),
            ("people", f"{len(several):,}, of whom {int((several['nunique'] > 1).sum()):,} in several systems"),
            (
                "duplicates",
                f"{int((self.clusters.groupby(['person', 'system']).size() - 1).sum()):,} records more than one per person and system",
            ),
            ("pairs", ", ".join(f"{counts.get(name, 0):,} {name}" for name in ("match", "review", "different"))),
            ("threshold", f"{self.threshold:.1f} bits: a match is wrong with a chance of {self.error_rate:.1%} at most"),
            *(("problem", line) for line in self.problems),
        ]

    def __repr__(self) -> str:
        return "\n".join(["Matches", *(f"  {name:<11} {text}" for name, text in self._lines())])

    def _repr_html_(self) -> str:
        return display.table("Matches", ("what", "how many"), self._lines())


def _pairs(records: Records, pairs: Pairs, verdicts: Verdicts) -> pd.DataFrame:
    """The public frame of pairs, the surest first."""
    systems = np.array(records.systems, dtype=object)
    ids = np.array(records.ids, dtype=object)
    columns: dict[str, Any] = {
        "system_a": systems[records.system[pairs.left]], "id_a": ids[pairs.left],
        "system_b": systems[records.system[pairs.right]], "id_b": ids[pairs.right],
        "score": pairs.score, "probability": probability(pairs.score),
        "decision": verdicts.decision, "source": verdicts.source, "why": verdicts.why,
        "against": np.array(ALTERNATIVES, dtype=object)[pairs.household.astype(np.int64)], "before": pairs.start,
    }  # fmt: skip
    for field in FIELDS:
        words = np.array([level.words for level in TABLE[field].values()], dtype=object)
        columns[field] = words[pairs.levels[field]]
        columns[f"{field}_weight"] = pairs.weights[field]
    table = pd.DataFrame(columns)
    texts = [name for name, column in columns.items() if column.dtype.kind in "OU"]
    table = table.astype({**dict.fromkeys(texts, "string"), "score": "float64"})
    return table.sort_values("score", ascending=False, kind="stable").reset_index(drop=True)


def _clusters(records: Records, heads: NDArray[np.int64]) -> pd.DataFrame:
    """The public frame of clusters; a person is called after its first record."""
    keys = records.keys()
    table = pd.DataFrame(
        {
            "person": [" ".join(keys[head]) for head in heads.tolist()],
            "system": [key[0] for key in keys],
            "id": [key[1] for key in keys],
        },
        dtype="string",
    )
    return table.iloc[np.argsort(heads, kind="stable")].reset_index(drop=True)
