"""Known vulnerabilities of the installed packages: those of crmkit's own fail the build, others are told.

python .ci/audit.py [pip-audit]. Where the database cannot be reached that is said, and nothing fails.
"""

import json
import subprocess
import sys
from pathlib import Path

PATIENCE = 120

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.guard.supply import tree  # noqa: E402 - the path comes first


def audited(program):
    """pip-audit's answer, one line per package; None where there is none."""
    command = [program, "--format", "json", "--progress-spinner", "off", "--timeout", "15", "--skip-editable"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)  # noqa: S603 - the command is ours
        return json.loads(done.stdout)["dependencies"]
    except (OSError, subprocess.TimeoutExpired, ValueError, TypeError, KeyError):
        return None


def main(program="pip-audit"):
    """Tell what is known; 1 where a package of crmkit's own is vulnerable."""
    found = audited(program)
    if found is None:
        print("pip-audit: the database could not be reached; nothing was audited.")
        return 0
    looked = [one for one in found if "vulns" in one]
    bad = [one for one in looked if one["vulns"]]
    for one in bad:
        print(f"pip-audit: {one['name']} {one['version']}: {', '.join(each['id'] for each in one['vulns'])}")
    if len(looked) < len(found):
        print(
            f"pip-audit: {len(found) - len(looked)} of {len(found)} packages were not audited: the database does not answer for them here."
        )
    if looked and not bad:
        print(f"pip-audit: {len(looked)} packages audited, none is known to be vulnerable.")
    return int(any(one["name"].lower().replace("_", "-") in tree("crmkit") for one in bad))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
