"""Exchange between neighbours and hidden errors of their gate, inferred from a table of gates.

J is log-uniform in 1.2 to 3.5 MHz, restricted so that a ZX90 reaches the table's length in the faster direction with at
most 80 MHz, half of the qubits' detuning, and full scale. The published length includes one X180 of an echoed
cross-resonance gate (ecr), two and an X90 of a CNOT (cx). Its error beyond relaxation and dephasing becomes
depolarisation while the tones are on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_fake.physics.chip import CouplingTruth
from qdash_fake.physics.coherence import pair_error_limit
from qdash_fake.physics.collisions import explain_missing_gate, find_collisions
from qdash_fake.physics.cross_resonance import effective_hamiltonian
from qdash_fake.physics.pair import Drives, Transmons, largest_drive_mhz, make_transmons
from qdash_fake.physics.pair_propagators import RISE_NS
from qdash_fake.physics.streams import stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_fake.devices import CouplingRow
    from qdash_fake.physics.chip import QubitTruth

LOWEST_MHZ, HIGHEST_MHZ = 1.2, 3.5

_ONE_QUBIT_PULSES = {"ecr": 1, "cx": 3}
"""Number of X180 and X90 of the usual length in a published gate, besides its two tones."""

USED_GATES = tuple(_ONE_QUBIT_PULSES)
"""Published gates that use cross resonance, so that their errors and lengths apply."""

_USUAL_LENGTH_NS, _USUAL_TONES_NS = 480.0, 400.0
_USUAL_EXTRA = 0.1, 1.0
"""Hidden error of a gate without a table value, in units of its coherence limit."""

_SHARES = (0.5, 1.0)


@dataclass(frozen=True, slots=True)
class _Published:
    """Published gate: its error, total length, and the length of the two tones."""

    error: float
    length_ns: float
    tones_ns: float


def draw_coupling(a: QubitTruth, b: QubitTruth, seed: int, rows: Sequence[CouplingRow] = ()) -> CouplingTruth:
    """Return the coupling of two qubits, `a` the one with the smaller id.

    `rows` are those of the table for the pair, in either direction or both.
    """
    published, marks = _select_published(rows, a.design.pulse_length_ns)
    needed = _compute_exchange_mhz(a, b, published)
    if needed > HIGHEST_MHZ and published is not None:
        marks += (f"slow gate: J = 3.5 MHz does not reach the table's length of {published.length_ns:g} ns",)
    lowest = min(max(LOWEST_MHZ, needed), HIGHEST_MHZ)
    share = stream(seed, a.qid, b.qid, "exchange").random()
    exchange = lowest * math.exp(share * math.log(HIGHEST_MHZ / lowest))
    rate, ignored = _compute_extra_rate(a, b, published, seed)
    phases = stream(seed, a.qid, b.qid, "lines").uniform(-math.pi, math.pi, 4).tolist()
    return CouplingTruth(
        a=a.qid,
        b=b.qid,
        exchange_mhz=exchange,
        static_zz_mhz=make_transmons(a, b, exchange).dressed.static_zz_mhz,
        extra_rate=rate,
        line_phases_rad=(phases[0], phases[1]),
        crosstalk_phases_rad=(phases[2], phases[3]),
        marks=(*marks, *ignored, *find_collisions(a, b)),
        impossible=explain_missing_gate(a, b, exchange),
    )


def _select_published(
    rows: Sequence[CouplingRow], pulse_ns: float
) -> tuple[_Published | None, tuple[str, ...]]:
    """Return the published gate of a pair, both directions merged, and remarks if none is usable."""
    usable: list[_Published] = []
    for row in rows:
        pulses = _ONE_QUBIT_PULSES.get(row.gate or "")
        if pulses is None or row.error is None or row.length_ns is None:
            continue
        if row.error < 1:
            tones_ns = row.length_ns - pulses * pulse_ns
            usable.append(_Published(row.error, row.length_ns, tones_ns))
    if usable:
        return min(usable, key=lambda gate: (gate.length_ns, gate.error)), ()
    if any(row.error == 1 for row in rows):
        return None, ("not calibrated in the table: J is drawn without a published length",)
    return None, ()


def _compute_exchange_mhz(a: QubitTruth, b: QubitTruth, published: _Published | None) -> float:
    """Return the smallest J that reaches the published length; ZX rates are linear in J."""
    if published is None:
        return 0.0
    # A quarter turn; each edge counts for half of its length.
    turning_us = (published.tones_ns - 2 * RISE_NS) * 1e-3
    fastest = max(_find_fastest_zx(a, b), _find_fastest_zx(b, a))
    return 0.25 / turning_us / fastest if turning_us > 0 and fastest > 0 else math.inf


def _find_fastest_zx(control: QubitTruth, target: QubitTruth) -> float:
    """Return the largest ZX rate in MHz per MHz of J."""
    exchange = 2.0
    transmons = make_transmons(control, target, exchange)
    return (
        max(_compute_zx_mhz(transmons, share * largest_drive_mhz(control, target)) for share in _SHARES)
        / exchange
    )


def _compute_zx_mhz(transmons: Transmons, drive_mhz: float) -> float:
    hamiltonian = effective_hamiltonian(transmons, Drives(complex(drive_mhz), 0j), 0.0)
    return float(abs(hamiltonian[1, 0] - hamiltonian[3, 2]))


def _compute_extra_rate(
    a: QubitTruth, b: QubitTruth, published: _Published | None, seed: int
) -> tuple[float, tuple[str, ...]]:
    """Return the rate (1/us) of depolarisation, and a remark if the table implies a negative one.

    A part ``1 - k`` of depolarisation has an average error of ``3/4 (1 - k)``.
    """
    length_ns = published.length_ns if published else _USUAL_LENGTH_NS
    tones_ns = published.tones_ns if published else _USUAL_TONES_NS
    limit = pair_error_limit(a.coherence, b.coherence, length_us=length_ns * 1e-3)
    if published is None:
        low, high = _USUAL_EXTRA
        share = stream(seed, a.qid, b.qid, "extra error").random()
        extra = limit * low * (high / low) ** float(share)
    else:
        extra = published.error - limit
    marks = ("the table's error is below the coherence limit and is ignored",) if extra < 0 else ()
    if extra <= 0 or tones_ns <= 0:
        return 0.0, marks
    return -math.log(1 - min(extra / 0.75, 0.99)) / (tones_ns * 1e-3), marks
