"""The twin's answers to requests on qubits: correct physics, honest noise, and no access to hidden values."""

from __future__ import annotations

import math
import threading
import types
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_core.errors import InvalidInputError
from qdash_fake.laboratory import TwinLaboratory
from qdash_fake.physics.coherence import gate_error_limit
from qdash_fake.physics.draw import draw_chip
from qdash_fake.physics.levels import basis_state, excited_population
from qdash_fake.physics.rabi import rabi_populations
from qdash_fake.sampling import make_clouds, sample_averages, sample_single_shots
from qdash_tasks.laboratory.pulses import Pulse
from qdash_tasks.laboratory.requests import (
    Echo,
    QubitScan,
    Rabi,
    Ramsey,
    ReadoutScan,
    Relaxation,
    SingleShots,
)
from qdash_tasks.laboratory.shots import Shots

from ..case_tables import each_case
from .conftest import make_table
from .twin_requests import asked, asked_shots
from .twin_requests import calibrated as with_settings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_fake.physics.chip import ChipTruth, QubitTruth
    from qdash_tasks.laboratory.trace import Trace

MANY = 10_000_000
"""Number of shots for a standard error of a population of about 2e-4."""
ACTIVE, PASSIVE = Shots(count=MANY, reset="active"), Shots(count=MANY)
FEW = Shots(count=100)


def calibrated(chip: ChipTruth, number: int = 1) -> TwinLaboratory:
    """Return a laboratory with perfect settings, and the DRAG coefficient that cancels most of the phase
    errors.
    """
    return with_settings(chip, number, drag=True)


def population(qubit: QubitTruth, laboratory: TwinLaboratory, trace: Trace) -> NDArray[np.float64]:
    """Return the excited population of a trace, from the hidden positions of the clouds."""
    settings = laboratory.settings[qubit.qid]
    where = make_clouds(
        qubit, frequency_ghz=settings.readout_frequency_ghz, amplitude=settings.readout_amplitude
    )
    position = ((trace.iq - where.zero) / where.difference).real
    one_0, between_0 = where.mixing.weights(0.0)
    one_1, between_1 = where.mixing.weights(1.0)
    low, high = one_0 + between_0 / 2, one_1 + between_1 / 2
    return np.asarray((position - low) / (high - low))


@pytest.fixture(scope="module")
def slow_qubit() -> ChipTruth:
    """A chip of one qubit whose T1 exceeds the usual shot interval."""
    return draw_chip(make_table({"t1_us": 280.0, "t2_us": 300.0, "sx_error": 0.0}), 2)


# --- shots -----------------------------------------------------------------------------------------------------------


def test_averages_scatter_as_the_means_of_explicit_shots(jakarta: ChipTruth) -> None:
    qubit = jakarta.qubits["4"]
    where = make_clouds(qubit, frequency_ghz=qubit.resonator.best_probe_ghz, amplitude=0.1)
    rng = np.random.default_rng(0)
    shots, repeats, excited = 200, 3000, 0.3
    trace = sample_averages(np.zeros(repeats), np.full(repeats, excited), where, shots=shots, rng=rng)
    explicit = np.array(
        [sample_single_shots(excited, where, shots=shots, rng=rng).mean() for _ in range(repeats)]
    )
    for mine, theirs, claimed in (
        (trace.iq.real, explicit.real, trace.sigma.real),
        (trace.iq.imag, explicit.imag, trace.sigma.imag),
    ):
        # Means agree within five standard errors of their difference; standard deviations to 5 / sqrt(2 repeats).
        assert abs(mine.mean() - theirs.mean()) < 5 * theirs.std() * np.sqrt(2 / repeats)
        assert mine.std() == pytest.approx(theirs.std(), rel=5 / np.sqrt(repeats))
        assert np.sqrt(np.mean(claimed**2)) == pytest.approx(theirs.std(), rel=5 / np.sqrt(2 * repeats))
    both = np.cov(explicit.real, explicit.imag)[0, 1]
    # Standard error of a covariance: sqrt((s1 s2)^2 + c^2) / sqrt(repeats) <= sqrt(2) s1 s2 / sqrt(repeats).
    slack = 5 * np.sqrt(2) * explicit.real.std() * explicit.imag.std() / np.sqrt(repeats)
    assert trace.covariance.mean() == pytest.approx(both, abs=slack)


