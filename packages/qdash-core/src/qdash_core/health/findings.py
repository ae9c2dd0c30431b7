"""What one check found: how it is, in which detail, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from qdash_core.errors import QDashError

if TYPE_CHECKING:
    from collections.abc import Callable

Status = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found.

    Parameters
    ----------
    name : str
        What was looked at.
    status : {"ok", "warning", "failed"}
        Whether it is as it should be; a warning is something to know of, and not in the way of anything.
    detail : str
        What was found.
    advice : str
        What to do; empty: nothing.
    """

    name: str
    status: Status
    detail: str
    advice: str = ""


def found_by(name: str, look: Callable[[], Finding | str], advice: str) -> Finding:
    """Return what a check finds: a finding, or the detail of a good one; what it raises is a failure.

    Parameters
    ----------
    advice : str
        What to do about what it raises, unless the error says so itself.
    """
    try:
        found = look()
    except Exception as error:  # noqa: BLE001  a doctor reports whatever it finds
        text = " ".join(str(error).split()) or type(error).__name__
        if not isinstance(error, (QDashError, OSError)):
            text = f"unexpected {type(error).__name__}: {text}"
        return Finding(name, "failed", text, advice)
    return Finding(name, "ok", found) if isinstance(found, str) else found


def several(number: int, examples: list[str], noun: str) -> str:
    """Return `3 files (a, b, c)`, with the first few as examples."""
    named = ", ".join(examples) + (", ..." if number > len(examples) else "")
    return f"{number} {noun if number == 1 else f'{noun}s'} ({named})"
