"""Build and run the Binder image without docker: python tests/binder/emulate.py [notebook ...]

A fresh copy of the committed tree, a fresh virtual environment from binder/requirements.txt with hashes, binder/postBuild, and then
every notebook from top to bottom with the network cut (in a network namespace of its own where the system allows it). Prints seconds and
peak memory; the exit status is 1 where a notebook fails, memory passes 1 GB, or the first panel takes over 60 s.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
MOST_MB, MOST_SECONDS = 1000, 60
# Loopback is up, as on Binder; everything else is gone.
CUT = ["unshare", "--net", "--map-root-user", "sh", "-c", 'ip link set lo up 2>/dev/null; exec "$@"', "sh"]
REACHED = "import socket\ntry:\n    socket.create_connection(('192.0.2.1', 80), 2)\nexcept OSError as error:\n    print(error.errno)"
PANEL = "import crmkit\npanel = crmkit.pipelines.explore(crmkit.demo.onepagecrm())\nassert len(panel.frame)\npanel.static()"
RUN = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": "notebooks"}}).execute()
"""


def timed(name, command, **more):
    """Run a command; seconds and the peak memory of the largest process of all so far, in MB."""
    began = time.monotonic()
    done = subprocess.run(command, check=False, capture_output=True, text=True, **more)
    seconds, peak = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{name:<32}{seconds:7.1f} s{peak:8.0f} MB{'' if done.returncode == 0 else '   FAILED'}", flush=True)
    if done.returncode:
        print(done.stdout[-2000:] + done.stderr[-3000:], file=sys.stderr)
    return done.returncode == 0, seconds, peak


def committed(place):
    """The tree as git has it: what is not committed is not on Binder."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, place / name)


def main(names):
    with tempfile.TemporaryDirectory() as folder:
        tree, place = Path(folder, "repo"), Path(folder, "venv")
        committed(tree)
        venv.create(place, with_pip=True)
        world = {
            "PATH": f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "HOME": folder,
            "LANG": "C.UTF-8",
            **{key: value for key, value in os.environ.items() if key.startswith("PIP_")},
        }
        plain, python = {"cwd": tree, "env": world}, str(place / "bin" / "python")
        install = [python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", "binder/requirements.txt"]
        built = timed("requirements.txt", install, **plain)[0] and timed("postBuild", ["binder/postBuild"], **plain)[0]
        if not built:
            return 1
        cut = CUT if subprocess.run([*CUT, "true"], check=False, capture_output=True).returncode == 0 else []
        reached = subprocess.run([*cut, python, "-c", REACHED], check=False, capture_output=True, text=True).stdout.strip()
        print(f"network: {'cut' if cut else 'NOT cut: no namespaces here'}; a call outside ends with errno {reached}")
        # The installer's own memory is no part of the session's: the session is measured by a process of its own.
        return subprocess.run([*cut, sys.executable, __file__, "--session", python, *names], check=False, **plain).returncode


def session(python, names):
    good, seconds, _ = timed("first panel, cold", [python, "-c", PANEL])
    results, peak = [good and seconds < MOST_SECONDS], 0
    for path in sorted(Path("notebooks").glob("*.ipynb")):
        if not names or path.stem in names:
            good, _, peak = timed(path.name, [python, "-c", RUN, str(path)])
            results.append(good and peak < MOST_MB)
    print("passed" if all(results) else "FAILED", f"first panel {seconds:.1f} s, peak {peak:.0f} MB in one process")
    return 0 if all(results) else 1


if __name__ == "__main__":
    words = sys.argv[1:]
    sys.exit(session(words[1], words[2:]) if words[:1] == ["--session"] else main(words))
