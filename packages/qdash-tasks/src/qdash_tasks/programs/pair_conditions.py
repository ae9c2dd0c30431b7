"""Conditions of a two-qubit measurement: control and target, their T1, and the gate in use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core.errors import AnalysisError

if TYPE_CHECKING:
    from qdash_core.tasks.base import RunContext
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.laboratory.pulses import ZX90

ROLES = ("control", "target")
"""Roles of both qubits, in the order of the rows of a map measured on both."""


def make_pair_attributes(context: RunContext) -> dict[str, Any]:
    """Return control, target and the known T1 (us) of each, as attributes of raw data."""
    roles = dict(zip(ROLES, (context.control, context.target), strict=True))
    known = {role: context.inputs.get(f"{role}_t1") for role in ROLES}
    return {**roles, **{f"{role}_t1_us": t1.value for role, t1 in known.items() if t1 is not None}}


def get_gate(laboratory: Laboratory, context: RunContext) -> ZX90:
    """Return the ZX90 in use on a coupling.

    Raises `AnalysisError` if none is calibrated, `InvalidInputError` if the X180 pulses take up the whole gate.
    """
    x180_ns = laboratory.settings[context.control].x180.length_ns
    gate = laboratory.coupling(context.qid).gate(x180_ns)
    if gate is None:
        raise AnalysisError("no ZX90 is in use: run CreateZX90 first")
    return gate
