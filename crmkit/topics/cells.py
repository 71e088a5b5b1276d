"""Which panel belongs to which notebook cell: a cell that runs again closes the panel that it made before."""

from __future__ import annotations

from typing import Any

_live: dict[str, Any] = {}


def remember(topic: str, panel: Any) -> None:
    """This cell's panel, to be closed when the cell runs again."""
    _live[_cell(topic)] = panel


def close_earlier(topic: str) -> None:
    """Close the panel that this cell made when it ran before."""
    earlier = _live.pop(_cell(topic), None)
    if earlier is not None:
        earlier.close()


def close_whole(one: Any) -> None:
    """Close a widget, what it holds, and the layout and style that belong to it: ipywidgets leaves those alive."""
    for part in (*getattr(one, "children", ()), getattr(one, "style", None)):
        if part is not None:
            close_whole(part)
    if getattr(one, "layout", None) is not None:
        one.layout.close()
    one.close()


def _cell(topic: str) -> str:
    """Which notebook cell is running, by its id or its text; outside a notebook, one panel per topic."""
    try:
        from IPython import get_ipython
    except ImportError:
        return topic
    shell = get_ipython()
    if shell is None:
        return topic
    cell = (getattr(shell, "parent_header", None) or {}).get("metadata", {}).get("cellId")
    return f"{topic} {cell or shell.history_manager.input_hist_raw[-1]}"
