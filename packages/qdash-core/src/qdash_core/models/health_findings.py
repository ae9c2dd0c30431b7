"""Finding of a health check: status, detail and advice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from qdash_core.errors import QDashError

Status = Literal["ok", "warning", "failed"]

RESTORE = (
    "restore a backup (qdash store restore; a damaged file is moved away first, with its -wal and -shm), or save what can "
    "be read (qdash store recover NEW_FILE)"
)
"""Advice after damage of the store."""


@dataclass(frozen=True, slots=True)
class HealthFinding:
    """Finding of a health check. A warning prevents no operation. `advice` is the action to take, or empty."""

    name: str
    status: Status
    detail: str
    advice: str = ""


def make_failure(name: str, error: BaseException, advice: str) -> HealthFinding:
    """Return the finding of a check that raised an error."""
    text = " ".join(str(error).split()) or type(error).__name__
    if not isinstance(error, (QDashError, OSError)):
        text = f"unexpected {type(error).__name__}: {text}"
    return HealthFinding(name, "failed", text, advice)


def count_with_examples(number: int, examples: list[str], noun: str) -> str:
    """Return a count with examples, such as `3 files (a, b, c)`."""
    named = ", ".join(examples) + (", ..." if number > len(examples) else "")
    return f"{number} {noun if number == 1 else f'{noun}s'} ({named})"
