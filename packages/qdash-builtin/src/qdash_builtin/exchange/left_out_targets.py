"""Texts about the targets that a device leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from qdash_core.models.name_summary import summarize_names
from qdash_core.models.target_lists import format_targets

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    class _LeftOut(Protocol):
        """Target that is left out, as a record or a view model."""

        @property
        def target(self) -> str: ...

        @property
        def reason(self) -> str: ...


_MOST_COUPLINGS = 8
"""Number of couplings with one reason that are named, at most."""


def group_by_reason(left_out: Iterable[_LeftOut]) -> list[str]:
    """Return a line for each reason, as in `3-6: no t1`. Of many couplings it names the first ones."""
    groups: dict[str, list[str]] = {}
    for one in left_out:
        groups.setdefault(one.reason, []).append(one.target)
    return [f"{_name_targets(targets)}: {reason}" for reason, targets in groups.items()]


def _name_targets(targets: Sequence[str]) -> str:
    qubits, couplings = (
        [one for one in targets if "-" not in one],
        [one for one in targets if "-" in one],
    )
    named = [format_targets(qubits)] if qubits else []
    return ", ".join([*named, *([summarize_names(couplings, _MOST_COUPLINGS)] if couplings else [])])
