"""Opening of a page in the browser once its server accepts connections."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress

import click

_POLL_S, _TIME_LIMIT_S = 0.1, 60.0


def open_when_ready(url: str, address: tuple[str, int]) -> None:
    """Open a URL in the browser once its address accepts connections, in the background."""
    threading.Thread(target=_open, args=(url, address), daemon=True).start()


def _open(url: str, address: tuple[str, int]) -> None:
    until = time.monotonic() + _TIME_LIMIT_S
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(address, timeout=1.0):
            click.launch(url)
            return
        time.sleep(_POLL_S)
