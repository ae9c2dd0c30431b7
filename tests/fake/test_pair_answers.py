"""The twin's answers to requests on couplings: signals of two coupled qubits, honest noise, and refusals."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest
from scipy.linalg import expm

from qdash_analysis.cliffords import ends_in
from qdash_core.errors import InvalidInputError
from qdash_fake.physics.cross_resonance import rates
from qdash_fake.physics.draw import draw_chip
from qdash_fake.physics.gate_quality import gate_fidelity
from qdash_fake.physics.levels import transfer_matrix
from qdash_fake.physics.pair import Pair, make_pair
from qdash_fake.physics.pair_evolution import gate_channel
from qdash_fake.sampling import Clouds, make_clouds
from qdash_tasks.laboratory.pair_requests import (
    ConditionalRamsey,
    CrossResonance,
    GateTrain,
    JointShots,
    RandomPairSequences,
    ReadoutReferences,
)
from qdash_tasks.laboratory.pulses import RISE_NS, ZX90
from qdash_tasks.laboratory.shots import Shots

from ..case_tables import each_case
from .conftest import make_table
from .good_gates import good_gate
from .twin_requests import asked, asked_shots
from .twin_requests import calibrated as with_settings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_fake.laboratory import TwinLaboratory
    from qdash_fake.physics.chip import ChipTruth
    from qdash_tasks.laboratory.pulses import Prepared

    Floats = NDArray[np.float64]

MANY = 10_000_000
"""Number of shots for a standard error of a population of about 2e-4."""
FORTH = ("0", "1")
ACTIVE = Shots(count=MANY, reset="active")
STARTS: tuple[Literal["ground", "superposition"], ...] = ("ground", "superposition")


@pytest.fixture(scope="module")
def chip() -> ChipTruth:
    """A chain of three long-lived qubits, the first two with a gate of 99.9 %."""
    table = make_table(
        {"frequency_ghz": 5.1, "t1_us": 300.0, "t2_us": 300.0, "sx_error": 0.0},
        {"frequency_ghz": 5.0, "t1_us": 280.0, "t2_us": 250.0, "sx_error": 0.0},
        {"frequency_ghz": 5.08},
        couplings=(("0", "1"), ("1", "2")),
    )
    drawn = draw_chip(table, 3)
    coupling = replace(drawn.couplings["0-1"], extra_rate=0.0)
    return replace(drawn, couplings={**drawn.couplings, "0-1": coupling})


@pytest.fixture(scope="module")
def pair(chip: ChipTruth) -> Pair:
    return make_pair(chip, "0-1", "0")


@pytest.fixture(scope="module")
def gate(pair: Pair) -> ZX90:
    return good_gate(pair).gate


def calibrated(chip: ChipTruth, number: int = 1) -> TwinLaboratory:
    """Return a laboratory with ideal settings, and first-order DRAG for the phase."""
    return with_settings(chip, number, drag=True)


def read_by(chip: ChipTruth, laboratory: TwinLaboratory, qid: str) -> tuple[Clouds, float, float]:
    """Return a qubit's clouds and the mean positions of |0> and of |1> between their centres."""
    settings = laboratory.settings[qid]
    where = make_clouds(
        chip.qubits[qid],
        frequency_ghz=settings.readout_frequency_ghz,
        amplitude=settings.readout_amplitude,
    )
    low, high = (sum(np.multiply(where.mixing.weights(state), (1, 0.5))) for state in (0.0, 1.0))
    return where, float(low), float(high)


def population(chip: ChipTruth, laboratory: TwinLaboratory, qid: str, iq: NDArray[np.complex128]) -> Floats:
    """Return the excited population from mean points, or from single ones."""
    where, low, high = read_by(chip, laboratory, qid)
    return np.asarray((((iq - where.zero) / where.difference).real - low) / (high - low))


def value(chip: ChipTruth, laboratory: TwinLaboratory, qid: str, iq: NDArray[np.complex128]) -> Floats:
    """Return the expectation value from mean points: 1 - 2 p."""
    return 1 - 2 * population(chip, laboratory, qid, iq)


