"""Rerun of a fragment of a page after events that affect it, or at intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_ui_streamlit.components.assets import make_component

if TYPE_CHECKING:
    from collections.abc import Sequence

_event_rerun = make_component(__file__, html="<span hidden></span>")


def rerun_on_events(
    key: str,
    kinds: Sequence[str],
    *,
    chip_id: str | None = None,
    execution_id: str | None = None,
    target: str | None = None,
    issue_id: str | None = None,
    at_most_every_s: float = 2.0,
) -> None:
    """Rerun the surrounding fragment after events of these kinds, or after lost events.

    Parameters
    ----------
    kinds : sequence of str
        Kinds of events, with `*` at the end as a wildcard, and `!` before kinds that are excluded.
    chip_id, execution_id, target, issue_id : str or None
        Only events of these, and events that name none; `target` is the target of a task.
    at_most_every_s : float
        Shortest interval between reruns, in seconds.
    """
    data = {
        "kinds": list(kinds),
        "chip_id": chip_id,
        "execution_id": execution_id,
        "target": target,
        "issue_id": issue_id,
        "every_ms": 1000 * at_most_every_s,
    }
    _event_rerun(key=f"qdash.rerun.{key}", data=data, on_happened_change=lambda: None)


def rerun_at_intervals(key: str, every_s: float) -> None:
    """Rerun the surrounding fragment at intervals, from 0.1 s, except below a dialog; unlike with `run_every`, links work."""
    data = {"kinds": [], "every_ms": 0, "again_ms": 1000 * every_s}
    _event_rerun(key=f"qdash.rerun.{key}", data=data, on_happened_change=lambda: None)
