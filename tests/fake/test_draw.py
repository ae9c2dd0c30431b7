"""Hidden truth: values of the table, and realistic random values for missing ones."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from qdash_fake.devices import list_device_names, load_device
from qdash_fake.physics.coherence import gate_error_limit
from qdash_fake.physics.draw import draw_chip
from qdash_fake.physics.levels import transfer_matrix
from qdash_fake.physics.pair import Transmons
from qdash_fake.truth import (
    compute_ideal_settings,
    compute_readout_fidelities,
    compute_true_parameters,
    list_dead_qubits,
    list_faulty_qubits,
)
from qdash_tasks.laboratory.shots import Repetition

from .conftest import make_table

if TYPE_CHECKING:
    from qdash_fake.physics.chip import ChipTruth

ZERO = 0.5 / 4096


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(("jakarta", "guadalupe", "brisbane", "sherbrooke"), id="some"),
        pytest.param(tuple(list_device_names()), id="all", marks=pytest.mark.slow),
    ],
)
def chips(request: pytest.FixtureRequest) -> dict[str, ChipTruth]:
    return {name: draw_chip(load_device(name), 3) for name in request.param}


def test_what_the_table_has_is_the_truth(chips: dict[str, ChipTruth]) -> None:
    for name, chip in chips.items():
        for row in load_device(name).qubits:
            qubit = chip.qubits[row.qid]
            assert qubit.frequency_ghz == row.frequency_ghz
            assert qubit.anharmonicity_ghz == row.anharmonicity_ghz
            assert qubit.coherence.t1_us == row.t1_us
            assert row.t1_us is not None
            assert row.t2_us is not None
            assert qubit.coherence.t2_echo_us == min(row.t2_us, 2 * row.t1_us)


def test_the_best_threshold_on_commanded_states_gives_the_published_confusion_matrix(
    chips: dict[str, ChipTruth],
) -> None:
    for name, chip in chips.items():
        for row in load_device(name).qubits:
            qubit = chip.qubits[row.qid]
            if qubit.readout.dead:
                continue
            assert row.p_meas1_prep0 is not None
            assert row.p_meas0_prep1 is not None
            mixing = qubit.readout.transitions_at(qubit.readout.amplitude)
            errors = mixing.errors(
                spread=qubit.readout.noise / qubit.readout.separation,
                excited_0=qubit.active_reset.residual,
                excited_1=1 - qubit.active_reset.residual,
            )
            published = max(row.p_meas1_prep0, ZERO), max(row.p_meas0_prep1, ZERO)
            assert errors == pytest.approx(published, abs=1e-9)


@given(
    error_0=st.sampled_from([0.0, 1e-9, 1e-4, 0.3]) | st.floats(0, 0.79),
    error_1=st.sampled_from([0.0, 1e-9, 1e-4, 0.3]) | st.floats(0, 0.79),
    t1_us=st.sampled_from([0.01, 1.0, 100.0, 1e5]),
)
def test_any_confusion_matrix_short_of_a_dead_one_can_be_drawn(
    error_0: float, error_1: float, t1_us: float
) -> None:
    assume(error_0 + error_1 < 0.79)
    qubit = draw_chip(
        make_table({"p_meas1_prep0": error_0, "p_meas0_prep1": error_1, "t1_us": t1_us}), 1
    ).qubits["0"]
    errors = qubit.readout.transitions_at(qubit.readout.amplitude).errors(
        spread=qubit.readout.noise / qubit.readout.separation,
        excited_0=qubit.active_reset.residual,
        excited_1=1 - qubit.active_reset.residual,
    )
    assert errors == pytest.approx((error_0 or ZERO, error_1 or ZERO), abs=1e-8)


def test_decay_explains_at_most_half_of_reading_zero_for_one(chips: dict[str, ChipTruth]) -> None:
    for name, chip in chips.items():
        for row in load_device(name).qubits:
            readout = chip.qubits[row.qid].readout
            assert row.p_meas0_prep1 is not None
            # A decay ends uniformly between the clouds, so about half of them are read as 0.
            assert readout.decay / 2 <= 0.5 * max(row.p_meas0_prep1, ZERO)
            assert readout.dead or readout.integration_us <= (row.readout_length_ns or 0) * 1e-3 * (1 + 1e-9)


def test_a_readout_that_errs_almost_always_is_dead(chips: dict[str, ChipTruth]) -> None:
    assert list_dead_qubits(chips["sherbrooke"]) == ("84",)
    assert list_faulty_qubits(chips["brisbane"]) == ("95",)
    dead = chips["sherbrooke"].qubits["84"]
    assert compute_readout_fidelities(dead, compute_ideal_settings(dead)) == (0.5, 0.5)


def test_fidelities_after_a_wait_know_what_the_last_shot_left(jakarta: ChipTruth) -> None:
    qubit = jakarta.qubits["2"]
    settings, t1_us = compute_ideal_settings(qubit), qubit.coherence.t1_us
    active, short, long = (
        compute_readout_fidelities(qubit, settings, repetition)
        for repetition in (
            Repetition(),
            Repetition("passive", 0.5 * t1_us),
            Repetition("passive", 50 * t1_us),
        )
    )
    # Commanding 1 after a wait w ends in |1> with 1 / (1 + W), W = exp(-w / T1); commanding 0 starts from the thermal
    # population after any wait. Both are blurred by the readout's own errors, which are below 4 %.
    assert short[1] == pytest.approx(1 / (1 + np.exp(-0.5)), abs=0.04)
    assert short[0] == pytest.approx(long[0], abs=1e-9)
    excess = qubit.thermal_population - qubit.active_reset.residual
    for after_reset, after_wait in zip(active, long, strict=True):
        assert after_reset - after_wait == pytest.approx(excess, rel=0.1)


def test_an_x90_errs_as_published_or_as_its_coherence_lets_it(chips: dict[str, ChipTruth]) -> None:
    for row in load_device("sherbrooke").qubits:
        qubit = chips["sherbrooke"].qubits[row.qid]
        x90 = compute_ideal_settings(qubit).plain_x90
        transfer = transfer_matrix(qubit.drive.channel(x90, detuning_mhz=0.0, levels=qubit.levels))
        # The part that no rotation can undo: the nuclear norm gives the best overlap.
        overlap = (1 + np.linalg.svd(transfer[1:, 1:])[1].sum()) / 4
        error = 1 - (2 * overlap + transfer[0, 0]) / 3
        coherence = qubit.coherence
        limit = gate_error_limit(
            t1_us=coherence.t1_us, t2_us=coherence.t2_echo_us, length_us=x90.length_ns * 1e-3
        )
        assert row.sx_error is not None
        # The spread of the amplitude rotates with a variance of (spread pi / 2)^2, of which a sixth is added.
        expected = max(row.sx_error, limit) + (qubit.drive.amplitude_spread * np.pi / 2) ** 2 / 6
        # Errors are not quite additive (1 %), and without DRAG up to 1e-5 leaks.
        assert error == pytest.approx(expected, rel=0.01, abs=1e-5)


def test_drawn_values_lie_where_laboratories_find_them(chips: dict[str, ChipTruth]) -> None:
    for chip in chips.values():
        resonators = sorted(q.resonator.frequency_ghz for q in chip.qubits.values())
        assert resonators[0] > 6.79
        assert resonators[-1] < 7.41
        assert min(np.diff(resonators)) > 1e-3
        for qubit in chip.qubits.values():
            assert abs(qubit.design.qubit_frequency_ghz - qubit.frequency_ghz) <= 0.15
            assert 0.003 <= qubit.thermal_population <= 0.03
            assert 60 <= qubit.drive.rabi_per_amplitude_mhz <= 300
            assert 0.2 * qubit.coherence.t2_echo_us < qubit.coherence.t2_star_us <= qubit.coherence.t2_echo_us
            assert qubit.coherence.t2_echo_us <= 2 * qubit.coherence.t1_us
            assert abs(qubit.resonator.shift_mhz) <= qubit.resonator.linewidth_mhz
            assert all(0.01 <= heard <= 0.1 for heard, _ in qubit.crosstalk.values())
        for coupling in chip.couplings.values():
            assert 1.2 <= coupling.exchange_mhz <= 3.5


def test_design_frequencies_scatter_by_about_a_percent(chips: dict[str, ChipTruth]) -> None:
    errors = [
        (qubit.design.qubit_frequency_ghz / qubit.frequency_ghz - 1) * 100
        for chip in chips.values()
        for qubit in chip.qubits.values()
    ]
    # At least 277 draws: the relative error of a standard deviation is 1/sqrt(2 n) = 4.2 %; four of these are allowed.
    assert len(errors) > 250
    assert np.std(errors) == pytest.approx(0.7, rel=0.17)


def test_what_a_table_lacks_is_drawn_and_neighbours_get_other_frequencies() -> None:
    nothing = dict.fromkeys(
        ("frequency_ghz", "anharmonicity_ghz", "t1_us", "t2_us", "p_meas0_prep1", "p_meas1_prep0", "readout_length_ns",
         "sx_error", "sx_length_ns")
    )  # fmt: skip
    pairs = tuple((str(index), str(index + 1)) for index in range(29))
    chip = draw_chip(make_table(*[nothing] * 30, couplings=pairs), 5)
    assert not list_dead_qubits(chip)
    # Two of three frequencies 100 MHz apart, with 17 MHz of scatter each: the median distance is 100 to 200 MHz.
    typical = np.median(
        [
            abs(chip.qubits[c.a].frequency_ghz - chip.qubits[c.b].frequency_ghz)
            for c in chip.couplings.values()
        ]
    )
    assert 0.06 < typical < 0.25
    assert all(-0.36 < q.anharmonicity_ghz < -0.26 for q in chip.qubits.values())


def test_the_same_seed_is_the_same_chip_and_another_seed_another() -> None:
    table = load_device("guadalupe")
    assert draw_chip(table, 7) == draw_chip(table, 7)
    assert draw_chip(table, 7).qubits["3"].design != draw_chip(table, 8).qubits["3"].design


def test_a_qubit_is_drawn_alike_whatever_else_the_table_holds() -> None:
    alone, in_company = (
        draw_chip(make_table({}), 4),
        draw_chip(make_table({}, {"t1_us": 30.0}, couplings=(("0", "1"),)), 4),
    )
    assert alone.qubits["0"].drive == in_company.qubits["0"].drive
    assert alone.qubits["0"].design == in_company.qubits["0"].design


def test_static_zz_against_exact_diagonalisation() -> None:
    # |11>, |20> and |02> with matrix elements sqrt(2) J; |10> and |01> keep the sum of their energies.
    exchange, detuning, first, second = 1.5, 110.0, -330.0, -340.0
    energies = np.array([[0.0, np.sqrt(2) * exchange, np.sqrt(2) * exchange],
                         [np.sqrt(2) * exchange, detuning + first, 0.0],
                         [np.sqrt(2) * exchange, 0.0, -detuning + second]])  # fmt: skip
    values, vectors = np.linalg.eigh(energies)
    exact = values[np.argmax(np.abs(vectors[0]))]
    found = Transmons(
        detuning_mhz=math.sqrt(detuning**2 + 4 * exchange**2),  # dressed levels repel each other
        control_anharmonicity_mhz=first,
        target_anharmonicity_mhz=second,
        exchange_mhz=exchange,
    ).dressed.static_zz_mhz
    assert found == pytest.approx(exact, rel=1e-9)
    # Second order of perturbation theory; the next is smaller by (J / (D + a))^2, about 1e-4.
    formula = 2 * exchange**2 * (first + second) / ((detuning + first) * (detuning - second))
    assert found == pytest.approx(formula, rel=2e-3)


def test_static_zz_stays_finite_where_levels_meet() -> None:
    at_resonance = Transmons(
        detuning_mhz=330.0,
        control_anharmonicity_mhz=-330.0,
        target_anharmonicity_mhz=-330.0,
        exchange_mhz=2.0,
    ).dressed.static_zz_mhz
    # |11> and |20> are each shifted by sqrt(2) J; the dressed spacing, J^2 / D off the bare one, is not quite resonant.
    assert abs(at_resonance) == pytest.approx(2 * np.sqrt(2), rel=0.01)


def test_the_truth_has_names_and_units_of_the_output_parameters(jakarta: ChipTruth) -> None:
    truth = compute_true_parameters(jakarta)
    assert truth["qubits"]["2"]["t1"] == (137.79, "us")
    rabi, unit = truth["qubits"]["2"]["rabi_frequency"]
    assert unit == "MHz"
    assert rabi == pytest.approx(12.5)
    assert set(truth["couplings"]) == {"0-1", "1-2", "1-3", "3-5", "4-5", "5-6"}
    # A perfect calibration has the published readout errors, up to the pulse error: 2e of p(0|1), e = 2e-4.
    assert truth["qubits"]["2"]["average_readout_fidelity"][0] == pytest.approx(
        1 - (0.0218 + 0.0102) / 2, abs=1e-3
    )