# --- tones and gates -------------------------------------------------------------------------------------------------


def test_no_tone_leaves_the_target_where_it_is(chip: ChipTruth, gate: ZX90) -> None:
    laboratory = calibrated(chip)
    trace = asked(laboratory, {"0-1": CrossResonance(*FORTH, np.zeros(1), gate.tone)}, ACTIVE)["0-1"]
    assert trace.iq.shape == (6, 1)
    found = value(chip, laboratory, "1", trace.iq)[:, 0]
    contrast = 1 - 2 * chip.qubits["1"].active_reset.residual
    # Angles of X90 with an approximate DRAG are right to 1 %, and the static ZZ rotates by 0.02 rad in a pulse.
    assert found == pytest.approx([0, 0, contrast, 0, 0, contrast], abs=0.03)


def test_a_tone_turns_the_target_about_one_axis_for_each_state_of_the_control(
    chip: ChipTruth, pair: Pair, gate: ZX90
) -> None:
    laboratory, tone = calibrated(chip), replace(gate.tone, rotary_amplitude=0.0)
    durations = 2 * RISE_NS + np.linspace(0, 300, 31)
    trace = asked(laboratory, {"0-1": CrossResonance(*FORTH, durations, tone)}, ACTIVE)["0-1"]
    assert trace.x.tolist() == durations.tolist()
    found = value(chip, laboratory, "1", trace.iq).reshape(2, 3, -1)
    flat = rates(pair, tone, drive_ghz=pair.target.frequency_ghz)
    together, apart = np.array([flat.ix, flat.iy, flat.iz]), np.array([flat.zx, flat.zy, flat.zz])
    assert abs(flat.zx) > 1
    for state, sign in enumerate((1, -1)):
        turning = np.cross(np.eye(3), 2 * np.pi * (together + sign * apart))
        # For a weak tone, an edge rotates half as far as a flat part of the same length.
        expected = [expm(turning * (t - RISE_NS) * 1e-3)[:, 2] for t in durations]
        # Resets and relaxation account for 2 %; edges of tones of tens of MHz for the rest.
        assert found[state] == pytest.approx(np.transpose(expected), abs=0.12)


@pytest.mark.parametrize("state", [0, 1])
def test_gates_turn_the_target_by_a_right_angle_each(
    chip: ChipTruth, gate: ZX90, state: Literal[0, 1]
) -> None:
    laboratory, counts = calibrated(chip), np.arange(9)
    ground, across = (
        value(
            chip,
            laboratory,
            "1",
            asked(laboratory, {"0-1": GateTrain(*FORTH, counts, gate, state, start)}, ACTIVE)["0-1"].iq,
        )
        for start in STARTS
    )
    # A gate of 99.5 % or better has an error below 1 % each; resets cost 2 % of the contrast.
    assert ground == pytest.approx(np.cos(np.pi / 2 * counts), abs=0.1)
    assert across == pytest.approx((-1 if state == 0 else 1) * np.sin(np.pi / 2 * counts), abs=0.1)


def test_the_gate_in_use_is_played_where_none_is_given(chip: ChipTruth, gate: ZX90) -> None:
    given, in_use = calibrated(chip), calibrated(chip)
    in_use.adjust(
        "0-1",
        {
            "cr_amplitude": gate.tone.amplitude,
            "cr_phase": gate.tone.phase_rad,
            "cancel_amplitude": gate.tone.cancel_amplitude,
            "cancel_phase": gate.tone.cancel_phase_rad,
            "rotary_amplitude": gate.tone.rotary_amplitude,
            "zx90_gate_time": 2 * (gate.tone_ns + in_use.settings["0"].x180.length_ns),
        },
    )
    shots, lengths = Shots(count=1000), np.arange(3.0)
    of_given = {"0-1": RandomPairSequences(*FORTH, lengths, interleaved=True, gate=gate)}
    of_in_use = {"0-1": RandomPairSequences(*FORTH, lengths, interleaved=True)}
    one, other = asked(given, of_given, shots)["0-1"], asked(in_use, of_in_use, shots)["0-1"]
    assert np.allclose(one.iq, other.iq)
    for lacking in (of_in_use["0-1"], JointShots(*FORTH, "bell")):
        with pytest.raises(InvalidInputError, match=r"0-1: no ZX90 is calibrated: run CreateZX90"):
            asked(given, {"0-1": lacking}, shots)


