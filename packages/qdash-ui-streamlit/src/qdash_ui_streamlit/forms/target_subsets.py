"""Subsets of targets with problematic values: out of specification, failed, flagged or old."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_client.generated.api.metrics import chip_values
from qdash_core.models.task import Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from qdash_core.documents.metrics import ChipValuesDocument, ValueDocument
    from qdash_ui_streamlit.view import View

SUBSETS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "out of specification": ("have a value out of specification", {"out_of_spec": True}),
    "failed": ("have a value that the newest run failed to give", {"failed": True}),
    "flagged": ("have a newer value that was flagged", {"flagged": True}),
    "older than a day": ("have a value older than a day", {"older_than": "24h"}),
    "older than a week": ("have a value older than a week", {"older_than": "7d"}),
}
"""Subsets by name: description, and query of the host for the values."""


def load_subset(view: View, chip_id: str, subset: str, outputs: Collection[str]) -> list[str]:
    """Return the targets of a chip in a subset.

    Parameters
    ----------
    subset : str
        One of `SUBSETS`.
    outputs : collection of str
        Only values of these parameters, such as the outputs of a task; empty: any.
    """
    return select_targets(view.ask(chip_values, chip_id, **SUBSETS[subset][1]), subset, outputs)


def select_targets(values: ChipValuesDocument, subset: str, outputs: Collection[str]) -> list[str]:
    """Return the targets in a subset, given the values of its query."""
    found = {**values.qubits, **values.couplings}
    return [
        target
        for target, known in found.items()
        if any(
            _is_in_subset(value, subset) for name, value in known.items() if not outputs or name in outputs
        )
    ]


def _is_in_subset(value: ValueDocument, subset: str) -> bool:
    return subset != "flagged" or value.get("verdict") == Verdict.FLAGGED
