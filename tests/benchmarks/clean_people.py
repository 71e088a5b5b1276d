"""50,000 people of the demo, faults included: seconds (on the clock, and of the processor) of clean.profile and
clean.normalise, and the peak of memory.

Run by hand: python -m tests.benchmarks.clean_people [people].
"""

import resource
import sys
import time

from crmkit import clean
from crmkit.demo.club import Club
from tests.clean.planted import TODAY, cards


def megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(people: int) -> None:
    frame = cards(Club(1, people), "peepl")
    print(f"{len(frame):,} people, {megabytes():.0f} MB before")
    for name, call in (("profile", lambda: clean.profile(frame, key="record_id", today=TODAY)), ("normalise", lambda: clean.normalise(frame))):
        begun, worked = time.perf_counter(), time.process_time()
        call()
        seconds, work = time.perf_counter() - begun, time.process_time() - worked
        print(f"{name}: {seconds:.1f} s, {work:.1f} s of the processor, peak {megabytes():.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
