"""Suppression of qubex's printed output, which would mix with QDash's. Its log is not captured."""

from __future__ import annotations

import sys
import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_BRIDGE = "async-bridge"
"""Part of the names of the threads in which the library waits for instruments."""


class _MutedStream:
    """Stream that drops the output of one thread and of the library's threads, and passes on that of others."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._muted = threading.get_ident()

    def write(self, text: str) -> int:
        """Write the text, unless it comes from a muted thread."""
        if threading.get_ident() == self._muted or _BRIDGE in threading.current_thread().name:
            return len(text)
        return int(self._stream.write(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def mute_stdout() -> Iterator[None]:
    """Suppress all terminal output of the library: tables, progress bars, its own deprecation warnings."""
    out, err = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _MutedStream(out), _MutedStream(err)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    finally:
        sys.stdout, sys.stderr = out, err
