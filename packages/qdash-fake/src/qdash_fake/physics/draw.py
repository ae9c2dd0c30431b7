"""Generation of a whole chip from a published table: its values are the truth, missing ones are drawn.

Each quantity has its own random stream, named by seed, qubit and purpose. Distributions and their sources:

- design frequency: scatter of 0.7 % as fabricated, capped at 150 MHz (Hertzberg et al., npj Quantum Information 7, 129
  (2021): 1 % as made, 14 MHz after tuning);
- anharmonicity -0.31 +- 0.01 GHz, and for chips without frequencies the three-frequency pattern of a heavy-hex lattice
  around 4.9, 5.0 and 5.1 GHz with 17 MHz of scatter (Hertzberg 2021);
- linewidth 0.5 to 3 MHz and 2 chi of half to a whole linewidth (Walter et al., Phys. Rev. Applied 7, 054020 (2017);
  Heinsoo et al., ibid. 10, 034040 (2018));
- exchange J/2pi of 1.2 to 3.5 MHz, see `couplings` (Sheldon et al., PRA 93, 060302 (2016): 3.8 MHz; later 1.5 to 3);
- thermal population 0.3 to 3 % (Jin et al., PRL 114, 240501 (2015)): 5 GHz at 40 to 70 mK;
- drive crosstalk -20 to -40 dB (usual for wired chips; no single source).
"""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING

from qdash_fake.design import Design
from qdash_fake.physics.chip import ChipTruth, CouplingTruth, QubitTruth
from qdash_fake.physics.coherence import Coherence, compute_jitter, gate_error_limit
from qdash_fake.physics.couplings import USED_GATES, draw_coupling
from qdash_fake.physics.drive import Drive
from qdash_fake.physics.lattice import draw_frequencies
from qdash_fake.physics.readout import Readout, ReadoutDraw, reproduce_confusion
from qdash_fake.physics.reset import ActiveReset
from qdash_fake.physics.resonator import Resonator
from qdash_fake.physics.streams import stream

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np

    from qdash_fake.devices import CouplingRow, DeviceTable, QubitRow

    _Drawing = Callable[[str], np.random.Generator]

FAULTY_SX_ERROR = 0.05
"""Published X90 error above which the drive counts as broken."""

_ZERO_ERROR = 0.5 / 4096
"""Value for a published probability of 0: none of about 4096 shots."""

_READOUT_AMPLITUDE = 0.1
_USUAL_PULSE_NS = 40.0
_GOLDEN = (math.sqrt(5) - 1) / 2


def draw_chip(table: DeviceTable, seed: int) -> ChipTruth:
    """Return the chip defined by `table` and `seed`, always the same for the same arguments."""
    frequencies = draw_frequencies(table, seed)
    qubits = {
        row.qid: _draw_qubit(row, seed, frequency_ghz=frequencies[row.qid], slot=index, table=table)
        for index, row in enumerate(table.qubits)
    }
    rows: dict[tuple[str, str], list[CouplingRow]] = {pair: [] for pair in table.pairs}
    for row in table.couplings:
        rows[_order_pair(row.control, row.target)].append(row)
    couplings: dict[str, CouplingTruth] = {}
    for (a, b), of_pair in rows.items():
        coupling = draw_coupling(qubits[a], qubits[b], seed, of_pair)
        couplings[coupling.coupling_id] = coupling
    return ChipTruth(
        table.device,
        seed,
        MappingProxyType(qubits),
        MappingProxyType(couplings),
        _list_marks(table),
        table.multiplexers,
    )


def _order_pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if int(one) < int(other) else (other, one)


def _list_marks(table: DeviceTable) -> tuple[str, ...]:
    """Return remarks on the whole chip."""
    marks = []
    if any(row.frequency_ghz is None for row in table.qubits):
        marks.append(
            "the table has no frequencies for some or all qubits: they are drawn from a pattern with scatter"
        )
    gates = {row.gate for row in table.couplings if row.gate not in USED_GATES}
    for gate in sorted(filter(None, gates)):
        marks.append(f"error and length of the table's {gate} are not used: it is not a cross-resonance gate")
    return tuple(marks)


def _draw_qubit(
    row: QubitRow, seed: int, *, frequency_ghz: float, slot: int, table: DeviceTable
) -> QubitTruth:
    def drawing(purpose: str) -> np.random.Generator:
        return stream(seed, row.qid, purpose)

    anharmonicity = row.anharmonicity_ghz
    if anharmonicity is None:
        anharmonicity = float(drawing("anharmonicity").normal(-0.31, 0.01))
    coherence = _draw_coherence(row, drawing)
    resonator = _draw_resonator(row, slot, drawing)
    length_ns = row.readout_length_ns or float(drawing("readout length").uniform(1000, 2500))
    readout, active_reset = _draw_readout(row, drawing, coherence, resonator, length_ns)
    design = Design(
        qubit_frequency_ghz=frequency_ghz
        + _draw_clipped(drawing("design frequency"), 0.007 * frequency_ghz, 0.15),
        anharmonicity_ghz=anharmonicity + float(drawing("design anharmonicity").normal(0, 0.01)),
        resonator_frequency_ghz=resonator.frequency_ghz
        + _draw_clipped(drawing("design resonator"), 0.003, 0.009),
        readout_amplitude=row.readout_amplitude or _READOUT_AMPLITUDE,
        readout_length_ns=length_ns,
        pulse_length_ns=row.sx_length_ns or _USUAL_PULSE_NS,
    )
    return QubitTruth(
        qid=row.qid,
        frequency_ghz=frequency_ghz,
        anharmonicity_ghz=anharmonicity,
        thermal_population=_log_uniform(drawing("thermal"), 0.003, 0.03),
        coherence=coherence,
        drive=_draw_drive(row, drawing, coherence),
        resonator=resonator,
        readout=readout,
        active_reset=active_reset,
        crosstalk=_draw_crosstalk(row.qid, seed, table),
        design=design,
    )


