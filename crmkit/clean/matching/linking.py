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
from crmkit.clean.matching.counting import counted
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
    """Duplicates within a system, and the same person across systems.

    Parameters
    frames: DataFrames by the name of their system, such as {"peepl": peepl.contacts(), "missionhub": missionhub.people(
        include=["email_addresses", "phone_numbers", "addresses"])}. The receipt of a frame tells where its fields stand: Peepl contacts
        and segment_contacts, Beeple collaborators, sheepCRM segment_records of persons, MissionHub people, OnePageCRM contacts.
    fields: for other frames, by system, the columns of the fields id, name, first_name, infix, last_name, gender, birth_date, mail,
        phone, street, postal_code, city: {"members": {"id": "Nr", "name": "Naam", "mail": ["Mail 1", "Mail 2"]}}. A value is a
        column, a list of columns, or a function of the frame. id and a name are needed, the rest helps.
    decisions: a file that review() wrote, or its DataFrame. A yes joins and a no keeps apart, whatever the score.
    error_rate: the chance of being wrong at which a pair is still called a match; 0.05 means that of pairs just above the threshold
        one in twenty is wrong, and of all matches far fewer (nearly all score much higher). Lower it for fewer errors, and more to review.
    region: the country of phone numbers that are written without a prefix, two capital letters.

    Returns an object with
    pairs: DataFrame, the surest first: system_a, id_a, system_b, id_b (string; a stands before b in the frames), score (float64, bits),
        probability (float64), decision (match, review, or different where a reader said no), source (score, reader, others: joined
        through other records), why (what speaks against it), against, before, and for each field what it says and its weight in bits.
        Pairs that are rather two people than one (probability below one half), or have no name to go by, are not listed.
    clusters: DataFrame, a line per record: person (the system and id of its first record), system, id (string).
    threshold, error_rate, blocks (which keys led to how many pairs), problems, explain(a, b), shown(a).

    How it is scored: every field that both records have compares on a few levels. Each level has a chance for one person, for two
    people of one household and for two strangers; the weight is the logarithm of the first over the likelier of the others, and the
    score is the sum (Fellegi and Sunter 1969, with households added). Chances for one person and for a household are fixed and printed
    in crmkit.clean.matching.weights; what strangers share is counted in these frames, so that a rare name says more than a common one.

    What is never joined by a score: records without a given name on both sides; a name alone, or with one shared mail against a
    different phone and address; different birth dates or given names; junior and senior; a record that fits two people about equally
    well. Such pairs are for review, and the same rules hold for whole clusters. Mails of an office (info@) and mails and phones that
    several given names use say little or nothing. Fields that stand for nothing (test names, 1900-01-01) count as missing.

    Raises ParameterError where a frame or a field is not known, ShapeError for a broken file of decisions, ConfigError where a package
    of the extra clean is missing.
    """
    if not isinstance(frames, Mapping) or not frames:
        raise ParameterError("match() takes frames by the name of their system.", hint='match({"peepl": peepl.contacts()})')
    if not 0 < error_rate < LOOK:
        raise ParameterError(
            "error_rate takes a number between 0 and 0.5.", hint="0.05 calls a match what is wrong once in 20 at most."
        )
    if strange := [name for name in fields or {} if name not in frames]:
        raise ParameterError(
            f"fields names a system and there is no frame {strange[0]!r}.", hint=f"frames are {', '.join(map(str, frames))}."
        )
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
    pairs = pairs.taken(np.flatnonzero(~(pairs.at("first_name", "unknown") & pairs.at("last_name", "unknown"))))
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
    answer = np.array(
        [answers.get(pair, "") for pair in zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)], dtype=object
    )
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
                problems.append(
                    f"a yes is not applied, because a no forbids it: {records.keys()[one]} and {records.keys()[other]}."
                )
            continue
        joining.join(one, other)
    heads = joining.heads()
    together = heads[pairs.left] == heads[pairs.right]
    decision = np.where(together, "match", np.where(answer == "no", "different", "review"))
    through = together & ~chosen & (answer == "")
    why[through] = "joined through other records"
    source = np.where(answer != "", "reader", np.where(through, "others", "score"))
    return Verdicts(decision, source, why, tuple(problems)), heads
