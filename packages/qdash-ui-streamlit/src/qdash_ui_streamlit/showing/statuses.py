"""States as people tell them apart: a shape, the word, a colour that colour-blind people tell from the others."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from qdash_core.models.task import TaskStatus, Verdict


@dataclass(frozen=True, slots=True)
class Look:
    """How a state looks: a shape, and a colour for light and dark."""

    shape: str
    colour: str


# Colours of Okabe and Ito, "Color Universal Design" (2008), in tones that are read on light and dark.
_GOOD, _BAD, _NOW, _DOUBT, _QUIET = "#0a8f68", "#d1490f", "#2b83ba", "#b8860b", "#7b858c"
LOOKS = {
    "completed": Look("✓", _GOOD),
    "calibrated": Look("✓", _GOOD),
    "accepted": Look("✓", _GOOD),
    "active": Look("✓", _GOOD),
    "ok": Look("✓", _GOOD),
    "failed": Look("✗", _BAD),
    "rejected": Look("✗", _BAD),
    "dead": Look("✗", _BAD),
    "missed": Look("✗", _BAD),
    "started": Look("✓", _GOOD),
    "running": Look("▶", _NOW),
    "scheduled": Look("·", _QUIET),
    "waiting": Look("·", _QUIET),
    "pending": Look("·", _QUIET),
    "invited": Look("·", _QUIET),
    "held": Look("‖", _DOUBT),
    "paused": Look("‖", _DOUBT),
    "flagged": Look("⚑", _DOUBT),
    "interrupted": Look("⚡", _DOUBT),
    "skipped": Look("⤼", _QUIET),
    "cancelled": Look("■", _QUIET),
    "over": Look("■", _QUIET),
    "excluded": Look("⊘", _QUIET),
    "blocked": Look("⊘", _QUIET),
    "within": Look("✓", _GOOD),
    "outside": Look("▽", _BAD),
    "revoked": Look("⊘", _QUIET),
}
"""How each state of results, executions, targets, timetables, members and plugins looks."""
_UNKNOWN = Look("?", _QUIET)


AS_SENT = {name: [look.shape, look.colour] for name, look in LOOKS.items()}
"""The same, as components are told it."""


def look(status: str) -> Look:
    """Return how a state looks."""
    return LOOKS.get(str(status), _UNKNOWN)


def outcome(status: TaskStatus, verdict: Verdict | None) -> str:
    """Return in a word what became of a result: what validation made of it where there was something to be judged."""
    judged = verdict is not None and (status is TaskStatus.COMPLETED or verdict is Verdict.REJECTED)
    return str(verdict if judged else status)


def status_html(status: str) -> str:
    """Return a state for `st.html` and Markdown that takes HTML."""
    found = look(status)
    return f'<span style="color:{found.colour}" aria-hidden="true">{found.shape}</span>&nbsp;{escape(status)}'


def status_text(status: str) -> str:
    """Return a state without its colour."""
    return f"{look(status).shape} {status}"
