"""Marks of statuses: a shape, the word, and a colour that colour-blind people can distinguish."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from qdash_core.models.task import TaskStatus, Verdict


@dataclass(frozen=True, slots=True)
class StatusStyle:
    """Mark of a status: a shape, and a colour for both themes."""

    shape: str
    colour: str


# Colours of Okabe and Ito, "Color Universal Design" (2008), in shades that are legible on light and
# dark.
_GOOD, _BAD, _NOW, _DOUBT, _QUIET = "#0a8f68", "#d1490f", "#2b83ba", "#b8860b", "#7b858c"
STYLES: dict[str, StatusStyle] = {
    "completed": StatusStyle("✓", _GOOD),
    "calibrated": StatusStyle("✓", _GOOD),
    "accepted": StatusStyle("✓", _GOOD),
    "active": StatusStyle("✓", _GOOD),
    "ok": StatusStyle("✓", _GOOD),
    "failed": StatusStyle("✗", _BAD),
    "fit": StatusStyle("✓", _GOOD),
    "degraded": StatusStyle("◐", _DOUBT),
    "unfit": StatusStyle("✗", _BAD),
    "unknown": StatusStyle("·", _QUIET),
    "rejected": StatusStyle("✗", _BAD),
    "dead": StatusStyle("☠", _BAD),
    "alive": StatusStyle("▶", _NOW),
    "doubtful": StatusStyle("?", _DOUBT),
    "maintenance": StatusStyle("‖", _DOUBT),
    "decommissioned": StatusStyle("■", _QUIET),
    "missed": StatusStyle("✗", _BAD),
    "committed": StatusStyle("✓", _GOOD),
    **dict.fromkeys(("pruned", "saved", "sent", "started"), StatusStyle("✓", _GOOD)),
    **dict.fromkeys(("pruning", "saving", "sending"), StatusStyle("▶", _NOW)),
    "running": StatusStyle("▶", _NOW),
    "scheduled": StatusStyle("·", _QUIET),
    "waiting": StatusStyle("·", _QUIET),
    "open": StatusStyle("○", _NOW),
    "in progress": StatusStyle("◐", _NOW),
    "closed": StatusStyle("✓", _GOOD),
    "pending": StatusStyle("·", _QUIET),
    "invited": StatusStyle("·", _QUIET),
    "held": StatusStyle("‖", _DOUBT),
    "paused": StatusStyle("‖", _DOUBT),
    "flagged": StatusStyle("⚑", _DOUBT),
    "too-old": StatusStyle("◷", _QUIET),
    "last-failed": StatusStyle("✗", _BAD),
    "inputs-moved": StatusStyle("⇝", _QUIET),
    "disputed": StatusStyle("⚑", _DOUBT),
    "other-cooldown": StatusStyle("❄", _QUIET),
    "contradicted": StatusStyle("≠", _DOUBT),
    "no-signal": StatusStyle("∅", _BAD),
    "set-broken": StatusStyle("⧸", _BAD),
    "setting-changed": StatusStyle("⚙", _DOUBT),
    "trusted-by-user": StatusStyle("✓", _QUIET),
    "interrupted": StatusStyle("⚡", _DOUBT),
    "skipped": StatusStyle("⤼", _QUIET),
    "cancelled": StatusStyle("■", _QUIET),
    "ended": StatusStyle("■", _QUIET),
    "discarded": StatusStyle("■", _QUIET),
    "excluded": StatusStyle("⊘", _QUIET),
    "blocked": StatusStyle("⊘", _QUIET),
    "within": StatusStyle("✓", _GOOD),
    "outside": StatusStyle("▽", _QUIET),
    "revoked": StatusStyle("⊘", _QUIET),
}
"""Marks of the statuses and outcomes of results, of marked values, executions, targets, timetables, members, plugins, value scopes, issues, cryostats, and
holders of instrument locks."""
_UNKNOWN = StatusStyle("?", _QUIET)


STYLE_DATA = {
    name: [get_status_style.shape, get_status_style.colour] for name, get_status_style in STYLES.items()
}
"""Marks in the format of components."""


def get_status_style(status: str) -> StatusStyle:
    """Return the mark of a status."""
    return STYLES.get(str(status), _UNKNOWN)


def describe_outcome(status: TaskStatus, verdict: Verdict | None) -> str:
    """Return the outcome of a result in a word: its verdict if there is one, or else its status."""
    judged = verdict is not None and (status is TaskStatus.COMPLETED or verdict is Verdict.REJECTED)
    return str(verdict if judged else status)


def format_status_html(status: str, text: str | None = None) -> str:
    """Return a status with its mark as HTML, or another text with the mark of the status."""
    found = get_status_style(status)
    shown = escape(status if text is None else text)
    return f'<span style="color:{found.colour}" aria-hidden="true">{found.shape}</span>&nbsp;{shown}'


def format_status(status: str) -> str:
    """Return a status with its shape, without colour."""
    return f"{get_status_style(status).shape} {status}"
