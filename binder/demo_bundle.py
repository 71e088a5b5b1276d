"""Build the demo's bundle for the notebooks on Binder: python binder/demo_bundle.py FILE

The demo's people are invented, so its key is no secret: the same bytes of pseudonyms on every build.
"""

import sys
from hashlib import sha256

import crmkit
from crmkit import attendance, coverage, pipelines, segments, share


def main(path: str) -> None:
    """Write the four topics of the demo, as pseudonyms."""
    demo = crmkit.demo
    frames = {
        "segments": segments.load(demo.peepl(), segments={41: "Parents", 52: "Players", 58: "Newsletter"}),
        "attendance": attendance.load(demo.peepl(), kinds=["internal"], start="2024-01-01"),
        "pipelines": pipelines.load(demo.onepagecrm()),
        "coverage": coverage.load(demo.beeple(), collaborators="list", start="2024-06-15", end="2024-08-31"),
    }
    made = share.bundle(frames, path, key=sha256(b"the demo of crmkit").digest(), force=True)
    sys.stdout.write(f"{made}\n")


if __name__ == "__main__":
    main(sys.argv[1])
