"""100,000 nested contacts, pages already in memory, to a typed frame: crmkit beside json.loads + json_normalize + the same dtypes.

Run by hand: python tests/benchmarks/json_to_frame.py [records]. Prints medians of five runs of each, interleaved, and their ratio; the
values of both frames are compared.
"""

import gc
import json
import random
import statistics
import sys
import time

import pandas as pd

from crmkit import Peepl
from crmkit.frames import Builder
from crmkit.records import collector_paused, decoded


def contact(number: int, rng: random.Random) -> dict:
    address = {"id": number, "street1": f"Dorpsstraat {number}", "street2": "", "city": "Leuven", "postal_code": "3000"}
    company = {
        "id": number,
        "name": "Acme",
        "function": "clerk",
        "begin_date": "2010-01-01",
        "end_date": None,
        "address": [address],
    }
    return {
        "id": number,
        "uname": f"user{number}",
        "first_name": rng.choice(("Jan", "An", "Zoë")),
        "last_name": f"Peeters{number}",
        "birth_date": f"{rng.randint(1940, 2015)}-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}",
        "birth_place": "Leuven",
        "age": rng.choice((None, 34, 51)),
        "profile_pic": None,
        "preferred_language": "nl",
        "permission_level": "can_login",
        "gender": rng.choice("MFX"),
        "email": f"user{number}@example.org",
        "title": "",
        "emails_secondary": [],
        "companies": [company] if number % 3 == 0 else [],
        "educations": [],
        "relatives": [],
        "address": [address],
        "custom_fields": [],
        "last_modified": f"2018-09-13T12:47:{number % 60:02d}.441935Z",
        "created_on": "2018-05-16T11:52:09Z",
    }


def ours(pages: list[bytes]) -> pd.DataFrame:
    builder = Builder(Peepl.contacts.columns)
    with collector_paused():
        for page in pages:
            builder.add(decoded(page)["results"])
        return builder.frame()


def obvious(pages: list[bytes]) -> pd.DataFrame:
    records = [record for page in pages for record in json.loads(page)["results"]]
    frame = pd.json_normalize(records)
    for one in Peepl.contacts.columns:
        if one.kind == "instant":
            frame[one.name] = pd.to_datetime(frame[one.name], format="ISO8601", utc=True).astype(one.dtype)
        elif one.kind == "day":
            frame[one.name] = pd.to_datetime(frame[one.name], format="ISO8601").astype(one.dtype)
        else:
            frame[one.name] = frame[one.name].astype(one.dtype)
    return frame


def timed(make, pages: list[bytes]) -> tuple[float, pd.DataFrame]:
    gc.collect()
    start = time.perf_counter()
    frame = make(pages)
    return time.perf_counter() - start, frame


def main(records: int = 100_000, rounds: int = 5) -> float:
    rng = random.Random(1)
    people = [contact(number, rng) for number in range(records)]
    pages = [json.dumps({"count": records, "results": people[start : start + 100]}).encode() for start in range(0, records, 100)]
    del people
    times: dict[str, list[float]] = {"crmkit": [], "json_normalize": []}
    for _ in range(rounds):
        seconds, mine = timed(ours, pages)
        times["crmkit"].append(seconds)
        seconds, theirs = timed(obvious, pages)
        times["json_normalize"].append(seconds)
        pd.testing.assert_frame_equal(mine, theirs[mine.columns])
        del mine, theirs
    medians = {name: statistics.median(all_times) for name, all_times in times.items()}
    ratio = medians["json_normalize"] / medians["crmkit"]
    for name, seconds in medians.items():
        print(f"{name:>15}: {seconds:.2f} s (median of {rounds})")
    print(f"          ratio: {ratio:.1f} times faster, values equal")
    return ratio


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
