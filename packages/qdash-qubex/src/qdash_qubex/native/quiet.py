"""Procedures of the library without what they print: its words would stand among QDash's, and in its JSON.

What is amiss it says in its log, which is not touched.
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
    """A stream that does not hear one thread, nor those of the library; others write as before."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._muted = threading.get_ident()

    def write(self, text: str) -> int:
        """Pass on what others write."""
        if threading.get_ident() == self._muted or _BRIDGE in threading.current_thread().name:
            return len(text)
        return int(self._stream.write(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def quiet() -> Iterator[None]:
    """Let nothing of what the library prints reach the terminal: tables, progress bars, warnings of its own old spellings."""
    out, err = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _Muted(out), _Muted(err)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    finally:
        sys.stdout, sys.stderr = out, err
