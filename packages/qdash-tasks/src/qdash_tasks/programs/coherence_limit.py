"""Coherence limit of a gate from T1, T2 and its length: computed, not measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis import Estimate, coherence_limit
from qdash_core.errors import AnalysisError
from qdash_core.models.raw_data import RawData
from qdash_tasks.figures.plots import curve, figure, scatter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.models.estimates import Parameter
    from qdash_tasks.figures.plots import Drawn

_TIMES = ("t1", "t2_echo")


def make_raw_data(inputs: Mapping[str, Parameter], length: str, qubits: Sequence[str]) -> RawData:
    """Return the inputs with their errors as raw data, so that a refit gives the same result.

    `length` names the input with the gate length in ns; `qubits` are prefixes: ``"control_"`` for `control_t1`.
    """
    times = [f"{qubit}{name}" for qubit in qubits for name in _TIMES]
    arrays = {name: ([inputs[name].value], "us") for name in times}
    errors = {f"{name}_error_us": inputs[name].error for name in times}
    return RawData({**arrays, length: ([inputs[length].value], "ns")}, errors)


def compute_limit(raw: RawData, length_ns: float, qubits: Sequence[str]) -> Estimate:
    """Return the coherence limit of the average gate fidelity; its error follows from those of the times.

    Raises `AnalysisError` if the times are impossible.
    """
    t1, t2 = (
        [
            Estimate(float(raw[time][0]), raw.attributes.get(f"{time}_error_us"), "us")
            for time in (f"{qubit}{name}" for qubit in qubits)
        ]
        for name in _TIMES
    )
    try:
        return coherence_limit(t1, t2, length_ns=length_ns)
    except ValueError as error:
        raise AnalysisError(str(error)) from error


def draw_limit(
    raw: RawData, found: Parameter | None, *, length_ns: float, qubits: Sequence[str]
) -> dict[str, Any]:
    """Draw the coherence-limited error against the gate length, and mark the gate in use.

    `found` is the fidelity at the limit, or None without a result.
    """
    times = "; ".join(
        qubit.replace("_", " ") + ", ".join(f"{float(raw[f'{qubit}{name}'][0]):.4g}" for name in _TIMES)
        for qubit in qubits
    )
    data = [] if found is None else _limit_and_gate(raw, found, length_ns, qubits)
    title = f"Coherence limit; T1, T2 (µs): {times}"
    return figure(title, "Gate length (ns)", "Gate error", data)


def _limit_and_gate(raw: RawData, found: Parameter, length_ns: float, qubits: Sequence[str]) -> list[Drawn]:
    lengths_ns = np.linspace(0.01 * length_ns, 3 * length_ns, 61)
    errors = [1 - compute_limit(raw, one, qubits).value for one in lengths_ns]
    # Smooth enough for straight lines between its points; `curve` would evaluate hundreds.
    limit = curve("Limit by T1 and T2", lambda x: np.interp(x, lengths_ns, errors), lengths_ns)
    sigma = None if found.error is None else [found.error]
    in_use = scatter("Gate in use", [length_ns], [1 - found.value], sigma=sigma, marker={"size": 10})
    return [limit, in_use]
