"""Standard output of plugins that are called in threads: it goes to standard error, as it would corrupt the JSON of a command."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

_changing = threading.Lock()
_diverted: set[int] = set()
"""Threads whose output is diverted."""


class _Output:
    """Standard output that is standard error for the diverted threads."""

    def __init__(self, output: TextIO) -> None:
        self.output = output

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr if threading.get_ident() in _diverted else self.output, name)


@contextmanager
def divert_output() -> Iterator[None]:
    """Divert what this thread prints to standard error; other threads print as before."""
    with _changing:
        _diverted.add(threading.get_ident())
        if not isinstance(sys.stdout, _Output):
            sys.stdout = cast("TextIO", _Output(sys.stdout))
    try:
        yield
    finally:
        with _changing:
            _diverted.discard(threading.get_ident())
            if not _diverted and isinstance(sys.stdout, _Output):
                sys.stdout = sys.stdout.output
