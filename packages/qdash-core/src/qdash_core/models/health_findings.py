"""Finding of a health check: status, detail and advice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from qdash_core.errors import QDashError

if TYPE_CHECKING:
    from collections.abc import Callable

Status = Literal["ok", "warning", "failed"]

RESTORE = (
    "restore a backup (qdash store restore; a damaged file is moved away first, with its -wal and -shm), or save what can "
    "be read (qdash store recover NEW_FILE)"
)
"""Advice after damage of the store."""


@dataclass(frozen=True, slots=True)
class HealthFinding:
    """Finding of a health check.

    Parameters
    ----------
    name : str
        The subject of the check.
    status : {"ok", "warning", "failed"}
        Result of the check; a warning prevents no operation.
    detail : str
        The observation.
    advice : str
        The action to take, or empty.
    """

    name: str
    status: Status
    detail: str
    advice: str = ""


def run_check(name: str, check: Callable[[], HealthFinding | str], advice: str) -> HealthFinding:
    """Return the finding of a check: its own, an ok with its detail, or a failure for an exception.

    Parameters
    ----------
    advice : str
        Advice if the check raises an error.
    """
    try:
        found = check()
    except Exception as error:  # noqa: BLE001  the doctor reports every error
        return make_failure(name, error, advice)
    return HealthFinding(name, "ok", found) if isinstance(found, str) else found


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