def test_the_direction_decides_who_turns(chip: ChipTruth) -> None:
    laboratory = calibrated(chip)
    gate = good_gate(make_pair(chip, "0-1", "1")).gate
    train = GateTrain("1", "0", np.array([0.0, 2.0]), gate, control_state=0)
    found = asked(laboratory, {"0-1": train}, ACTIVE)["0-1"]
    # Low to high is slow but not impossible.
    assert value(chip, laboratory, "0", found.iq) == pytest.approx([1, -1], abs=0.15)


# --- readout ---------------------------------------------------------------------------------------------------------


def test_readout_points_are_those_of_commanded_states(chip: ChipTruth) -> None:
    laboratory = calibrated(chip)
    trace = asked(laboratory, {"0-1": ReadoutReferences(*FORTH)}, ACTIVE)["0-1"]
    assert trace.x.tolist() == [0.0, 1.0]
    for qid, iq in zip("01", trace.iq, strict=True):
        residual = chip.qubits[qid].active_reset.residual
        # The X180 is right to a fraction of a percent.
        assert population(chip, laboratory, qid, iq) == pytest.approx([residual, 1 - residual], abs=0.01)


def test_averages_scatter_as_far_as_they_claim(chip: ChipTruth, gate: ZX90) -> None:
    laboratory, repeats = calibrated(chip), 4000
    request = RandomPairSequences(*FORTH, np.zeros(repeats), gate=gate)
    trace = asked(laboratory, {"0-1": request}, Shots(count=200))["0-1"]
    flips = ends_in(repeats)
    for row, flip in enumerate(flips.T):
        of_one = trace.row(row)
        for part in (flip, ~flip):
            claimed = np.sqrt(np.mean(of_one.sigma.real[part] ** 2))
            # A final Clifford alone loses little; the standard deviation of n points has an error of 1 / sqrt(2 n).
            assert of_one.iq.real[part].std() == pytest.approx(
                claimed, rel=5 / np.sqrt(2 * part.sum()) + 0.02
            )


@each_case("prepare", ["00", "01", "10", "11"])
def test_single_shots_of_basis_states_find_each_qubit_where_it_was_put(
    chip: ChipTruth, prepare: Prepared
) -> None:
    laboratory, shots = calibrated(chip), 20_000
    how = Shots(count=shots, reset="active")
    found = asked_shots(laboratory, {"0-1": JointShots(*FORTH, prepare)}, how)["0-1"]
    assert found.shape == (shots, 2)
    for column, qid in enumerate("01"):
        one = population(chip, laboratory, qid, found[:, column])
        # Reset and X180 are off by 1 % at most.
        assert one.mean() == pytest.approx(int(prepare[column]), abs=0.015 + 5 * one.std() / np.sqrt(shots))


@each_case(("bases", "correlation"), [("XX", 1), ("YY", -1), ("ZZ", 1), ("XY", 0), ("ZX", 0)])
def test_a_bell_state_is_correlated_as_promised(
    chip: ChipTruth, pair: Pair, gate: ZX90, bases: str, correlation: int
) -> None:
    laboratory, shots = calibrated(chip), 100_000
    how = Shots(count=shots, reset="active")
    found = asked_shots(laboratory, {"0-1": JointShots(*FORTH, "bell", bases, gate)}, how)["0-1"]
    ones = np.stack([population(chip, laboratory, qid, found[:, i]) for i, qid in enumerate("01")])
    product = (1 - 2 * ones[0]) * (1 - 2 * ones[1])
    # Resets and pulses lose a few percent, a gate of 99.5 % less than one.
    assert product.mean() == pytest.approx(correlation, abs=0.06 + 5 * product.std() / np.sqrt(shots))