def test_single_shots_reproduce_the_published_confusion_matrix(jakarta: ChipTruth) -> None:
    laboratory, shots = calibrated(jakarta), 200_000
    zeros, ones = (
        asked_shots(
            laboratory,
            dict.fromkeys(laboratory.settings, SingleShots(state)),
            Shots(count=shots, reset="active"),
        )
        for state in (0, 1)
    )
    published = {"0": (0.0064, 0.0356), "4": (0.0614, 0.0366), "5": (0.045, 0.066)}
    for qid, (error_0, error_1) in published.items():
        axis = ones[qid].mean() - zeros[qid].mean()
        low, high = (np.sort((shots_iq * np.conj(axis)).real) for shots_iq in (zeros[qid], ones[qid]))
        cuts = np.linspace(low.mean(), high.mean(), 400)
        wrong_0 = 1 - np.searchsorted(low, cuts) / shots
        wrong_1 = np.searchsorted(high, cuts) / shots
        best = np.argmin(wrong_0 + wrong_1)
        # Binomial error of the sum plus 1e-3 for the pulse error, five sigma; the minimum is biased down by less.
        tolerance = 5 * np.sqrt((error_0 + error_1) / shots) + 1e-3
        assert wrong_0[best] + wrong_1[best] == pytest.approx(error_0 + error_1, abs=tolerance)


def test_readout_off_resonance_tells_nothing(jakarta: ChipTruth) -> None:
    laboratory = calibrated(jakarta)
    linewidth = jakarta.qubits["0"].resonator.linewidth_mhz
    laboratory.adjust(
        "0", {"readout_frequency_ghz": laboratory.settings["0"].readout_frequency_ghz + 20 * linewidth * 1e-3}
    )
    shots = [
        asked_shots(laboratory, {"0": SingleShots(state)}, Shots(count=4000))["0"].mean() for state in (0, 1)
    ]
    where = make_clouds(
        jakarta.qubits["0"], frequency_ghz=jakarta.qubits["0"].resonator.best_probe_ghz, amplitude=0.1
    )
    assert abs(shots[1] - shots[0]) < 0.05 * abs(where.difference)


def test_a_dead_readout_gives_the_same_cloud_for_both_states() -> None:
    chip = draw_chip(make_table({"p_meas0_prep1": 0.0, "p_meas1_prep0": 1.0}), 1)
    laboratory, shots = calibrated(chip), 10_000
    zero, one = (
        asked_shots(laboratory, {"0": SingleShots(state)}, Shots(count=shots))["0"] for state in (0, 1)
    )
    assert abs(zero.mean() - one.mean()) < 5 * zero.std() / np.sqrt(shots)


# --- reset -----------------------------------------------------------------------------------------------------------


def test_waiting_too_short_bends_a_t1_trace_as_theory_says(slow_qubit: ChipTruth) -> None:
    qubit, laboratory = slow_qubit.qubits["0"], calibrated(slow_qubit)
    delays = np.linspace(0, 1000, 21)
    measured = population(qubit, laboratory, asked(laboratory, {"0": Relaxation(delays)}, PASSIVE)["0"])
    kept, memory = np.exp(-delays / 280.0), np.exp(-153.6 / 280.0)
    without_thermal = kept / (1 + kept * memory)
    # The thermal population th moves the trace by at most th; the rest is E / (1 + E W).
    assert measured == pytest.approx(without_thermal, abs=qubit.thermal_population + 1e-3)
    slope = np.polyfit(delays[:8], np.log(measured[:8] - qubit.thermal_population), 1)[0]
    assert -1 / slope > 1.25 * 280.0


def test_active_reset_leaves_the_t1_trace_an_exponential(slow_qubit: ChipTruth) -> None:
    qubit, laboratory = slow_qubit.qubits["0"], calibrated(slow_qubit)
    delays = np.linspace(0, 1000, 21)
    measured = population(qubit, laboratory, asked(laboratory, {"0": Relaxation(delays)}, ACTIVE)["0"])
    thermal, residual = qubit.thermal_population, qubit.active_reset.residual
    expected = thermal + (1 - residual - thermal) * np.exp(-delays / 280.0)
    assert measured == pytest.approx(expected, abs=2e-3)


