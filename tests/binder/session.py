"""A reader's session on Binder, run by emulate.py in the image: a JupyterLab server, and one notebook after the other in its kernels."""

import json
import re
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import nbformat
from jupyter_client import BlockingKernelClient
from jupyter_core.paths import jupyter_runtime_dir

MOST_MB, MOST_SECONDS, PORT = 1000, 60, 8888
READER = "reader"  # the server listens on loopback, in a network namespace of its own
PANEL = "import crmkit\npanel = crmkit.pipelines.explore(crmkit.demo.onepagecrm())\nassert len(panel.frame)\npanel"
LAB = ["-m", "jupyter", "lab", "--no-browser", f"--port={PORT}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={READER}", "--allow-root"]


def descendants(pid):
    """A process and all that it started, as /proc has them."""
    parents = {}
    for one in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(one.parent.name)] = int(one.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found = {pid}
    while more := {one for one, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def memory(pid):
    """What a process and its descendants hold together, in MB; pages that several hold are counted once."""
    total = 0
    for one in descendants(pid):
        try:
            text = Path(f"/proc/{one}/smaps_rollup").read_text()
        except OSError:
            continue
        total += int(re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)[1])
    return total / 1024


class Peak(threading.Thread):
    """Looks at the memory five times a second; most is the largest since it was asked last."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.most = pid, 0.0

    def run(self):
        while True:
            self.most = max(self.most, memory(self.pid))
            time.sleep(0.2)

    def taken(self):
        found, self.most = max(self.most, memory(self.pid)), 0.0
        return found


def asked(path, method="GET", body=None):
    """An answer of the server."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"token {READER}"}
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}/{path}", data, headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read()


def until(ready, seconds=60):
    """What ready() gives, as soon as it gives something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if found := ready():
                return found
        except OSError:
            pass
        time.sleep(0.05)
    raise TimeoutError("the server did not come up")


def ran(path, sources):
    """Run cells in a kernel that the server starts for a notebook, and shut it down: the error of the first cell that fails, or None."""
    session = json.loads(asked("api/sessions", "POST", {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}))
    kernel = session["kernel"]["id"]
    client = BlockingKernelClient(connection_file=str(Path(jupyter_runtime_dir(), f"kernel-{kernel}.json")))
    client.load_connection_file()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        for source in sources:
            reply = client.execute_interactive(source, timeout=600, output_hook=lambda _: None)["content"]
            if reply["status"] != "ok":
                return "\n".join(reply.get("traceback", []))[-2000:]
    finally:
        client.stop_channels()
        asked(f"api/sessions/{session['id']}", "DELETE")
    return None


def main(names):
    began = time.monotonic()
    with subprocess.Popen([sys.executable, *LAB], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        peak = Peak(server.pid)
        peak.start()
        try:
            return session(peak, began, names)
        finally:
            server.terminate()


def session(peak, began, names):
    until(lambda: asked("api/status"))
    page = asked("lab")
    up = time.monotonic() - began
    error = ran("notebooks/first.ipynb", [PANEL])
    first = time.monotonic() - began
    print(f"{'JupyterLab answers':<32}{up:7.1f} s   ({len(page) / 1000:,.0f} kB)\n{'first panel, cold':<32}{first:7.1f} s{peak.taken():8.0f} MB", flush=True)
    good, most = [error is None and first < MOST_SECONDS], 0.0
    for path in sorted(Path("notebooks").glob("*.ipynb")):
        if names and path.stem not in names:
            continue
        start = time.monotonic()
        cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
        error = ran(str(path), cells)
        held = peak.taken()
        most = max(most, held)
        good.append(error is None and held < MOST_MB)
        print(f"{path.name:<32}{time.monotonic() - start:7.1f} s{held:8.0f} MB{'' if error is None else '   FAILED'}", flush=True)
        if error:
            print(error, file=sys.stderr)
    print("passed" if all(good) else "FAILED", f"first panel after {first:.1f} s, at most {most:.0f} MB of server and kernels together")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
