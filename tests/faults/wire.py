"""Faults on the socket: how the bytes of an answer are sent, or not."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Callable
from email.utils import formatdate
from http import HTTPStatus

from .dials import Dials

Pause = Callable[[float], None]


def send(connection: socket.socket, status: int, headers: dict[str, str], body: bytes, faults: Dials, pause: Pause) -> bool:
    """Sends one answer as the dials say. Returns whether the connection can carry another one."""
    head = heading(status, framed(headers, len(body), faults))
    if faults.reset_at is not None:
        connection.sendall((head + body)[: max(0, len(head) + faults.reset_at)])
        reset(connection)
        return False
    if faults.half_body:
        body = body[: len(body) // 2]
    if faults.slow_drip is not None:
        drip(connection, head, body, faults.slow_drip, pause)
    else:
        connection.sendall(head + body)
    return not (faults.half_body or faults.no_content_length or faults.wrong_content_length > 0)


def framed(headers: dict[str, str], length: int, faults: Dials) -> dict[str, str]:
    """The headers that say where the body ends and how it is coded."""
    if faults.no_content_length:
        headers = {**headers, "Connection": "close"}
    else:
        headers = {**headers, "Content-Length": str(max(0, length + faults.wrong_content_length))}
    return {**headers, "Content-Encoding": "gzip"} if faults.gzip_lies else headers


def heading(status: int, headers: dict[str, str]) -> bytes:
    lines = [
        f"HTTP/1.1 {status} {phrase(status)}",
        f"Date: {formatdate(usegmt=True)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Unknown"


def drip(connection: socket.socket, head: bytes, body: bytes, dial: tuple[int, float], pause: Pause) -> None:
    """The body in pieces, with a pause before each."""
    size, seconds = dial
    connection.sendall(head)
    for start in range(0, len(body), size):
        pause(seconds)
        connection.sendall(body[start : start + size])


def reset(connection: socket.socket) -> None:
    """Closes at once and without goodbye: lingering for no time makes the system send RST, not FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(connection.detach())