def test_after_a_long_wait_the_thermal_population_is_what_starts_a_shot(slow_qubit: ChipTruth) -> None:
    qubit, laboratory = slow_qubit.qubits["0"], calibrated(slow_qubit)
    trace = asked(laboratory, {"0": Rabi(np.zeros(1))}, Shots(count=MANY, interval_us=20 * 280.0))["0"]
    assert population(qubit, laboratory, trace)[0] == pytest.approx(qubit.thermal_population, abs=1.5e-3)


def test_active_reset_forgets_what_was_before(slow_qubit: ChipTruth) -> None:
    qubit, laboratory = slow_qubit.qubits["0"], calibrated(slow_qubit)
    trace = asked(laboratory, {"0": Rabi(np.zeros(1))}, ACTIVE)["0"]
    assert population(qubit, laboratory, trace)[0] == pytest.approx(qubit.active_reset.residual, abs=1.5e-3)


# --- drive -----------------------------------------------------------------------------------------------------------


@each_case("detuning_mhz", [0.0, 6.0, -25.0])
def test_a_detuned_rabi_oscillates_faster_and_less(jakarta: ChipTruth, detuning_mhz: float) -> None:
    qubit, laboratory = jakarta.qubits["0"], calibrated(jakarta)
    laboratory.adjust(
        "0", {"drive_frequency_ghz": laboratory.settings["0"].drive_frequency_ghz - detuning_mhz * 1e-3}
    )
    durations = np.linspace(0, 200, 41)
    measured = population(qubit, laboratory, asked(laboratory, {"0": Rabi(durations)}, ACTIVE)["0"])
    # |2> shifts the driven |1> up by half the square of the Rabi frequency over the anharmonicity.
    lifted = detuning_mhz + 12.5**2 / (2 * abs(qubit.anharmonicity_ghz) * 1e3)
    effective = np.hypot(12.5, lifted)
    expected = (12.5 / effective) ** 2 * np.sin(np.pi * effective * durations * 1e-3) ** 2
    # In 200 ns relaxation costs 0.4 %, the spread of the amplitude at most (2 pi 2.5 0.005)^2 / 2 = 0.3 %.
    assert measured == pytest.approx(expected, abs=0.015)


def test_a_wrong_belief_about_the_rabi_frequency_turns_too_far(slow_qubit: ChipTruth) -> None:
    qubit, laboratory = slow_qubit.qubits["0"], calibrated(slow_qubit)
    laboratory.adjust("0", {"rabi_frequency_mhz": 12.5 / 1.2, "drag_pi_amplitude": None})
    turned = population(qubit, laboratory, asked(laboratory, {"0": Relaxation(np.zeros(1))}, ACTIVE)["0"])[0]
    assert turned == pytest.approx(np.sin(1.2 * np.pi / 2) ** 2, abs=5e-3)


def test_a_calibrated_pi_amplitude_wins_over_the_belief(slow_qubit: ChipTruth) -> None:
    qubit, laboratory = slow_qubit.qubits["0"], calibrated(slow_qubit)
    known = laboratory.settings["0"].x180.amplitude
    laboratory.adjust("0", {"pi_amplitude": known, "rabi_frequency_mhz": 3.0, "drag_pi_amplitude": None})
    turned = population(qubit, laboratory, asked(laboratory, {"0": Relaxation(np.zeros(1))}, ACTIVE)["0"])[0]
    assert turned == pytest.approx(1.0, abs=5e-3)


def test_a_faulty_drive_shows_no_lasting_oscillation() -> None:
    chip = draw_chip(make_table({"sx_error": 0.14}), 1)
    qubit, laboratory = chip.qubits["0"], calibrated(chip)
    late = population(
        qubit, laboratory, asked(laboratory, {"0": Rabi(np.linspace(300, 500, 51))}, ACTIVE)["0"]
    )
    assert np.ptp(late) < 0.02


