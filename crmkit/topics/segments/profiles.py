"""Who is in a segment, against everybody or against another segment: which attributes stand out, by how much, with an interval."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from crmkit.errors import ParameterError
from crmkit.topics.checked import checked
from crmkit.topics.intervals import MIN_N, normal, wilson
from crmkit.topics.lineage import carried
from crmkit.topics.once import once
from crmkit.topics.segments.attributes import OTHER, as_number, banded, chosen_attributes, title
from crmkit.topics.segments.inside import inside as inside_of
from crmkit.topics.segments.neutral import Frames, day_of, id_of
from crmkit.topics.shapes import Names, typed, wanted

PROFILE = {
    "segment": "string",
    "base": "string",
    "attribute": "string",
    "value": "string",
    "members": "Int64",
    "known": "Int64",
    "unknown": "Int64",
    "share": "float64",
    "share_low": "float64",
    "share_high": "float64",
    "base_members": "Int64",
    "base_known": "Int64",
    "base_share": "float64",
    "difference": "float64",
    "difference_low": "float64",
    "difference_high": "float64",
    "at_least": "float64",
    "ratio": "float64",
    "small": "boolean",
}
AVERAGES = {
    "segment": "string",
    "base": "string",
    "attribute": "string",
    "known": "Int64",
    "mean": "float64",
    "median": "float64",
    "base_known": "Int64",
    "base_mean": "float64",
    "base_median": "float64",
    "difference": "float64",
    "difference_low": "float64",
    "difference_high": "float64",
    "small": "boolean",
}
EVERYBODY = "everybody"


@checked
def profile(
    frames: Frames,
    segment: str,
    *,
    base: str = EVERYBODY,
    attributes: Names = None,
    top: int = 8,
    level: float = 0.95,
    today: Any = None,
) -> pd.DataFrame:
    """Which values of which attributes are more or less common in a segment than in its base.

    Parameters
    frames: what load() returns. segment: by id or name. base: "everybody" (the segment included), or another segment, for
    a comparison of two. attributes: columns of the frame people, or what they are called (age); default: all that are known of
    anybody. top: how many different texts of an attribute stay; the others are one value, "(other)". level: of the intervals. today: the
    day ages count to; default: that of load().

    Returns a DataFrame, one line per attribute and value that somebody in either has: segment, base, attribute, value (string),
    members (Int64: in the segment, with that value), known (Int64: in the segment, with any value: the denominator), unknown (Int64:
    in the segment, without), share (float64: members / known, NaN where known is 0) with share_low, share_high (Wilson), the same of
    the base (base_members, base_known, base_share), difference (share less base_share, so 0.1 is ten percentage points) with
    difference_low, difference_high, at_least (float64: how far that interval stays from no difference; 0 where it includes it),
    ratio (share / base_share, NaN where that is 0), small (boolean: known is under ten). Attributes in the order of the columns,
    values in their own.

    The interval of the difference takes people who are in both into account (see difference()). It reads the members as a sample of
    those who might be, so it says how far a segment of this size would stray by itself; with many lines, one in twenty strays at 0.95.
    People without a value are left out of shares, and counted in unknown. Source: issue of this topic; the sheets define no profile.
    """
    day = day_of(frames, today)
    name, base_name, inside, outside = _sides(frames, segment, base)
    people = frames["people"]
    lines = [
        _lines(title(column), _banded(people, column, day, top), inside, outside, level)
        for column in chosen_attributes(people, attributes)
    ]
    table = {one: np.concatenate([line[one] for line in lines]) for one in PROFILE if lines and one in lines[0]}
    size = len(table["value"]) if lines else 0
    sides = {"segment": [name] * size, "base": [base_name] * size}
    return carried(typed({**table, **sides}, PROFILE), frames.values(), today=f"{day:%Y-%m-%d}")


@checked
def compare(frames: Frames, segment: str, other: str, **how: Any) -> pd.DataFrame:
    """profile() of one segment against another; how are its keyword arguments. People in both count in both.

    Columns, denominators and what is missing: see profile(). Source: as for profile(), no sheet defines it.
    """
    if "base" in how:
        raise ParameterError("compare() takes no base: other is what the segment is compared with.", hint="leave base= away.")
    return profile(frames, segment, base=other, **how)


@checked
def standing_out(profiled: pd.DataFrame, *, min_n: int = 0, attributes: Names = None) -> pd.DataFrame:
    """Of each attribute the value that stands out most: the lines of profile() whose interval stays farthest from no difference.

    Parameters
    profiled: what profile() returns. min_n: only attributes known of so many members. attributes: only these.

    Returns the same columns, one line per attribute, by at_least, then by the size of the difference, the largest first; small ones
    last, however much they seem to differ. "(other)" is no value and is passed over. Source: as for profile(), no sheet defines it.
    """
    table = ranked(profiled)
    table = table[table["known"] >= min_n]
    if attributes is not None:
        names = wanted(attributes)
        table = table[table["attribute"].isin([*names, *map(title, names)])]
    return carried(typed(table.drop_duplicates("attribute"), PROFILE), [profiled])


def ranked(profiled: pd.DataFrame) -> pd.DataFrame:
    """The lines of profile() with a real value and a difference, what stands out most first, small ones last."""
    table = profiled[(profiled["value"] != OTHER) & profiled["difference"].notna()]
    order = table.assign(size=table["difference"].abs(), big=~table["small"])
    order = order.sort_values(["big", "at_least", "size"], ascending=False, kind="stable")
    return pd.DataFrame(order.drop(columns=["size", "big"]))


@checked
def averages(
    frames: Frames,
    segment: str,
    *,
    base: str = EVERYBODY,
    attributes: Names = None,
    level: float = 0.95,
    today: Any = None,
) -> pd.DataFrame:
    """The attributes that are numbers, such as age: mean and median in a segment and in its base, and the difference of means.

    Parameters as for profile(); days count as full years to today, flags and texts are left out.

    Returns a DataFrame, one line per attribute: segment, base, attribute (string), known (Int64: members with a value), mean, median,
    base_known (Int64), base_mean, base_median, difference (mean less base_mean) with difference_low, difference_high (float64; NaN
    where too few are known), small (boolean: known is under ten). The interval is Welch's, over the three groups of difference().
    People without a value are in no mean. Source: as for profile(), no sheet defines it.
    """
    day = day_of(frames, today)
    name, base_name, inside, outside = _sides(frames, segment, base)
    people = frames["people"]
    lines = []
    for column in chosen_attributes(people, attributes):
        if pd.api.types.is_bool_dtype(people[column]):
            continue
        numbers = as_number(people[column], day).to_numpy(dtype="float64")
        if np.isnan(numbers).all():
            continue
        known = ~np.isnan(numbers)
        one, other = numbers[inside & known], numbers[outside & known]
        lines.append(
            (
                *(name, base_name, title(column)),
                *(len(one), _mean(one), _median(one)),
                *(len(other), _mean(other), _median(other)),
                *(_mean(one) - _mean(other), *mean_difference(numbers, inside & known, outside & known, level)),
                len(one) < MIN_N,
            )
        )
    return carried(typed(pd.DataFrame(lines, columns=list(AVERAGES)), AVERAGES), frames.values())


def difference(k: np.ndarray, n: np.ndarray, common_k: float, common_n: float, level: float = 0.95) -> tuple[float, float]:
    """The interval of a share less another, where the two groups may have people in common.

    Parameters
    k, n: arrays of two (first group, second group): how many have it, out of how many known. common_k, common_n: the same of the
    people who are in both. level: of the interval.

    Returns low and high. Only-first, only-second and common are three independent groups; the difference is a weighted sum of their
    shares, and the limits come from the Wilson limits of each (Newcombe's square-and-add rule; for groups apart it is his hybrid score
    interval). Two groups of the same people differ by 0, surely. NaN where a group has nobody.
    """
    if min(n) <= 0:
        return float("nan"), float("nan")
    parts_k = np.array([k[0] - common_k, common_k, k[1] - common_k], dtype="float64")
    parts_n = np.array([n[0] - common_n, common_n, n[1] - common_n], dtype="float64")
    weight = np.array([parts_n[0] / n[0], common_n / n[0] - common_n / n[1], -parts_n[2] / n[1]])
    there = parts_n > 0
    weight, parts_k, parts_n = weight[there], parts_k[there], parts_n[there]
    share = parts_k / parts_n
    low, high = (np.asarray(limit, dtype="float64") for limit in wilson(parts_k, parts_n, level))
    middle = float(k[0] / n[0] - k[1] / n[1])
    down = np.where(weight > 0, share - low, high - share)
    up = np.where(weight > 0, high - share, share - low)
    below, above = (float(np.sqrt(((weight * side) ** 2).sum())) for side in (down, up))
    return middle - below, middle + above


def mean_difference(numbers: np.ndarray, inside: np.ndarray, outside: np.ndarray, level: float = 0.95) -> tuple[float, float]:
    """Welch's interval of a mean less another, where the two groups may have people in common; NaN where a part has fewer than two."""
    if not inside.any() or not outside.any():
        return float("nan"), float("nan")
    common = inside & outside
    whole = (inside.sum(), outside.sum())
    groups = ((inside & ~outside, 1 / whole[0]), (common, 1 / whole[0] - 1 / whole[1]), (outside & ~inside, -1 / whole[1]))
    spread, freedom = 0.0, 0.0
    for group, weight in groups:
        size = int(group.sum())
        if size == 0 or weight == 0:
            continue
        if size < 2:
            return float("nan"), float("nan")
        part = (weight * size) ** 2 * float(numbers[group].var(ddof=1)) / size
        spread += part
        freedom += part**2 / (size - 1)
    middle = float(numbers[inside].mean() - numbers[outside].mean())
    half = _student(level, spread**2 / freedom) * spread**0.5 if freedom else 0.0
    return middle - half, middle + half