def _draw_coherence(row: QubitRow, drawing: _Drawing) -> Coherence:
    t1 = row.t1_us or _log_uniform(drawing("t1"), 60, 250)
    echo = row.t2_us or t1 * float(drawing("t2 echo").uniform(0.4, 1.6))
    # Published T2 above 2 T1 comes from measurements weeks apart; at one time it is impossible.
    echo = min(echo, 2 * t1)
    star = echo * float(drawing("t2 star").uniform(0.25, 0.95))
    return Coherence(t1_us=t1, t2_echo_us=echo, jitter_mhz=compute_jitter(t2_star_us=star, t2_echo_us=echo))


def _draw_resonator(row: QubitRow, slot: int, drawing: _Drawing) -> Resonator:
    # Steps of the golden ratio keep all resonators of a chip apart, for any number of them.
    spread = 6.8 + 0.6 * ((slot * _GOLDEN) % 1.0) + float(drawing("resonator").uniform(-1e-4, 1e-4))
    frequency = row.resonator_frequency_ghz or spread
    linewidth = _log_uniform(drawing("linewidth"), 0.5, 3.0)
    return Resonator(
        frequency_ghz=frequency,
        linewidth_mhz=linewidth,
        shift_mhz=-linewidth * float(drawing("chi").uniform(0.5, 1.0)),
        internal_q=frequency * 1e3 / linewidth * float(drawing("internal q").uniform(4, 20)),
        asymmetry_rad=float(drawing("asymmetry").normal(0, 0.15)),
        delay_ns=float(drawing("cable").uniform(30, 60)),
        gain=_log_uniform(drawing("gain"), 0.3, 3.0),
        phase_rad=float(drawing("phase").uniform(-math.pi, math.pi)),
    )


def _draw_readout(
    row: QubitRow, drawing: _Drawing, coherence: Coherence, resonator: Resonator, length_ns: float
) -> tuple[Readout, ActiveReset]:
    error_0, error_1 = row.p_meas1_prep0, row.p_meas0_prep1
    if error_0 is None:
        drawn = _log_uniform(drawing("p_meas1_prep0"), 0.004, 0.02)
        error_0 = drawn if row.readout_error is None else row.readout_error
    if error_1 is None:
        drawn = _log_uniform(drawing("p_meas0_prep1"), 0.01, 0.04)
        error_1 = drawn if row.readout_error is None else row.readout_error
    readout, residual = reproduce_confusion(
        p_meas1_prep0=_limit_probability(error_0),
        p_meas0_prep1=_limit_probability(error_1),
        t1_us=coherence.t1_us,
        readout_length_us=length_ns * 1e-3,
        residual=_log_uniform(drawing("reset fidelity"), 0.001, 0.01),
        drawn=ReadoutDraw(
            overlap_share=float(drawing("overlap").uniform(0.1, 0.3)),
            decay_share=float(drawing("decay").uniform(0.3, 0.9)),
        ),
        resonator=resonator,
        amplitude=row.readout_amplitude or _READOUT_AMPLITUDE,
    )
    return readout, ActiveReset(
        residual=residual, duration_us=float(drawing("reset duration").uniform(1.5, 4.0))
    )


def _limit_probability(probability: float) -> float:
    """Return a probability that a Gaussian cloud can have: neither 0 nor below 1e-9.

    A published 0 is a count of no event.
    """
    return max(probability, 1e-9) if probability else _ZERO_ERROR


def _draw_drive(row: QubitRow, drawing: _Drawing, coherence: Coherence) -> Drive:
    length_us = (row.sx_length_ns or _USUAL_PULSE_NS) * 1e-3
    limit = gate_error_limit(t1_us=coherence.t1_us, t2_us=coherence.t2_echo_us, length_us=length_us)
    published = (
        row.sx_error if row.sx_error is not None else limit * _log_uniform(drawing("sx error"), 1.0, 3.0)
    )
    faulty = published > FAULTY_SX_ERROR
    return Drive(
        # A factor of five between the lines: attenuation and coupling of wired chips differ by several dB.
        rabi_per_amplitude_mhz=row.rabi_per_amplitude_mhz or _log_uniform(drawing("rabi"), 60, 300),
        amplitude_spread=0.3 if faulty else _log_uniform(drawing("amplitude spread"), 0.001, 0.005),
        extra_error=max(published - limit, 0.0),
        faulty=faulty,
    )


def _draw_crosstalk(qid: str, seed: int, table: DeviceTable) -> Mapping[str, tuple[float, float]]:
    found: dict[str, tuple[float, float]] = {}
    for a, b in table.pairs:
        if qid not in (a, b):
            continue
        other = b if qid == a else a
        decibel = stream(seed, qid, other, "crosstalk").uniform(-40, -20)
        found[other] = (
            10 ** (decibel / 20),
            float(stream(seed, qid, other, "visibility").uniform(0.05, 0.3)),
        )
    return MappingProxyType(found)


def _log_uniform(generator: np.random.Generator, low: float, high: float) -> float:
    return low * math.exp(generator.random() * math.log(high / low))


def _draw_clipped(generator: np.random.Generator, deviation: float, limit: float) -> float:
    return min(max(float(generator.normal(0, deviation)), -limit), limit)
