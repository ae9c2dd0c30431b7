"""Capture of the output that qubex' procedures print, which would mix with QDash's output and its JSON.

Warnings and errors of qubex are in its log, which is not captured.
"""

from __future__ import annotations

import sys
import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_BRIDGE = "async-bridge"
"""In the names of the threads in which the library waits for instruments."""


class _Muted:
    """Stream that drops the output of one thread and those of the library; other threads write as before."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._muted = threading.get_ident()

    def write(self, text: str) -> int:
        """Forward the output of other threads."""
        if threading.get_ident() == self._muted or _BRIDGE in threading.current_thread().name:
            return len(text)
        return int(self._stream.write(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def mute_stdout() -> Iterator[None]:
    """Suppress all terminal output of the library: tables, progress bars, its own deprecation warnings."""
    out, err = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _Muted(out), _Muted(err)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    finally:
        sys.stdout, sys.stderr = out, err
