"""The kernel that a report runs in: an IPython kernel that refuses the network and other programs, and describes its pictures.

The refusal is an audit hook of Python: a notebook cannot take it away, and what was refused is written down, so that an except in the
notebook does not hide it. It stops honest mistakes and libraries that phone home; code that opens sockets without Python is not seen.
"""

from __future__ import annotations

import os
import sys
from typing import Any

LOG = "CRMKIT_GATE_LOG"
LOOPBACK = "CRMKIT_GATE_LOOPBACK"
HERE = ("127.0.0.1", "::1", "localhost")
NETWORK = frozenset(
    [
        "socket.connect",
        "socket.bind",
        "socket.sendto",
        "socket.sendmsg",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.gethostbyaddr",
    ]
)
PROGRAMS = frozenset(
    ["subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "pty.spawn"]
)


def main() -> None:
    """Run the kernel with the arguments of the command line."""
    import urllib3.util.connection  # noqa: F401 - it opens a socket when it is imported, as every panel does
    from ipykernel.kernelapp import IPKernelApp

    log = os.open(os.environ.pop(LOG), os.O_WRONLY | os.O_APPEND)
    loopback = os.environ.pop(LOOPBACK, "") == "1"
    app: Any = IPKernelApp.instance()
    app.initialize(sys.argv[1:])
    formatter = app.shell.display_formatter.mimebundle_formatter
    formatter.for_type_by_name("matplotlib.figure", "Figure", _described)
    close(log, loopback=loopback)
    app.start()


def close(log: int, *, loopback: bool) -> None:
    """Refuse network and programs from here on, in this whole process. log: an open file that takes a line for each refusal."""

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event in PROGRAMS:
            os.write(log, f"program {event}\n".encode())
            raise PermissionError("a report starts no other program.")
        if event in NETWORK and not (loopback and _is_here(event, args)) and not _is_local(args):
            os.write(log, f"network {event}\n".encode())
            raise PermissionError("a report runs without a network.")

    sys.addaudithook(hook)


def _is_here(event: str, args: tuple[Any, ...]) -> bool:
    """Whether a call stays on this machine: the demo's own servers."""
    named = args[0] if event.startswith("socket.get") else args[1] if len(args) > 1 else None
    host = named[0] if isinstance(named, tuple) and named else named
    return str(host.decode() if isinstance(host, bytes) else host) in HERE


def _is_local(args: tuple[Any, ...]) -> bool:
    """Whether the address is a file of this machine (a Unix socket), as the kernel's own parts use."""
    return len(args) > 1 and isinstance(args[1], str | bytes) and not isinstance(args[0], str | bytes)


def _described(figure: Any, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Nothing to show, and as the picture's metadata what it shows in words, titles and axes, and every text that is drawn in it."""
    words = []
    for ax in figure.axes:
        title = next((ax.get_title(loc=side) for side in ("left", "center", "right") if ax.get_title(loc=side)), "")
        axes = [f"{name}: {label}" for name, label in (("across", ax.get_xlabel()), ("up", ax.get_ylabel())) if label]
        words += [part for part in (title, *axes) if part]
    alt = ". ".join([str(figure.get_suptitle()), *words] if figure.get_suptitle() else words)
    told = {**({"alt": " ".join(alt.split())} if alt else {}), "drawn": _drawn(figure)}
    return {}, dict.fromkeys(("image/png", "image/jpeg"), told)


def _drawn(figure: Any) -> list[str]:
    """The texts in a picture, which nobody finds in its dots."""
    from matplotlib.axis import Axis
    from matplotlib.text import Text

    for axis in figure.findobj(Axis):
        axis.get_ticklabels(which="both")  # they get their texts when they are asked for
    found = (" ".join(one.get_text().split()) for one in figure.findobj(Text) if one.get_visible())
    return list(dict.fromkeys(text for text in found if text))


if __name__ == "__main__":
    main()
