"""Importing crmkit is light."""

import json
import subprocess
import sys

LOOK = """
import json, sys
before = set(sys.modules)
{what}
print(json.dumps(sorted(name for name in sys.modules if name not in before)))
"""
HEAVY = {"matplotlib", "ipywidgets", "IPython", "tqdm", "werkzeug", "pyrate_limiter", "tenacity", "asyncio", "multiprocessing"}


def imported(what):
    done = subprocess.run([sys.executable, "-c", LOOK.format(what=what)], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_import_crmkit_brings_little_beyond_its_libraries():
    own = imported("from crmkit import Peepl, cache, child, offline, receipt") - imported("import pandas, requests_cache")
    assert {name.partition(".")[0] for name in own} & HEAVY == set()


def test_cache_tools_need_no_server_library():
    assert "werkzeug" not in imported("import crmkit.cache, crmkit.client, crmkit.plan, crmkit.progress")
