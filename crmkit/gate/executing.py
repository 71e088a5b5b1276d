"""Runs a notebook from top to bottom in a kernel of its own: an empty folder with the bundle, no credentials, no network."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from crmkit.gate.cells import GIVEN, Notebook, code_cells
from crmkit.gate.faults import Fault
from crmkit.gate.kernel import LOG, LOOPBACK

BUNDLE = "CRMKIT_BUNDLE"
KEPT = ("PATH", "SYSTEMROOT", "LANG", "LC_ALL", "VIRTUAL_ENV")
WORDS = {"network": "a call to the network was refused.", "program": "the start of another program was refused."}


def execute(notebook: Notebook, bundle: Path, *, demo: bool = False, timeout: int = 600) -> list[Fault]:
    """Run all cells, in place; what went wrong with the run itself. demo: the bundled demo may serve, on loopback."""
    from nbclient.client import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    for _, cell in code_cells(notebook):
        cell.outputs, cell.execution_count = [], None
    notebook.metadata.pop("widgets", None)
    with _place(bundle) as (folder, log):
        client = NotebookClient(
            notebook,
            km=_kernel(folder.parent),
            timeout=timeout,
            coalesce_streams=True,
            record_timing=False,
            resources={"metadata": {"path": str(folder)}},
        )
        faults: list[Fault] = []
        try:
            client.execute(cleanup_kc=True, env=_environment(folder, log, bundle.name, demo))
        except CellExecutionError as error:  # a notebook can keep the kernel from showing it, and no cell after it ran
            faults.append(Fault("error", _reached(notebook), f"{error.ename}."))
        except (CellTimeoutError, DeadKernelError) as error:
            faults.append(Fault("error", _reached(notebook), f"{type(error).__name__}."))
        refused = dict.fromkeys(line.split()[0] for line in log.read_text().splitlines())
        return [Fault(kind, "notebook", WORDS[kind]) for kind in refused] + faults


@contextmanager
def _place(bundle: Path) -> Iterator[tuple[Path, Path]]:
    """An empty folder with the bundle in it, and an empty log beside it."""
    with tempfile.TemporaryDirectory(prefix="crmkit-report-", ignore_cleanup_errors=True) as place:
        folder, log = Path(place, "here"), Path(place, "log")
        folder.mkdir()
        log.touch()
        shutil.copy(bundle, folder / bundle.name)
        yield folder, log


def _kernel(place: Path) -> Any:
    """A kernel that starts through the guard, of this very Python; where the system knows them, over files instead of ports."""
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    over = {"transport": "ipc"} if os.name == "posix" else {}
    manager = AsyncKernelManager(connection_file=str(place / "kernel.json"), **over)
    argv = [sys.executable, "-m", "crmkit.gate.kernel", "-f", "{connection_file}"]
    manager._kernel_spec = KernelSpec(argv=argv, display_name="crmkit", language="python")
    return manager


def _environment(folder: Path, log: Path, bundle: str, demo: bool) -> dict[str, str]:
    """What the kernel may know of this machine: where programs are, nothing about accounts."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    told = {BUNDLE: bundle, LOG: str(log), LOOPBACK: "1" if demo else "0", "CRMKIT_OFFLINE": "0" if demo else "1"}
    place = str(folder.parent)
    return {
        **kept,
        **told,
        **({"MPLCONFIGDIR": _fonts()} if find_spec("matplotlib") else {}),
        "PYTHONPATH": str(Path(__file__).parents[2]),  # this very crmkit, wherever the kernel's folder is
        "HOME": place,
        "IPYTHONDIR": place,
        "CRMKIT_CACHE_DIR": str(folder.parent / "cache"),
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _fonts() -> str:
    """Where matplotlib keeps its list of fonts: made here, since the kernel may not ask another program for it."""
    import matplotlib.font_manager

    return str(matplotlib.get_cachedir())


def _reached(notebook: Notebook) -> str:
    """The last cell that was begun, numbered as in the notebook that was given."""
    own = [cell for cell in notebook.cells if cell.metadata.get("crmkit") != GIVEN]
    begun = [number for number, cell in enumerate(own, 1) if cell.get("execution_count") or cell.get("outputs")]
    return f"cell {begun[-1]}" if begun else "the first cell"
