"""Asks a ClamAV daemon about a file (its INSTREAM command), over TCP or a socket of this machine."""

import re
import socket
import struct
from typing import IO

from .verdicts import CLEAN, Verdict, ask_again_later, infected

TIMEOUT = 30.0
_CHUNK = 64 * 1024
_MAX_ANSWER = 4_096
_TCP = re.compile(r"([A-Za-z0-9.\-]{1,253}|\[[0-9a-fA-F:]{2,45}\]):([0-9]{1,5})")


def is_address(text: str) -> bool:
    """Tell whether a text is `host:port` or the path of a socket."""
    found = _TCP.fullmatch(text)
    return text.startswith("/") if found is None else 0 < int(found[2]) < 65_536


def ask_clamd(address: str, stream: IO[bytes]) -> Verdict:
    """Return what the daemon says; when it cannot be asked, the file waits."""
    try:
        with _connect(address) as connection:
            connection.sendall(b"zINSTREAM\0")
            _send(connection, stream)
            return _read(_answer(connection))
    except OSError as error:
        return ask_again_later(str(error))


def _connect(address: str) -> socket.socket:
    found = _TCP.fullmatch(address)
    if found is not None:
        return socket.create_connection((found[1].strip("[]"), int(found[2])), TIMEOUT)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(TIMEOUT)
    try:
        connection.connect(address)
    except OSError:
        connection.close()
        raise
    return connection


def _send(connection: socket.socket, stream: IO[bytes]) -> None:
    try:
        while piece := stream.read(_CHUNK):
            connection.sendall(struct.pack(">I", len(piece)) + piece)
        connection.sendall(struct.pack(">I", 0))
    except (BrokenPipeError, ConnectionResetError):
        # It may answer and hang up before it has everything, e.g. when the file is too large for it.
        return


def _answer(connection: socket.socket) -> str:
    answer = b""
    while b"\0" not in answer and len(answer) < _MAX_ANSWER:
        piece = connection.recv(_MAX_ANSWER)
        if not piece:
            break
        answer += piece
    return answer.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _read(answer: str) -> Verdict:
    words = answer.removeprefix("stream: ")
    if words == "OK":
        return CLEAN
    if words.endswith(" FOUND"):
        return infected(words.removesuffix(" FOUND"))
    return ask_again_later(words or "no answer")
