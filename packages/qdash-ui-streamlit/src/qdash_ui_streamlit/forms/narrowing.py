"""Of targets only those whose values stand badly: out of specification, failed, flagged, old."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_client.generated.api.metrics import chip_values
from qdash_core.models.task import Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from qdash_core.documents.metrics import ChipValuesDocument, ValueDocument
    from qdash_ui_streamlit.view import View

WAYS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "out of specification": ("have a value out of specification", {"out_of_spec": True}),
    "failed": ("have a value that the newest run failed to give", {"failed": True}),
    "flagged": ("have a newer value that was flagged", {"flagged": True}),
    "older than a day": ("have a value older than a day", {"older_than": "24h"}),
    "older than a week": ("have a value older than a week", {"older_than": "7d"}),
}
"""Ways to narrow targets: name to what it is about the targets, and how the host is asked for their values."""


def narrowed(view: View, chip_id: str, way: str, outputs: Collection[str]) -> list[str]:
    """Return the targets of a chip that are meant by a way.

    Parameters
    ----------
    way : str
        One of `WAYS`.
    outputs : collection of str
        Only for what these parameters are, the outputs of a task; empty: any.
    """
    return meant(view.ask(chip_values, chip_id, **WAYS[way][1]), way, outputs)


def meant(values: ChipValuesDocument, way: str, outputs: Collection[str]) -> list[str]:
    """Return the targets among values that were asked for as a way says."""
    found = {**values.qubits, **values.couplings}
    return [
        target
        for target, known in found.items()
        if any(_counts(value, way) for name, value in known.items() if not outputs or name in outputs)
    ]


def _counts(value: ValueDocument, way: str) -> bool:
    return way != "flagged" or value.get("verdict") == Verdict.FLAGGED