def _student(level: float, freedom: float) -> float:
    """The two-sided quantile of Student's t, from the normal one (Cornish and Fisher's expansion; within 1 % from 3 degrees on)."""
    z = normal(level)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3


def _sides(frames: Frames, segment: str, base: str) -> tuple[str, str, np.ndarray, np.ndarray]:
    """Names, and who is on each side, as arrays over the lines of people."""
    names = frames["segments"].set_index("segment_id")["name"]
    shown, sides = [], []
    for one in (segment, base):
        number = None if one == EVERYBODY else id_of(frames, one)
        shown.append(EVERYBODY if number is None else str(names[number]))
        everybody = np.ones(len(frames["people"]), dtype=bool)
        sides.append(everybody if number is None else inside_of(frames, [number]).anywhere)
    return shown[0], shown[1], sides[0], sides[1]


@once
def _banded(people: pd.DataFrame, column: str, day: pd.Timestamp, top: int) -> pd.Series:
    return banded(people[column], day, top)


def _lines(attribute: str, values: pd.Series, inside: np.ndarray, outside: np.ndarray, level: float) -> dict[str, Any]:
    """The lines of one attribute, as columns; those that every line has alike, as often as there are lines."""
    code, names = values.cat.codes.to_numpy(), values.cat.categories.to_numpy(dtype=object)
    has = code >= 0
    groups = {"one": inside & has, "other": outside & has, "both": inside & outside & has}
    counts = {name: np.bincount(code[who], minlength=len(names)) for name, who in groups.items()}
    there = (counts["one"] > 0) | (counts["other"] > 0)
    ones, others, both = (counts[name][there].astype("float64") for name in ("one", "other", "both"))
    n, common = np.array([ones.sum(), others.sum()]), float(groups["both"].sum())
    pairs = [difference(np.array(pair), n, shared, common, level) for *pair, shared in zip(ones, others, both, strict=True)]
    low, high = np.array(pairs, dtype="float64").reshape(-1, 2).T
    share, base_share = _shares(ones, n[0]), _shares(others, n[1])
    share_low, share_high = wilson(ones, np.full(len(ones), n[0]), level)
    alike = {
        "attribute": attribute,
        "known": n[0],
        "unknown": int(inside.sum()) - n[0],
        "base_known": n[1],
        "small": n[0] < MIN_N,
    }
    return {
        "value": names[there],
        "members": ones,
        "share": share,
        "share_low": share_low,
        "share_high": share_high,
        "base_members": others,
        "base_share": base_share,
        "difference": share - base_share,
        "difference_low": low,
        "difference_high": high,
        "at_least": np.where(np.isnan(low), np.nan, np.maximum(0, np.maximum(low, -high))),
        "ratio": np.divide(share, base_share, out=np.full(len(share), np.nan), where=base_share > 0),
        **{name: np.full(len(ones), value) for name, value in alike.items()},
    }


def _shares(part: np.ndarray, whole: float) -> np.ndarray:
    return part / whole if whole else np.full(len(part), np.nan)


def _mean(numbers: np.ndarray) -> float:
    return float(numbers.mean()) if len(numbers) else float("nan")


def _median(numbers: np.ndarray) -> float:
    return float(np.median(numbers)) if len(numbers) else float("nan")