def test_shots_of_both_qubits_are_taken_together(chip: ChipTruth, gate: ZX90) -> None:
    laboratory, shots = calibrated(chip), 50_000
    how = Shots(count=shots, reset="active")
    both = asked_shots(laboratory, {"0-1": JointShots(*FORTH, "bell", "ZZ", gate)}, how)["0-1"]
    ones = [population(chip, laboratory, qid, both[:, i]) for i, qid in enumerate("01")]
    # Two fair coins that agree have the covariance 1/4, which noise of each readout alone does not change.
    assert np.cov(np.stack(ones))[0, 1] == pytest.approx(0.25, abs=0.02)


# --- Ramsey ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [0, 1])
def test_a_conditional_ramsey_feels_the_control_until_it_falls(chip: ChipTruth, state: Literal[0, 1]) -> None:
    short = replace(
        chip.qubits["0"], coherence=replace(chip.qubits["0"].coherence, t1_us=8.0, t2_echo_us=8.0)
    )
    chip = replace(chip, qubits={**chip.qubits, "0": short})
    pair, laboratory = make_pair(chip, "0-1", "0"), calibrated(chip)
    delays, artificial = np.linspace(0, 12, 61), 0.3
    request = ConditionalRamsey(*FORTH, delays, control_state=state, detuning_mhz=artificial)
    trace = asked(laboratory, {"0-1": request}, ACTIVE)["0-1"]
    # The coherence of the target follows the control in |0> or |1>, which relaxes from one to the other.
    zeta, thermal, gamma = pair.transmons.dressed.static_zz_mhz, short.thermal_population, 1 / 8.0
    up, down = thermal * gamma, (1 - thermal) * gamma
    residual = chip.qubits["0"].active_reset.residual
    start = np.array([1 - residual, residual])[:: -1 if state else 1]
    rates = np.array([[-up, down], [up, -down - 2j * np.pi * zeta]], dtype=complex)
    target = chip.qubits["1"]
    coherent = np.array([(expm(rates * t) @ start).sum() for t in delays])
    coherent *= target.coherence.free_decay(delays) * np.exp(-2j * np.pi * artificial * delays)
    expected = -(1 - 2 * target.active_reset.residual) * coherent.real
    assert abs(zeta) > 0.02
    # Pulses are right to 1 %; the static ZZ acts during them as well, 0.05 us.
    assert value(chip, laboratory, "1", trace.iq) == pytest.approx(expected, abs=0.04)


# --- random sequences ------------------------------------------------------------------------------------------------


def test_benchmarking_finds_the_fidelity_of_the_gate(chip: ChipTruth, pair: Pair, gate: ZX90) -> None:
    laboratory = calibrated(chip)
    short, long, each = 1, 31, 2000
    slopes, errors = [], []
    for interleaved in (False, True):
        lengths = np.repeat([short, long], each)
        request = RandomPairSequences(*FORTH, lengths, interleaved=interleaved, gate=gate)
        traces = asked(laboratory, {"0-1": request}, Shots(count=100_000, reset="active"))["0-1"]
        signs = np.where(ends_in(2 * each), -1, 1).T
        both = [value(chip, laboratory, qid, iq) for qid, iq in zip("01", traces.iq, strict=True)]
        signal = np.mean(signs * both, axis=0).reshape(2, each)
        means, scatter = signal.mean(axis=1), signal.std(axis=1) / np.sqrt(each)
        slopes.append(np.log(means[1] / means[0]) / (long - short))
        errors.append(np.hypot(*(scatter / means)) / (long - short))
    control, settings = pair.control, laboratory.settings["0"]
    x180 = control.drive.channel(settings.x180, detuning_mhz=0.0, levels=control.levels)
    channel = gate_channel(
        pair,
        gate,
        drives_ghz=(pair.control.frequency_ghz, pair.target.frequency_ghz),
        x180=transfer_matrix(x180),
        x180_ns=settings.x180.length_ns,
    )
    found, truth = 1 - 0.75 * (1 - np.exp(slopes[1] - slopes[0])), gate_fidelity(channel)
    # Errors of the gate and of the Cliffords may add coherently: an eighth of the error.
    assert truth > 0.98
    assert abs(found - truth) < 4 * 0.75 * np.hypot(*errors) + (1 - truth) / 8


