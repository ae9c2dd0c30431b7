"""What lets a part of a page be drawn anew when something happened that it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_ui_streamlit.components.assets import component

if TYPE_CHECKING:
    from collections.abc import Sequence

_wake = component("wake", html="<span hidden></span>")


def wake(
    key: str,
    *,
    kinds: Sequence[str] = ("execution.*",),
    chip_id: str | None = None,
    execution_id: str | None = None,
    target: str | None = None,
    at_most_every_s: float = 2.0,
) -> None:
    """Draw the fragment in which this stands anew when such events came, or some were lost.

    Parameters
    ----------
    key : str
        Unique on the page.
    kinds : sequence of str
        Of events; `*` at the end being anything.
    chip_id, execution_id, target : str or None
        Of these only; `target` is what a task ran on.
    at_most_every_s : float
        So many seconds lie between two times at least.
    """
    data = {
        "kinds": list(kinds),
        "chip_id": chip_id,
        "execution_id": execution_id,
        "target": target,
        "every_ms": 1000 * at_most_every_s,
    }
    _wake(key=f"qdash.wake.{key}", data=data, on_happened_change=lambda: None)