@each_case("sx_error", [3e-4, 0.01, 0.04])
def test_a_hidden_error_goes_with_the_angle_whatever_the_pulse(sx_error: float) -> None:
    qubit = draw_chip(make_table({"sx_error": sx_error}), 2).qubits["0"]
    slope = qubit.drive.rabi_per_amplitude_mhz
    limit = gate_error_limit(t1_us=100.0, t2_us=80.0, length_us=0.036)
    for turns in (0.5, 1.0, 2.5):
        # An average error e leaves 1 - 2 e of the vector; there are four X90 in a full rotation. Relaxation is added.
        kept = (1 - 2 * (sx_error - limit)) ** (4 * turns)
        inversion = np.cos(2 * np.pi * turns) * kept
        rectangle, _ = rabi_populations(
            np.array([turns / 12.5]),
            drive=qubit.drive,
            amplitude=12.5 / slope,
            detuning_mhz=0.0,
            levels=qubit.levels,
        )
        # A raised cosine of twice the length has the same area.
        shaped = Pulse(12.5 / slope, 2 * turns / 12.5 * 1e3, 1 / (4 * np.pi * 0.33))
        channel = qubit.drive.channel(shaped, detuning_mhz=0.0, levels=qubit.levels)
        ends = rectangle[0], excited_population(channel @ basis_state(0))
        # Relaxation costs 0.4 us / 80 us, the drawn spread of the amplitude up to (2 pi 2.5 0.005)^2 / 2.
        assert 1 - 2 * np.array(ends) == pytest.approx(inversion, abs=0.01)


# --- coherence -------------------------------------------------------------------------------------------------------


def test_a_ramsey_turns_at_detuning_plus_artificial_and_decays_as_drawn(jakarta: ChipTruth) -> None:
    qubit, laboratory = jakarta.qubits["0"], calibrated(jakarta)
    laboratory.adjust("0", {"drive_frequency_ghz": laboratory.settings["0"].drive_frequency_ghz - 0.2e-3})
    delays = np.linspace(0, 40, 101)
    trace = asked(laboratory, {"0": Ramsey(delays, detuning_mhz=0.3)}, ACTIVE)["0"]
    measured = 1 - 2 * population(qubit, laboratory, trace)
    # Averaging the coherence over explicit quasi-static detunings, 20,000 of them: noise of at most 1/sqrt(2e4) = 0.7 %.
    jitter = np.random.default_rng(0).normal(0, qubit.coherence.jitter_mhz, 20_000)
    # The offset of 0.2 MHz acts during the pulses too, in proportion to the mean sine of the vector's angle.
    part = (np.arange(1000) + 0.5) / 1000
    tipped = np.sin(np.pi / 2 * (part - np.sin(2 * np.pi * part) / (2 * np.pi))).mean()
    early = 0.2 * 2 * tipped * laboratory.settings["0"].x90.length_ns * 1e-3
    turning = np.cos(2 * np.pi * (np.multiply.outer(delays, 0.5 + jitter) + early)).mean(axis=1)
    expected = -turning * np.exp(-delays / qubit.coherence.t2_echo_us)
    # 0.7 % of the average, and the residual 1 % in |1> after an active reset.
    assert measured == pytest.approx(expected, abs=0.03)


def test_the_envelope_of_a_ramsey_falls_to_1_over_e_at_t2_star(jakarta: ChipTruth) -> None:
    for qubit in jakarta.qubits.values():
        coherence = qubit.coherence
        assert coherence.free_decay(np.array([coherence.t2_star_us]))[0] == pytest.approx(np.exp(-1))


def test_an_echo_refocuses_the_jitter_and_an_offset_of_the_drive(jakarta: ChipTruth) -> None:
    qubit, laboratory = jakarta.qubits["0"], calibrated(jakarta)
    laboratory.adjust("0", {"drive_frequency_ghz": laboratory.settings["0"].drive_frequency_ghz + 0.05e-3})
    delays = np.linspace(0, 120, 61)
    measured = population(qubit, laboratory, asked(laboratory, {"0": Echo(delays)}, ACTIVE)["0"])
    decayed = np.exp(-delays / qubit.coherence.t2_echo_us)
    contrast = 1 - 2 * qubit.active_reset.residual
    # X90 X180 X90 is a full rotation: the echo starts in |0>.
    assert measured == pytest.approx((1 - contrast * decayed) / 2, abs=0.02)


def test_neighbours_in_one_ramsey_shift_each_other_by_half_their_zz() -> None:
    chip = draw_chip(
        make_table({"frequency_ghz": 5.0}, {"frequency_ghz": 5.1}, couplings=(("0", "1"),)),
        3,
    )
    zeta = chip.couplings["0-1"].static_zz_mhz
    qubit, delays = chip.qubits["0"], np.linspace(0, 4, 81)

    def turning(*together: str) -> float:
        laboratory = calibrated(chip)
        trace = asked(laboratory, dict.fromkeys(together, Ramsey(delays, detuning_mhz=1.0)), ACTIVE)["0"]
        signal = 1 - 2 * population(qubit, laboratory, trace)
        trials = np.linspace(0.8, 1.2, 4001)
        envelope = qubit.coherence.free_decay(delays)
        return float(
            trials[
                np.argmin([np.sum((signal + envelope * np.cos(2 * np.pi * f * delays)) ** 2) for f in trials])
            ]
        )

    alone, together = turning("0"), turning("0", "1")
    assert abs(zeta) > 0.02
    assert alone == pytest.approx(1.0, abs=1e-3)
    assert together - alone == pytest.approx(zeta / 2, abs=0.1 * abs(zeta))


