"""Sections that plugins draw on pages of the dashboard."""

from __future__ import annotations

from dataclasses import dataclass
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

Slot = Literal[
    "overview", "chip_panel", "qubit", "coupling", "target_side", "result", "execution", "side_bar"
]
"""Name of a page, or of a part of the dashboard, that has sections."""


@dataclass(frozen=True, slots=True)
class SectionSubject:
    """Subject of the page on which a section is drawn.

    Parameters
    ----------
    chip_id, target, task_id, execution_id : str or None
        Chip, qubit or coupling, result and execution; None if the page is not about one.
    document : view model or None
        Answer of the host that the page shows: a `QubitDocument` or `CouplingDocument` (pages of targets, and the
        panel of a chip if a target is opened), a `RecordedResult` or an `ExecutionView`. Sections show what it has where they can:
        tests limit the number of requests of a page.
    """

    chip_id: str | None = None
    target: str | None = None
    task_id: str | None = None
    execution_id: str | None = None
    document: Any = None


@dataclass(frozen=True, slots=True)
class Section:
    """Section of a plugin on a page of the dashboard.

    Parameters
    ----------
    slot : Slot
        Page on which it is drawn: "overview", "chip_panel", "qubit", "coupling", "target_side" (the side column of the pages of
        qubits and of couplings), "result", "execution" or "side_bar".
    title : str
        Name of the section in lists and errors.
    draw : callable or str
        Draws it: `draw(view, subject)` with the `View` of the current user and the `SectionSubject`; or the place of this
        function, `"module:function"`, which is imported when the section is first drawn.
    order : float
        Sections are drawn in this order; on the pages of qubits, couplings, results and executions those with a negative order
        stand below the head of the page, the others at its end.
    """

    slot: Slot
    title: str
    draw: Callable[[Any, SectionSubject], object] | str
    order: float = 0

    @property
    def module(self) -> str:
        """Module of the function that draws it."""
        if isinstance(self.draw, str):
            return self.draw.partition(":")[0]
        return str(getattr(self.draw, "__module__", ""))

    def load_draw(self) -> Callable[[Any, SectionSubject], object]:
        """Return the function that draws it."""
        draw: Callable[[Any, SectionSubject], object] = (
            resolve_name(self.draw) if isinstance(self.draw, str) else self.draw
        )
        return draw