# --- repetition, time, noise -----------------------------------------------------------------------------------------


def test_a_coupling_is_measured_alike_whoever_is_measured_with_it(jakarta: ChipTruth, gate: ZX90) -> None:
    shots, lengths = Shots(count=100), np.repeat([1, 5], 6)
    requests = {
        "0-1": RandomPairSequences("0", "1", lengths, gate=gate),
        "3-5": RandomPairSequences("5", "3", lengths, gate=gate),
    }
    together = asked(calibrated(jakarta), requests, shots)
    for name, request in requests.items():
        alone = asked(calibrated(jakarta), {name: request}, shots)
        assert np.array_equal(alone[name].iq, together[name].iq)
    references = {"0-1": ReadoutReferences(*FORTH)}
    other = asked(calibrated(jakarta, number=2), references, shots)
    again = asked(calibrated(jakarta), references, shots)
    assert not np.any(other["0-1"].iq == again["0-1"].iq)


def test_a_pair_takes_the_time_of_its_pulses_waits_and_longer_readout(chip: ChipTruth, gate: ZX90) -> None:
    laboratory = calibrated(chip)
    train = GateTrain(*FORTH, np.array([0, 10]), gate, control_state=1)
    asked(laboratory, {"0-1": train}, Shots(count=1000))
    x180_ns = laboratory.settings["0"].x180.length_ns
    readout_ns = laboratory.settings["0"].readout_length_ns
    gates_ns = 10 * 2 * (gate.tone_ns + x180_ns)
    expected = 1000 * (gates_ns + 2 * (x180_ns + readout_ns + 153.6e3)) * 1e-9
    assert laboratory.lab_seconds == pytest.approx(expected + 0.1)


def test_waiting_too_short_leaves_the_last_shot_in_both_qubits(chip: ChipTruth) -> None:
    laboratory = calibrated(chip)
    shots = Shots(count=100_000)
    passive = asked_shots(laboratory, {"0-1": JointShots(*FORTH, "11")}, shots)["0-1"]
    for column, (qid, t1_us) in enumerate((("0", 300.0), ("1", 280.0))):
        left, thermal = np.exp(-153.6 / t1_us), chip.qubits[qid].thermal_population
        # An X180 each time: m = 1 - P, P = th + (m - th) W.
        expected = (1 - thermal * (1 - left)) / (1 + left)
        one = population(chip, laboratory, qid, passive[:, column])
        assert one.mean() == pytest.approx(expected, abs=0.01 + 5 * one.std() / np.sqrt(100_000))


# --- what it refuses -------------------------------------------------------------------------------------------------


def test_couplings_that_cannot_be_measured_are_refused(chip: ChipTruth) -> None:
    laboratory, shots = calibrated(chip), Shots(count=10)
    with pytest.raises(InvalidInputError, match="coupling 0-2: this laboratory has no such coupling"):
        asked(laboratory, {"0-2": ReadoutReferences("0", "2")}, shots)
    with pytest.raises(InvalidInputError, match="0-1: 0, 2 are not control and target of this coupling"):
        asked(laboratory, {"0-1": ReadoutReferences("0", "2")}, shots)
    both = {"0-1": ReadoutReferences("0", "1"), "1-2": ReadoutReferences("2", "1")}
    with pytest.raises(InvalidInputError, match="0-1 and 1-2 share 1"):
        asked(laboratory, both, shots)
    assert laboratory.lab_seconds == 0