# --- spectroscopy ----------------------------------------------------------------------------------------------------


def _width_mhz(laboratory: TwinLaboratory, centre_ghz: float, amplitude: float) -> float:
    sweep = centre_ghz + np.linspace(-20e-3, 20e-3, 2001)
    trace = asked(laboratory, {"0": QubitScan(sweep, amplitude)}, PASSIVE)["0"]
    height = np.abs(trace.iq - np.median(trace.iq[:50]))
    return float(np.sum(height > height.max() / 2) * 0.02)


def test_power_broadens_the_line(jakarta: ChipTruth) -> None:
    laboratory = calibrated(jakarta)
    centre = jakarta.qubits["0"].frequency_ghz
    narrow, broad = (_width_mhz(laboratory, centre, amplitude) for amplitude in (0.005, 0.02))
    # Deep in saturation the width is proportional to the amplitude.
    assert broad / narrow == pytest.approx(4.0, rel=0.2)


def _line_height(chip: ChipTruth, centre_ghz: float, amplitude: float) -> float:
    laboratory = calibrated(chip)
    sweep = centre_ghz + np.linspace(-3e-3, 3e-3, 601)
    trace = asked(laboratory, {"0": QubitScan(sweep, amplitude)}, PASSIVE)["0"]
    away = asked(laboratory, {"0": QubitScan(np.array([centre_ghz + 0.04]), amplitude)}, PASSIVE)["0"].iq[0]
    where = make_clouds(
        chip.qubits["0"], frequency_ghz=laboratory.settings["0"].readout_frequency_ghz, amplitude=0.1
    )
    return float(np.max(np.abs(trace.iq - away)) / abs(where.difference))


def test_a_strong_drive_shows_f02_half_and_a_neighbour_and_a_weak_one_neither(jakarta: ChipTruth) -> None:
    for centre in (jakarta.qubits["0"].two_photon_frequency_ghz, jakarta.qubits["1"].frequency_ghz):
        assert _line_height(jakarta, centre, 0.1) > 0.02
        assert _line_height(jakarta, centre, 1e-4) < 0.005


def test_the_resonator_dips_where_it_is(jakarta: ChipTruth) -> None:
    laboratory, resonator = calibrated(jakarta), jakarta.qubits["0"].resonator
    sweep = resonator.frequency_ghz + np.linspace(-20e-3, 20e-3, 801)
    trace = asked(laboratory, {"0": ReadoutScan(sweep)}, PASSIVE)["0"]
    dip = sweep[np.argmin(np.abs(trace.iq))]
    # The asymmetry moves the deepest point by up to a fraction of the linewidth.
    assert dip == pytest.approx(resonator.frequency_ghz, abs=0.5e-3 * resonator.linewidth_mhz)


# --- repetition, time, threads ---------------------------------------------------------------------------------------


def test_the_same_seed_and_session_give_the_same_data_and_another_session_others(jakarta: ChipTruth) -> None:
    request = {"0": Relaxation(np.linspace(0, 100, 11))}
    first, again = (asked(calibrated(jakarta), request, FEW)["0"].iq for _ in range(2))
    other = asked(calibrated(jakarta, number=2), request, FEW)["0"].iq
    assert np.array_equal(first, again)
    assert not np.any(first == other)


def test_results_do_not_depend_on_the_order_of_threads(jakarta: ChipTruth) -> None:
    sweep = np.linspace(0, 100, 11)

    def measure(laboratory: TwinLaboratory, qids: Sequence[str]) -> dict[str, NDArray[np.complex128]]:
        found: dict[str, NDArray[np.complex128]] = {}

        def one(qid: str) -> None:
            asked(laboratory, {qid: Relaxation(sweep)}, FEW)
            found[qid] = asked(laboratory, {qid: Ramsey(sweep, detuning_mhz=0.1)}, FEW)[qid].iq

        threads = [threading.Thread(target=one, args=(qid,)) for qid in qids]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return found

    one, other = calibrated(jakarta), calibrated(jakarta)
    forth, back = measure(one, list(jakarta.qubits)), measure(other, list(jakarta.qubits)[::-1])
    assert all(np.array_equal(forth[qid], back[qid]) for qid in jakarta.qubits)
    assert one.lab_seconds == pytest.approx(other.lab_seconds)


