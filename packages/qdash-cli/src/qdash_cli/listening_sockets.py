"""Listening sockets of servers."""

from __future__ import annotations

import socket

from qdash_core.errors import InvalidInputError

_BACKLOG = 2048
"""Maximum number of pending connections while the server starts."""
UNREAD_S = 60
"""Time after which the system closes a connection whose peer reads nothing, in seconds."""


def get_local_address(host: str) -> str:
    """Return the address at which this machine reaches a server with a listening address."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104


def make_server_url(host: str, port: int) -> str:
    """Return the URL of a server for users of this machine."""
    reached = get_local_address(host)
    return f"http://{f'[{reached}]' if ':' in reached else reached}:{port}"


def open_listener(host: str, port: int, *, options: str = "--host or --port") -> socket.socket:
    """Return a listening socket, at which clients can connect before the server starts.

    Parameters
    ----------
    Port 0 selects any free port; `options` names those of the address in messages. Raises InvalidInputError if it is
    not available.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        found = socket.socket(family, kind, protocol)
        try:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            _limit_unread_time(found)
            found.bind(address)
            found.listen(_BACKLOG)
        except OSError:
            found.close()
            raise
    except OSError as error:
        raise InvalidInputError(
            f"{host}:{port} is not available: {error.strerror or error}; use another {options}"
        ) from error
    found.set_inheritable(True)
    return found


def _limit_unread_time(listener: socket.socket) -> None:
    """Limit the time that unread data of a connection is kept on close, if the system can; connections inherit it."""
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_S * 1000)
