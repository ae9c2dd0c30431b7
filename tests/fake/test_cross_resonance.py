"""Steady tone on a pair: comparison with perturbation theory and with the definitions of its rates."""

from __future__ import annotations

import cmath
import math

import pytest

from qdash_fake.physics.cross_resonance import rates

from ..case_tables import each_case
from .two_qubits import pair_at, tone_at

TARGET_GHZ = 5.0


def perturbative(detuning: float, exchange: float, drive: float, anharmonicity: float) -> tuple[float, float]:
    """Return ZX and IX of Magesan and Gambetta, PRA 101, 052308 (2020), to first order in drive and exchange."""
    zx = -exchange * drive / detuning * anharmonicity / (anharmonicity + detuning)
    return zx, -exchange * drive / (detuning + anharmonicity)


@each_case("detuning", [-250.0, -100.0, 60.0, 100.0, 250.0])
def test_a_weak_tone_turns_as_perturbation_theory_says(detuning: float) -> None:
    found = rates(pair_at(detuning), tone_at(1.0), drive_ghz=TARGET_GHZ)
    zx, ix = perturbative(detuning, 2.0, 1.0, -330.0)
    # Next orders: the squares of exchange and drive over the level spacings, at least 60 MHz.
    assert found.zx == pytest.approx(zx, rel=5e-3)
    assert found.ix == pytest.approx(ix, rel=1e-2)
    assert found.zy == pytest.approx(0, abs=1e-9)


@each_case(("drive", "excess"), [(20.0, 0.04), (40.0, 0.14), (60.0, 0.31), (80.0, 0.54)])
def test_perturbation_theory_is_too_large_for_a_strong_tone(drive: float, excess: float) -> None:
    found = rates(pair_at(100.0), tone_at(drive), drive_ghz=TARGET_GHZ)
    zx, _ = perturbative(100.0, 2.0, drive, -330.0)
    # The published figures are rounded, and for another number of levels.
    assert zx / found.zx - 1 == pytest.approx(excess, rel=0.15)


@each_case("phase", [0.3, 2.0, -2.5])
def test_the_phase_of_the_tone_turns_the_axis(phase: float) -> None:
    pair = pair_at(100.0, line_phase_rad=0.4)
    along = rates(pair_at(100.0), tone_at(20.0), drive_ghz=TARGET_GHZ)
    turned = rates(pair, tone_at(20.0, phase), drive_ghz=TARGET_GHZ)
    assert complex(turned.zx, turned.zy) == pytest.approx(along.zx * cmath.exp(1j * (phase + 0.4)), rel=1e-9)
    assert turned.zz == pytest.approx(along.zz, rel=1e-6)


def test_crosstalk_adds_to_the_direct_drive_and_a_cancellation_takes_it_out() -> None:
    pair = pair_at(100.0, crosstalk=0.03)
    found = rates(pair, tone_at(20.0), drive_ghz=TARGET_GHZ)
    alone = rates(pair_at(100.0), tone_at(20.0), drive_ghz=TARGET_GHZ)
    assert found.ix - alone.ix == pytest.approx(0.03 * 20, rel=0.02)
    unwanted = complex(found.ix, found.iy)
    undone = tone_at(20.0, cancel_amplitude=abs(unwanted) / 200.0, cancel_phase_rad=cmath.phase(-unwanted))
    cancelled = rates(pair, undone, drive_ghz=TARGET_GHZ)
    assert abs(complex(cancelled.ix, cancelled.iy)) < 0.02 * abs(unwanted)
    assert cancelled.zx == pytest.approx(found.zx, rel=0.02)


def test_without_a_tone_there_is_static_zz_and_the_detuning() -> None:
    pair = pair_at(100.0)
    zeta = pair.transmons.dressed.static_zz_mhz
    found = rates(pair, tone_at(0.0), drive_ghz=TARGET_GHZ - 0.4e-3)
    # H/h = zeta |11><11| + d |1><1| of the target, in halves of Pauli operators.
    assert found.zz == pytest.approx(zeta / 2, abs=1e-9)
    assert found.iz == pytest.approx(-0.4 - zeta / 2, abs=1e-9)
    assert found.zi == pytest.approx(-zeta / 2, abs=1e-9)
    assert math.hypot(found.zx, found.ix, found.iy) < 1e-12


def test_rates_are_linear_in_the_exchange() -> None:
    one, two = (
        rates(pair_at(100.0, exchange_mhz=exchange), tone_at(40.0), drive_ghz=TARGET_GHZ).zx
        for exchange in (1.0, 2.0)
    )
    # Third order: (J / D)^2.
    assert two == pytest.approx(2 * one, rel=3 * (2 / 100) ** 2)


def test_the_dressed_frequencies_are_those_of_the_qubits() -> None:
    for detuning in (-40.0, 8.0, 100.0, 330.0):
        energies = pair_at(detuning).transmons.dressed.energies_mhz
        assert energies[[0, 1, 3]] == pytest.approx([0.0, 0.0, detuning], abs=1e-9)


def test_levels_that_meet_keep_their_names() -> None:
    for detuning in (-330.0, -165.0, 0.0, 1.0, 165.0, 330.0):
        dressed = pair_at(detuning).transmons.dressed
        # Each label belongs to one state: lowering the target leads from |01> almost entirely to |00>.
        assert abs(dressed.target[0, 1]) >= 0.7
        # At the crossing of |11> with |20> or |02> each is shifted by sqrt(2) J.
        assert abs(dressed.static_zz_mhz) <= 1.01 * math.sqrt(2) * 2.0 + 1e-9