def test_laboratory_time_counts_shots_waits_and_readout_of_every_target_by_itself(jakarta: ChipTruth) -> None:
    delays, shots = np.array([10.0, 30.0]), Shots(count=1000)
    laboratory = calibrated(jakarta)
    asked(laboratory, {"0": Relaxation(delays), "6": Relaxation(10 * delays)}, shots)
    waits_s = 0.1 + 1000 * 1e-6 * 2 * (153.6 + 5.5182)
    clocks = laboratory.clock
    assert clocks.now_s("0") == pytest.approx(waits_s + 1000 * 1e-6 * 40)
    assert clocks.now_s("6") == pytest.approx(waits_s + 1000 * 1e-6 * 400)
    assert clocks.now_s("1") == 0.0
    assert laboratory.lab_seconds == clocks.now_s("6"), "until the last is through"
    asked(laboratory, {"1": Relaxation(delays)}, shots)
    assert laboratory.lab_seconds == clocks.now_s("6"), "another qubit is measured at the same time"


def test_active_reset_is_much_quicker(jakarta: ChipTruth) -> None:
    active, passive = calibrated(jakarta), calibrated(jakarta)
    request = {"0": Rabi(np.zeros(100))}
    asked(active, request, Shots(count=1000, reset="active"))
    asked(passive, request, Shots(count=1000))
    assert passive.lab_seconds > 10 * active.lab_seconds


# --- what it refuses, and what it hides ------------------------------------------------------------------------------


def test_unknown_qubits_and_impossible_settings_are_refused(jakarta: ChipTruth) -> None:
    laboratory = calibrated(jakarta)
    with pytest.raises(InvalidInputError, match="qubit 9: this laboratory has no such qubit"):
        asked(laboratory, {"9": Relaxation(np.array([1.0]))}, FEW)
    with pytest.raises(InvalidInputError, match="control_amplitude"):
        laboratory.adjust("0", {"control_amplitude": -0.1})
    with pytest.raises(InvalidInputError, match="'amplitude' is not a setting"):
        laboratory.adjust("0", {"amplitude": 0.1})


def _reachable(thing: Any, seen: set[int]) -> set[float]:
    """Return every number reachable through mappings, sequences, and attributes without two underscores."""
    if isinstance(thing, bool) or thing is None or id(thing) in seen:
        return set()
    if isinstance(thing, (int, float, np.floating)):
        return {float(thing)}
    seen.add(id(thing))
    if isinstance(thing, Mapping):
        return set().union(*(_reachable(value, seen) for value in thing.values()))
    if isinstance(thing, (tuple, list)):
        return set().union(*(_reachable(value, seen) for value in thing))
    if isinstance(thing, (str, types.MethodType, types.FunctionType)):
        return set()
    names = [field.name for field in fields(thing)] if is_dataclass(thing) else dir(thing)
    return set().union(*(_reachable(getattr(thing, name), seen) for name in names if "__" not in name))


def _hidden(thing: Any) -> set[float]:
    if isinstance(thing, bool) or not (is_dataclass(thing) or isinstance(thing, float)):
        return set()
    if isinstance(thing, float):
        return {thing}
    return set().union(
        *(_hidden(getattr(thing, field.name)) for field in fields(thing) if field.name != "design")
    )


def test_the_truth_cannot_be_reached_through_public_or_protected_names(jakarta: ChipTruth) -> None:
    laboratory = TwinLaboratory(jakarta, number=1)
    reachable = _reachable(laboratory, set())
    assert jakarta.qubits["0"].design.qubit_frequency_ghz in reachable
    known = {0.0, 1.0, math.inf, jakarta.qubits["0"].readout.amplitude}
    hidden = set().union(*(_hidden(qubit) for qubit in jakarta.qubits.values())) - known
    assert len(hidden) > 100
    assert not reachable & hidden
    assert "truth" not in repr(laboratory).lower()
    assert not any(str(value) in repr(laboratory) for value in hidden)
