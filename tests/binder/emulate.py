"""Build and run the Binder image without docker: python tests/binder/emulate.py [notebook ...]

A fresh copy of the committed tree, a fresh virtual environment from binder/requirements.txt with hashes and binder/postBuild. JupyterLab
and its server, which Binder brings, are installed beside that with every package of the lock held where it is. Then, with the network cut
(in a network namespace of its own where the system allows it), a real server is started and runs every notebook from top to bottom, each
in a kernel of its own that is shut down before the next, as a reader would. Prints seconds and memory: server and kernels together, as their
shares of the pages they hold. The exit status is 1 where a notebook fails, memory passes 1 GB, or the first panel takes over 60 s.
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
SESSION = Path(__file__).with_name("session.py")
# Loopback is up, as on Binder; everything else is gone.
CUT = ["unshare", "--net", "--map-root-user", "sh", "-c", 'ip link set lo up 2>/dev/null; exec "$@"', "sh"]
REACHED = "import socket\ntry:\n    socket.create_connection(('192.0.2.1', 80), 2)\nexcept OSError as error:\n    print(error.errno)"


def timed(name, command, **more):
    """Run a command, print seconds and the peak memory of the largest process so far, in MB; whether it went well."""
    began = time.monotonic()
    done = subprocess.run(command, check=False, capture_output=True, text=True, **more)
    seconds, peak = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{name:<32}{seconds:7.1f} s{peak:8.0f} MB{'' if done.returncode == 0 else '   FAILED'}", flush=True)
    if done.returncode:
        print(done.stdout[-2000:] + done.stderr[-3000:], file=sys.stderr)
    return done.returncode == 0


def committed(place):
    """The tree as git has it: what is not committed is not on Binder."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, place / name)


def held(lock):
    """The lock's versions without hashes, for pip to hold on to while it adds JupyterLab."""
    return "\n".join(line.split(" ")[0] for line in lock.splitlines() if "==" in line)


def main(names):
    with tempfile.TemporaryDirectory() as folder:
        tree, place, versions = Path(folder, "repo"), Path(folder, "venv"), Path(folder, "versions.txt")
        committed(tree)
        venv.create(place, with_pip=True)
        world = {
            "PATH": f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "HOME": folder,
            "LANG": "C.UTF-8",
            **{key: value for key, value in os.environ.items() if key.startswith("PIP_")},
        }
        plain, python = {"cwd": tree, "env": world}, str(place / "bin" / "python")
        pip = [python, "-m", "pip"]
        versions.write_text(held((tree / "binder" / "requirements.txt").read_text(encoding="utf-8")), encoding="utf-8")
        built = (
            timed("requirements.txt", [*pip, "install", "--quiet", "--require-hashes", "-r", "binder/requirements.txt"], **plain)
            and timed("postBuild", ["binder/postBuild"], **plain)
            and timed("JupyterLab beside it", [*pip, "install", "--quiet", "-c", str(versions), "jupyterlab>=4.2"], **plain)
            and timed("pip check", [*pip, "check"], **plain)
        )
        if not built:
            return 1
        cut = CUT if subprocess.run([*CUT, "true"], check=False, capture_output=True).returncode == 0 else []
        reached = subprocess.run([*cut, python, "-c", REACHED], check=False, capture_output=True, text=True).stdout.strip()
        print(f"network: {'cut' if cut else 'NOT cut: no namespaces here'}; a call outside ends with errno {reached}", flush=True)
        return subprocess.run([*cut, python, str(SESSION), *names], check=False, **plain).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
