"""Statements that SQLite executes, counted by verb and table."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

if TYPE_CHECKING:
    from collections.abc import Iterator

_TABLE = re.compile(r"\b(?:FROM|INTO|UPDATE)\s+\"?(\w+)")
_VALUE = re.compile(r"\s*=.*", re.DOTALL)
_STATEMENTS: list[str] = []


@contextmanager
def trace_connections() -> Iterator[None]:
    """Trace the connections that are opened in a block."""
    connect = sqlite3.connect

    def traced(*given: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*given, **options)
        connection.set_trace_callback(_STATEMENTS.append)
        return connection

    with patch.object(sqlite3, "connect", traced):
        yield


@contextmanager
def count_statements() -> Iterator[Counter[str]]:
    """Count the statements of traced connections, complete after the block."""
    counts: Counter[str] = Counter()
    _STATEMENTS.clear()
    yield counts
    counts.update(describe_statement(text) for text in _STATEMENTS)


def describe_statement(text: str) -> str:
    """Return the verb of a statement and its first table, or all of a statement without one, except for values."""
    table = _TABLE.search(text)
    return f"{text.split(maxsplit=1)[0]} {table[1]}" if table else _VALUE.sub("", text)
