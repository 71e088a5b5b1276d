"""A notebook before it runs: magics, tags that hide errors, and whether what is saved in it was run whole and in order."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, TypeAlias

from IPython.core.inputtransformer2 import TransformerManager

from crmkit.errors import ParameterError
from crmkit.gate.faults import Fault

Notebook: TypeAlias = Any
Cell: TypeAlias = Any

HARMLESS = frozenset(["matplotlib", "config"])
# IPython's own that people write; any other name is taken for one that does not exist here.
USUAL = frozenset(
    [
        "alias",
        "autoawait",
        "autoreload",
        "bash",
        "capture",
        "cd",
        "colors",
        "conda",
        "debug",
        "edit",
        "env",
        "file",
        "history",
        "html",
        "javascript",
        "js",
        "latex",
        "load",
        "load_ext",
        "logstart",
        "lsmagic",
        "macro",
        "magic",
        "mamba",
        "markdown",
        "mkdir",
        "notebook",
        "page",
        "paste",
        "pdb",
        "perl",
        "pinfo",
        "pinfo2",
        "pip",
        "pprint",
        "precision",
        "prun",
        "psearch",
        "pwd",
        "pycat",
        "pylab",
        "python",
        "python2",
        "python3",
        "recall",
        "rerun",
        "reset",
        "run",
        "save",
        "sc",
        "script",
        "set_env",
        "sh",
        "store",
        "svg",
        "sx",
        "system",
        "tb",
        "time",
        "timeit",
        "unalias",
        "unload_ext",
        "uv",
        "who",
        "whos",
        "writefile",
        "xdel",
        "xmode",
    ]
)
LENIENT = frozenset(["raises-exception", "skip-execution", "nbval-raises-exception", "nbval-skip", "nbval-ignore-output"])
CALLS = frozenset(["run_line_magic", "run_cell_magic", "system", "getoutput", "magic"])
PARAMETERS = "parameters"
GIVEN = "given"


def code_cells(notebook: Notebook) -> list[tuple[str, Cell]]:
    """Each code cell with something in it, and what to call it in a message."""
    numbered = enumerate(notebook.cells, 1)
    return [(f"cell {number}", cell) for number, cell in numbered if cell.cell_type == "code" and cell.source.strip()]


def tags(cell: Cell) -> set[str]:
    """The tags of a cell."""
    return set(cell.metadata.get("tags", []))


def faults_of_source(notebook: Notebook) -> Iterator[Fault]:
    """What can be seen without running: in the code, its tags and the notebook's settings."""
    if notebook.metadata.get("execution", {}).get("allow_errors"):
        yield Fault("error allowed", "notebook")
    for where, cell in code_cells(notebook):
        if lenient := sorted(tags(cell) & LENIENT):
            yield Fault("error allowed", where, f"the tag {lenient[0]} lets errors pass.")
        yield from _faults_of_code(where, cell.source)
        if PARAMETERS in tags(cell) and _does_more(cell.source):
            yield Fault("parameters", where)


def _faults_of_code(where: str, source: str) -> Iterator[Fault]:
    try:
        shell: Any = TransformerManager
        tree = ast.parse(shell().transform_cell(source))
    except SyntaxError:
        yield Fault("error", where, "it is no Python.")
        return
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in CALLS
            and _of_shell(node.func)
        ):
            yield from _faults_of_call(where, node)


def _of_shell(called: ast.Attribute) -> bool:
    """Whether a method is that of the shell: get_ipython().system(), or the same under a name such as ip or shell."""
    owner = called.value
    if isinstance(owner, ast.Call):
        return isinstance(owner.func, ast.Name) and owner.func.id == "get_ipython"
    return called.attr in ("run_line_magic", "run_cell_magic")


def _faults_of_call(where: str, call: ast.Call) -> Iterator[Fault]:
    kind = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if kind in ("system", "getoutput"):
        yield Fault("magic", where, "a shell escape (!): what it does is not the notebook's.")
        return
    first = call.args[0] if call.args else None
    name = str(first.value).split()[0] if isinstance(first, ast.Constant) and str(first.value).strip() else "?"
    if name in HARMLESS and kind == "run_line_magic":
        return
    mark = "%%" if kind == "run_cell_magic" else "%"
    reason = "magic" if name in USUAL else "unknown magic"
    yield Fault(
        reason, where, f"{mark}{name}. Only %matplotlib and %config are taken." if reason == "magic" else f"{mark}{name}."
    )


def was_run(notebook: Notebook) -> bool:
    """Whether the notebook comes with saved runs."""
    return any(cell.execution_count is not None or cell.outputs for _, cell in code_cells(notebook))


def faults_of_saved(notebook: Notebook) -> Iterator[Fault]:
    """What is wrong with saved runs: all cells once, from top to bottom, or none at all."""
    if not was_run(notebook):
        return
    counts = {where: cell.execution_count for where, cell in code_cells(notebook)}
    yield from (Fault("unrun cell", where) for where, count in counts.items() if count is None)
    run = [count for count in counts.values() if count is not None]
    if run != list(range(1, len(run) + 1)):
        yield Fault("order", "notebook")


def with_parameters(notebook: Notebook, given: dict[str, Any]) -> dict[str, str]:
    """Put a cell with the given values behind the cell tagged parameters; which names that cell sets, and their values as text.

    The cell added is marked; without_given() takes it out again, so that nothing given stays in what is written. Raises ParameterError
    for a value that cannot be written as one of plain Python: the cell would end in an error that goes with it.
    """
    from nbformat.v4 import new_code_cell

    if odd := [name for name, value in given.items() if not _is_plain(value)]:
        raise ParameterError(
            f"the parameter {odd[0]} is no plain value.",
            hint="give finite numbers of Python's own, texts, flags, None, or lists and dicts of them; a day as a text.",
        )
    place = next((number for number, cell in enumerate(notebook.cells) if PARAMETERS in tags(cell)), None)
    defaults = _assigned(notebook.cells[place].source) if place is not None else {}
    lines = "\n".join(f"{name} = {value!r}" for name, value in given.items() if name in defaults)
    if place is not None and lines:
        given_cell = new_code_cell(lines, metadata={"crmkit": GIVEN})  # type: ignore[no-untyped-call]
        notebook.cells.insert(place + 1, given_cell)
    return defaults


def _is_plain(value: Any) -> bool:
    try:
        return bool(ast.literal_eval(repr(value)) == value)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return False


def without_given(notebook: Notebook) -> None:
    """Take the cell with the given values out again, and number the runs as if it had not been there."""
    notebook.cells = [cell for cell in notebook.cells if cell.metadata.get("crmkit") != GIVEN]
    for number, (_, cell) in enumerate(code_cells(notebook), 1):
        cell.execution_count = number
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = number


def _does_more(source: str) -> bool:
    """Whether a cell of parameters holds more than plain values under names: it would run with them before the given ones are set."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return False  # a fault of its own
    plain = (ast.Assign, ast.AnnAssign)
    used = {node.id for one in body for node in ast.walk(one) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return bool(used & _assigned(source).keys()) or any(
        not isinstance(one, plain) and not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)) for one in body
    )


def _assigned(source: str) -> dict[str, str]:
    """The names that a cell of parameters sets, with their values as text where they are plain."""
    found = {}
    for node in ast.parse(source).body:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        value = getattr(node, "value", None)
        for one in targets:
            if isinstance(one, ast.Name):
                found[one.id] = str(value.value) if isinstance(value, ast.Constant) else ""
    return found
