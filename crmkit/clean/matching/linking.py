"""match(): from frames to pairs with reasons and clusters without contradictions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crmkit.clean.matching import decided, fields
from crmkit.clean.matching.blocking import candidates
from crmkit.clean.matching.clusters import Joining, rivalled
from crmkit.clean.matching.comparing import counted
from crmkit.clean.matching.fields import Where
from crmkit.clean.matching.records import Records, gathered
from crmkit.clean.matching.result import Matches, Verdicts
from crmkit.clean.matching.scoring import Pairs, joined, scored
from crmkit.errors import ParameterError

LOOK = 0.5


def match(
    frames: Mapping[str, pd.DataFrame],
    *,
    fields: Mapping[str, Mapping[str, Where]] | None = None,
    decisions: str | Path | pd.DataFrame | None = None,
    error_rate: float = 0.05,
    region: str = "BE",
) -> Matches:
    """Duplicates within a system, and the same person across systems."""
    if not isinstance(frames, Mapping) or not frames:
        raise ParameterError("match() takes frames by the name of their system.", hint='match({"peepl": peepl.contacts()})')
    if not 0 < error_rate < LOOK:
        raise ParameterError("error_rate takes a number between 0 and 0.5.", hint="0.05 calls a match what is wrong once in 20 at most.")
    sources = {str(name): _source(str(name), frame, fields) for name, frame in frames.items()}
    records = gathered(sources, region)
    problems = [line for one in sources.values() for line in one.problems]
    keys = records.keys()
    table = decided.decisions(decisions)
    answers, gone = decided.by_line(table, {key: line for line, key in enumerate(keys)})
    if gone:
        problems.append(f"{gone:,} decisions name records that are not in these frames; they wait in the file.")
    known = counted(records)
    left, right, blocks = candidates(records)
    asked = np.array(sorted(answers), dtype=np.int64).reshape(-1, 2)
    least = float(np.log2(LOOK / (1 - LOOK)))
    pairs = scored(records, known, left, right, least)
    pairs = _with(pairs, scored(records, known, asked[:, 0], asked[:, 1], -np.inf), len(records))
    verdicts, heads = _decide(records, pairs, answers, error_rate, known.common)
    problems += verdicts.problems
    return Matches(records, known, pairs, verdicts, heads, blocks, error_rate, tuple(problems))


def _source(name: str, frame: pd.DataFrame, given: Mapping[str, Mapping[str, Where]] | None) -> fields.Source:
    if not isinstance(frame, pd.DataFrame):
        raise ParameterError(f"{name!r} is no DataFrame.", hint='match({"peepl": peepl.contacts()})')
    return fields.read(name, frame, (given or {}).get(name))


def _with(pairs: Pairs, more: Pairs, size: int) -> Pairs:
    """Pairs with further ones, each once, in the order of their records."""
    both = joined([pairs, more])
    _, first = np.unique(both.left * size + both.right, return_index=True)
    return both.taken(first)


def _decide(
    records: Records, pairs: Pairs, answers: Mapping[tuple[int, int], str], error_rate: float, common: frozenset[str]
) -> tuple[Verdicts, NDArray[np.int64]]:
    """Which pairs are one person: the reader's word first, then the score, from the surest pair down."""
    answer = np.array([answers.get(pair, "") for pair in zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)], dtype=object)
    apart = {pair for pair, said in answers.items() if said == "no"}
    why = np.where(answer == "", pairs.against, "")
    sure = pairs.score >= np.log2((1 - error_rate) / error_rate)
    chosen = (answer == "") & (why == "") & sure
    rivals = rivalled(records, pairs, chosen | (answer == "yes"), common, apart) & chosen
    why[rivals] = "it fits another person about as well"
    chosen &= ~rivals
    joining, problems = Joining(records, common, apart), []
    order = np.lexsort((pairs.right, pairs.left, -pairs.score, answer != "yes"))
    for line in order[(answer == "yes")[order] | chosen[order]].tolist():
        one, other = int(pairs.left[line]), int(pairs.right[line])
        reason = joining.forbidden(one, other)
        if reason and not (answer[line] == "yes" and "said no" not in reason):
            why[line] = reason
            if answer[line] == "yes":
                problems.append(f"a yes is not applied, because a no forbids it: {records.keys()[one]} and {records.keys()[other]}.")
            continue
        joining.join(one, other)
    heads = joining.heads()
    together = heads[pairs.left] == heads[pairs.right]
    decision = np.where(together, "match", np.where(answer == "no", "different", "review"))
    through = together & ~chosen & (answer == "")
    why[through] = "joined through other records"
    source = np.where(answer != "", "reader", np.where(through, "others", "score"))
    return Verdicts(decision, source, why, tuple(problems)), heads
