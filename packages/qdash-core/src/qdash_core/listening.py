"""The socket that a server listens at."""

from __future__ import annotations

import socket

from qdash_core.errors import InvalidInputError

_BACKLOG = 2048
"""So many wait to be taken while the server begins."""
UNREAD_S = 60
"""So long the other side of a connection may take nothing of what is sent, in seconds: then the system ends it."""


def reached_at(host: str) -> str:
    """Return the address by which this machine reaches a server that listens at one."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104


def url_at(host: str, port: int) -> str:
    """Return where people of this machine find a server that listens at an address."""
    reached = reached_at(host)
    return f"http://{f'[{reached}]' if ':' in reached else reached}:{port}"


def listening(host: str, port: int, *, option: str = "--port") -> socket.socket:
    """Return a socket that others can connect to already: they wait until they are answered.

    Parameters
    ----------
    host, port : str, int
        Where; port 0: any that is free.
    option : str
        By which the port was given.

    Raises
    ------
    InvalidInputError
        If there is none to be had.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        found = socket.socket(family, kind, protocol)
        try:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            _give_up_who_takes_nothing(found)
            found.bind(address)
            found.listen(_BACKLOG)
        except OSError:
            found.close()
            raise
    except OSError as error:
        raise InvalidInputError(
            f"{host}:{port} cannot be listened at: {error.strerror or error}; take another --host or {option}"
        ) from error
    found.set_inheritable(True)
    return found


def _give_up_who_takes_nothing(listener: socket.socket) -> None:
    """Bound how long what is written to a connection is kept, where the system can; connections take it over.

    Closing alone waits for what has not been taken, however long that is.
    """
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_S * 1000)
