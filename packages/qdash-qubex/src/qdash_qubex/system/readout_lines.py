"""Readouts that share a line, and the configuration of boxes for some of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core import BackendError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


def list_other_readouts(experiment: Any, labels: Collection[str]) -> list[str]:
    """Return the readouts that share a line with those of these qubits, other than theirs.

    The wiring tells it: the library's targets lack readouts that an earlier configuration left out.
    """
    system = experiment.experiment_system
    muxes = {mux.index: mux for mux in (system.get_mux_by_qubit(label) for label in labels)}
    return sorted(
        resonator.label
        for mux in muxes.values()
        for resonator in mux.resonators
        if resonator.qubit not in labels
    )


def configure_boxes(experiment: Any, boxes: Sequence[str], *, exclude: Sequence[str] = ()) -> None:
    """Send the configuration to boxes without confirmation. Touches hardware.

    The frequencies of a line follow from the targets that are not excluded. Raises BackendError if the boxes are
    disconnected afterwards.
    """
    experiment.configure(box_ids=list(boxes), exclude=list(exclude) or None, confirm=False)
    # Of QuEL-3 the library makes a new controller here, which knows of no connection.
    if not experiment.is_connected():
        experiment.connect()
    if not experiment.is_connected():
        raise BackendError(f"the boxes {', '.join(boxes)} are configured, but no longer connected")
