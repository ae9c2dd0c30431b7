"""Laboratory that plays pulses: grouping of programs into calls, noise estimates, and attribution of
failures.
"""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_core.errors import BackendError, InvalidInputError
from qdash_tasks.laboratory.calls import measure_targets
from qdash_tasks.laboratory.limits import Limits
from qdash_tasks.laboratory.pair_requests import JointShots, ReadoutReferences
from qdash_tasks.laboratory.program import IQ, ProgramAnswer, Signs
from qdash_tasks.laboratory.requests import (
    Chevron,
    PulseTrain,
    QubitScan,
    Rabi,
    RabiAmplitude,
    Ramsey,
    ReadoutScan,
    Relaxation,
    SimultaneousSequences,
    SingleShots,
)
from qdash_tasks.laboratory.shots import Shots
from qdash_tasks.laboratory.trace import ShotRecord, Trace

from ...case_tables import each_case
from .player import ONE, ZERO, Player, resonant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_tasks.laboratory.compiled_request import Compiled, Setup
    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.laboratory.program import Play, Program
    from qdash_tasks.laboratory.request import Request

LENGTHS_NS = np.linspace(0.0, 80.0, 9)
RABI, HALF = Rabi(LENGTHS_NS), RabiAmplitude(np.array([0.05]), 40.0)
SHOTS = Shots(count=200)


def player(limits: Limits | None = None, **options: Any) -> Player:
    """Return a player of qubits driven on resonance."""
    return Player(limits, qubits=dict.fromkeys("012", resonant()), **options)


def answers(
    laboratory: Player, requests: Sequence[Request], *, target: str = "0", shots: Shots = SHOTS
) -> Sequence[Answer]:
    """Return the answers to the requests of one target."""
    found = measure_targets(laboratory, {target: requests}, shots)[target]
    if isinstance(found, Exception):
        raise found
    return found


def excited(answer: Answer) -> Any:
    """Return the excited population at each point."""
    return np.real((answer.iq - ZERO) / (ONE - ZERO))


def test_all_means_are_one_call_and_all_single_shots_another() -> None:
    laboratory = player()
    asked = [RABI, SingleShots(1), HALF, SingleShots(0)]
    found = answers(laboratory, asked)
    assert [(len(programs), shots.keep) for programs, shots in laboratory.calls] == [
        (10, "mean"),
        (2, "each"),
    ]
    assert excited(found[0]) == pytest.approx((1 - np.cos(np.pi * LENGTHS_NS / 40)) / 2, abs=1e-9)
    assert excited(found[1]) == pytest.approx(np.ones(200))
    assert excited(found[2]) == pytest.approx([0.5])
    assert {shots.count for _, shots in laboratory.calls} == {200}
    assert [one.began_s for one in found] == [100.0, 200.0, 100.0, 200.0]


def test_points_of_different_targets_share_programs() -> None:
    laboratory = player()
    found = measure_targets(laboratory, {"0": [RABI, HALF], "2": [HALF]}, SHOTS)
    ((programs, _),) = laboratory.calls
    read = ["".join(one.qid for one in program.readouts) for program in programs]
    assert read == ["02"] + ["0"] * 9
    assert not [one for one in found.values() if isinstance(one, Exception)]
    assert excited(found["2"][0]) == pytest.approx([0.5])  # type: ignore[index]
    assert excited(found["0"][0])[4] == pytest.approx(1.0)  # type: ignore[index]


@pytest.mark.parametrize(
    ("limits", "chi2"),
    [
        (Limits(covariances=True), 1.0),
        pytest.param(Limits(), 1.0, marks=pytest.mark.slow),
        pytest.param(Limits(keeps=frozenset({"each"})), 1.0, marks=pytest.mark.slow),
        # Errors estimated from nine degrees of freedom scatter themselves: <chi2> = 9 / 7.
        (Limits(keeps=frozenset({"mean"})), 9 / 7),
        pytest.param(Limits(keeps=frozenset({"mean"}), programs_a_call=4), 9 / 7, marks=pytest.mark.slow),
        (Limits(single_shot_programs_a_call=1), 9 / 7),
    ],
)
def test_noise_is_honest_however_it_is_known(limits: Limits, chi2: float) -> None:
    laboratory, points = player(limits, noise=1.0), 250
    asked = RabiAmplitude(np.full(points, 0.05), 40.0)
    (trace,) = answers(laboratory, [asked], shots=Shots(count=100))
    assert isinstance(trace, Trace)
    assert sum(shots.count * len(programs) for programs, shots in laboratory.calls) == 100 * points
    off = trace.iq - (ZERO + ONE) / 2
    for rest, sigma in ((off.real, trace.sigma.real), (off.imag, trace.sigma.imag)):
        # The mean of chi2 has an error of sqrt(2 / 250), that of sigma squared, from blocks, of sqrt(2 / (9 * 250)).
        assert np.mean((rest / sigma) ** 2) == pytest.approx(chi2, abs=4 * np.sqrt(2 / points) * chi2)
        assert np.mean(sigma**2) == pytest.approx(np.var(rest), rel=4 * np.sqrt(2 / points))
    # I and Q of two points in the plane are anticorrelated: each shot is at one of them.
    assert np.mean(trace.covariance) == pytest.approx(-0.91 / 4 / 100, rel=0.2)


@each_case(
    ("limits", "played"),
    [
        (Limits(covariances=True), (1, 64, "mean")),
        (Limits(), (1, 64, "each")),
        (Limits(single_shot_programs_a_call=1), (10, 7, "mean")),
        (Limits(single_shot_programs_a_call=1, keeps=frozenset({"each"})), (1, 64, "each")),
        (Limits(keeps=frozenset({"mean"})), (10, 7, "mean")),
    ],
)
def test_shots_are_kept_in_the_way_that_tells_the_noise(limits: Limits, played: tuple[int, int, str]) -> None:
    laboratory = player(limits)
    answers(laboratory, [HALF], shots=Shots(count=64))
    ((programs, shots),) = laboratory.calls
    assert (len(programs), shots.count, shots.keep) == played


def test_blocks_are_at_least_seven_and_one_after_the_other() -> None:
    laboratory = player(Limits(keeps=frozenset({"mean"})))
    answers(laboratory, [Rabi(np.array([0.0, 40.0]))], shots=Shots(count=1))
    ((programs, shots),) = laboratory.calls
    assert shots.count == 1
    assert [len(one.plays) for one in programs] == [0, 1] * 7


def test_fewer_blocks_are_refused_by_name() -> None:
    with pytest.raises(
        InvalidInputError, match=r"Hasty\.blocks is 6: estimating noise needs at least 7 blocks"
    ):
        type("Hasty", (Player,), {"blocks": 6})


def test_one_shot_does_not_tell_how_well_its_mean_is_known() -> None:
    with pytest.raises(InvalidInputError, match="0: the error of a point cannot be estimated from one shot"):
        answers(player(Limits()), [HALF], shots=Shots(count=1))
    (record,) = answers(player(Limits()), [SingleShots(0)], shots=Shots(count=1))
    assert record.iq.shape == (1,)


def test_a_call_takes_no_more_programs_than_it_can() -> None:
    limits = Limits(covariances=True, programs_a_call=4, single_shot_programs_a_call=1)
    laboratory = player(limits)
    found = answers(laboratory, [RABI, SingleShots(1), SingleShots(0)])
    assert [len(programs) for programs, _ in laboratory.calls] == [3, 3, 3, 1, 1]
    assert excited(found[0]) == pytest.approx((1 - np.cos(np.pi * LENGTHS_NS / 40)) / 2, abs=1e-9)
    assert [excited(one)[0] for one in found[1:]] == pytest.approx([1.0, 0.0])


@each_case(
    ("limits", "calls"),
    [
        (Limits(programs_a_call=4), [(4, "each"), (3, "each"), (3, "each")]),
        (Limits(programs_a_call=4, single_shot_programs_a_call=6), [(5, "each"), (5, "each")]),
        (
            Limits(programs_a_call=50, single_shot_programs_a_call=1),
            [(45, "mean"), (45, "mean"), (1, "each")],
        ),
        (Limits(programs_a_call=4, keeps=frozenset({"each"})), [(4, "each"), (3, "each"), (3, "each")]),
    ],
)
def test_a_limit_of_programs_holds_however_shots_are_kept(
    limits: Limits, calls: list[tuple[int, str]]
) -> None:
    laboratory = player(limits)
    answers(laboratory, [RABI, SingleShots(1)])
    assert [(len(programs), shots.keep) for programs, shots in laboratory.calls] == calls


def frequencies(programs: Sequence[Program]) -> set[tuple[Any, ...]]:
    """Return generators and readouts with their frequencies."""
    plays = {(play.line, play.toward, play.frequency_ghz) for one in programs for play in one.plays}
    return plays | {(readout.qid, readout.frequency_ghz) for one in programs for readout in one.readouts}


def test_generators_keep_their_frequencies_within_a_call_where_they_have_to() -> None:
    laboratory = player(Limits(covariances=True, frequencies_change=False))
    map_ghz = np.array([4.99, 5.0, 5.01])
    asked = [
        Chevron(LENGTHS_NS[1:], map_ghz),
        QubitScan(map_ghz[::-1].copy(), 0.01),
        ReadoutScan(np.array([6.9, 7.0])),
    ]
    found = answers(laboratory, [*asked, HALF])
    assert [len(programs) for programs, _ in laboratory.calls] == [10, 10, 9, 1]
    for programs, _ in laboratory.calls:
        named = [key for *key, _ in frequencies(programs)]
        assert len(named) == len({tuple(one) for one in named})
    easy = answers(player(), [*asked, HALF])
    for one, other in zip(found, easy, strict=True):
        assert one.iq == pytest.approx(other.iq)


TURNS_DEG = (30.0, -70.0, 120.0, 5.0, 200.0)


@each_case(
    "limits",
    [
        Limits(covariances=True, programs_a_call=4),
        Limits(covariances=True, frequencies_change=False),
        Limits(keeps=frozenset({"each"}), single_shot_programs_a_call=5),
        Limits(keeps=frozenset({"mean"}), programs_a_call=12),
    ],
)
def test_points_of_several_calls_are_on_one_plane(limits: Limits) -> None:
    laboratory = player(replace(limits, plane_turns=True), turns_deg=TURNS_DEG)
    asked = [Chevron(np.array([0.0, 40.0, 80.0]), np.array([4.9875, 5.0, 5.0125])), HALF]
    found = answers(laboratory, asked)
    assert len(laboratory.calls) > 2
    turn = np.exp(1j * np.deg2rad(TURNS_DEG[0]))
    for one, other in zip(found, answers(player(), asked), strict=True):
        # Blocks estimate noise from their scatter, and these are exact except for rotations.
        assert one.iq == pytest.approx(other.iq * turn, abs=1e-6)


def test_single_shots_are_on_the_plane_of_the_means_of_their_call() -> None:
    laboratory = player(Limits(covariances=True, plane_turns=True), turns_deg=TURNS_DEG)
    means, record = answers(laboratory, [Rabi(np.array([0.0, 40.0])), SingleShots(1)])
    assert isinstance(record, ShotRecord)
    assert record.iq == pytest.approx(np.full(200, means.iq[1]), abs=1e-6)


ONE_FREQUENCY = Limits(covariances=True, frequencies_change=False, plane_turns=True)


def test_readout_frequencies_that_have_planes_of_their_own_are_refused_by_name() -> None:
    laboratory = player(ONE_FREQUENCY, turns_deg=TURNS_DEG)
    scan, both = ReadoutScan(np.array([6.9, 7.0]), state=0), [ReadoutScan(np.array([7.1])), RABI]
    found = measure_targets(laboratory, {"0": [scan], "1": both, "2": [RABI]}, SHOTS)
    for target, name in (("0", "ReadoutScan"), ("1", "Rabi")):
        with pytest.raises(
            InvalidInputError, match=f"{target}: {name} reads qubit {target} at several frequ"
        ):
            raise found[target]  # type: ignore[misc]
    assert not isinstance(found["2"], Exception)
    assert {
        readout.qid for programs, _ in laboratory.calls for one in programs for readout in one.readouts
    } == {"2"}


def test_one_readout_frequency_beside_that_in_use_has_one_plane() -> None:
    laboratory = player(replace(ONE_FREQUENCY, programs_a_call=2), turns_deg=TURNS_DEG)
    asked = [ReadoutScan(np.array([7.1]), state=state) for state in (0, 0, 1)]
    zero, _, one = answers(laboratory, asked)
    assert len(laboratory.calls) == 3
    turn = np.exp(1j * np.deg2rad(TURNS_DEG[0]))
    assert [zero.iq[0], one.iq[0]] == pytest.approx([ZERO * turn, ONE * turn])


def test_one_call_needs_no_reference() -> None:
    laboratory = player(Limits(covariances=True, plane_turns=True), turns_deg=TURNS_DEG)
    answers(laboratory, [RABI, HALF])
    assert [len(programs) for programs, _ in laboratory.calls] == [10]


@each_case(
    "limits",
    [
        Limits(covariances=True, programs_a_call=2, plane_turns=True),
        Limits(keeps=frozenset({"mean"}), programs_a_call=7, plane_turns=True),
        Limits(keeps=frozenset({"mean"}), programs_a_call=64, plane_turns=True),
    ],
)
def test_the_noise_of_the_reference_is_in_that_of_the_points(limits: Limits) -> None:
    laboratory = player(limits, noise=1.0, turns_deg=TURNS_DEG)
    (trace,) = answers(laboratory, [RabiAmplitude(np.full(100, 0.1), 40.0)], shots=Shots(count=50))
    assert isinstance(trace, Trace)
    # The angle of the first plane is the same for all. The mean square of 100 points scatters by a tenth.
    off = trace.iq - trace.iq.mean()
    assert np.mean(np.abs(off) ** 2) == pytest.approx(np.mean(np.abs(trace.sigma) ** 2), rel=0.4)


def test_no_room_for_a_reference_is_said() -> None:
    laboratory = player(Limits(covariances=True, programs_a_call=1, plane_turns=True))
    with pytest.raises(InvalidInputError, match="no room for a reference"):
        answers(laboratory, [RABI])


def test_single_shots_without_room_for_a_reference_are_refused_alone() -> None:
    laboratory = player(
        Limits(plane_turns=True, programs_a_call=32, single_shot_programs_a_call=1), turns_deg=TURNS_DEG
    )
    found = measure_targets(laboratory, {"0": [SingleShots(0), SingleShots(1)], "1": [RABI]}, SHOTS)
    with pytest.raises(
        InvalidInputError, match=r"0: SingleShots: .* 1 programs with every shot kept, which leaves no room"
    ):
        raise found["0"]  # type: ignore[misc]
    assert not isinstance(found["1"], Exception)
    assert {shots.keep for _, shots in laboratory.calls} == {"mean"}


class NoSingleShots(Player):
    """A player whose digitizer fails for single shots."""

    def play(self, programs: Sequence[Program], shots: Shots) -> list[ProgramAnswer]:
        if shots.keep == "each":
            raise BackendError("out of memory")
        return super().play(programs, shots)


def test_what_was_measured_before_a_call_failed_is_answered() -> None:
    found = measure_targets(NoSingleShots(), {"0": [RABI], "1": [SingleShots(1)], "2": [RABI]}, SHOTS)
    assert not isinstance(found["0"], Exception)
    assert not isinstance(found["2"], Exception)
    with pytest.raises(BackendError, match="out of memory"):
        raise found["1"]  # type: ignore[misc]


class Sent(Player):
    """A player whose generators on the line of qubit 1 mirror phases."""

    def signs(self, play: Play) -> Signs:
        return Signs(phase=-1) if play.line == "1" else Signs(envelope=-1)


def test_signs_are_applied_to_what_is_sent() -> None:
    laboratory = Sent(qubits=dict.fromkeys("012", resonant(drag_pi_amplitude=0.2, drag_pi_beta_ns=0.5)))
    ramsey = Ramsey(np.array([0.1]), 1.0)
    measure_targets(laboratory, {"0": [SingleShots(1)], "1": [ramsey]}, SHOTS)
    plays = [play for programs, _ in laboratory.calls for one in programs for play in one.plays]
    assert [play.waveform.beta_ns for play in plays if play.line == "0"] == [-0.5]
    assert max(play.phase_rad for play in plays) == 0.0
    assert min(play.phase_rad for play in plays) == pytest.approx(-0.2 * np.pi)


@pytest.mark.parametrize("kind", [Player, Sent])
def test_blocks_are_the_same_programs_again(kind: type[Player]) -> None:
    laboratory = kind(Limits(keeps=frozenset({"mean"}), programs_a_call=40))
    answers(laboratory, [RABI], target="1")
    played = [program for programs, _ in laboratory.calls for program in programs]
    assert len(played) == 90
    assert len({id(program) for program in played}) == 9


class Failing(Player):
    """A player that modifies its answers."""

    def __init__(self, change: Any) -> None:
        super().__init__(qubits=dict.fromkeys("012", resonant()))
        self.change = change

    def play(self, programs: Sequence[Program], shots: Shots) -> Any:
        return self.change(super().play(programs, shots))


def of_qubit(qid: str, **changes: Any) -> Any:
    """Return a function that changes the answer of one qubit in the third program."""

    def change(given: list[ProgramAnswer]) -> list[ProgramAnswer]:
        third = given[2]
        iq = {**third.iq, qid: replace(third.iq[qid], **changes)}
        return [*given[:2], replace(third, iq=iq), *given[3:]]

    return change


def failed(qid: str) -> Any:
    """Return a function that reports a failure of one qubit in the third program."""
    return lambda given: [*given[:2], replace(given[2], failed={qid: "no lock"}), *given[3:]]


@each_case(
    ("change", "message"),
    [
        (failed("1"), "Failing.play, program 3 of 9: 1: no lock"),
        (
            of_qubit("1", mean=np.zeros(2, dtype=complex)),
            r"program 3 of 9: 1: mean has shape \(2,\), not \(1,\)",
        ),
        (of_qubit("1", mean=np.zeros(1)), "program 3 of 9: 1: mean is of float64, not of complex numbers"),
        (
            of_qubit("1", mean=np.array([np.nan + 0j])),
            "program 3 of 9: 1: mean has values that are not finite",
        ),
        (of_qubit("1", covariance=np.eye(2)), r"covariance has shape \(2, 2\), not \(1, 2, 2\)"),
        (
            of_qubit("1", covariance=np.zeros((1, 2, 2))),
            "covariance must be symmetric with positive variances",
        ),
        (
            of_qubit("1", covariance=np.array([[[1.0, 2.0], [2.0, 1.0]]])),
            "larger than that of two quadratures",
        ),
        (
            of_qubit("1", covariance=None),
            "1: the answer has no covariance, although `limits.covariances` declares one",
        ),
        (
            of_qubit("1", mean=[[1.0], [1.0, 2.0]]),
            "program 3 of 9: 1: invalid answer: .*inhomog",
        ),
        (
            lambda given: [replace(one, iq={"0": one.iq["0"]}) for one in given],
            "program 1 of 9: 1 was read, but has no IQ data",
        ),
    ],
)
def test_the_failure_of_one_qubit_is_that_of_its_target(change: Any, message: str) -> None:
    found = measure_targets(Failing(change), {"0": [RABI], "1": [RABI]}, SHOTS)
    assert not isinstance(found["0"], Exception)
    with pytest.raises(BackendError, match=message):
        raise found["1"]  # type: ignore[misc]


@each_case(
    ("change", "message"),
    [
        (lambda given: given[:-1], "Failing.play returned 8 answers to 9 programs"),
        (iter, "Failing.play returned a list_iterator of answers to 9 programs"),
        (
            lambda given: [SimpleNamespace()] * 9,
            "program 1 of 9: a SimpleNamespace instead of a ProgramAnswer",
        ),
        (lambda given: 1 / 0, "division by zero"),
    ],
)
def test_a_call_that_fails_fails_for_all(change: Any, message: str) -> None:
    found = measure_targets(Failing(change), {"0": [RABI], "1": [RABI]}, SHOTS)
    for one in found.values():
        with pytest.raises((BackendError, ZeroDivisionError), match=message):
            raise one  # type: ignore[misc]


def test_each_shot_is_asked_for_in_the_shape_of_shots_and_readouts() -> None:
    laboratory = Failing(lambda given: [ProgramAnswer(iq={"0": IQ(np.zeros(1, complex))}) for _ in given])
    with pytest.raises(BackendError, match="0: each is missing"):
        answers(laboratory, [SingleShots(1)])


def test_a_mean_beside_every_shot_has_its_shape() -> None:
    given = IQ(np.zeros(2, complex), np.zeros((200, 1), complex))
    with pytest.raises(BackendError, match=r"0: mean has shape \(2,\), not \(1,\)"):
        answers(
            Failing(lambda programs: [ProgramAnswer(iq={"0": given}) for _ in programs]), [SingleShots(1)]
        )


class Discriminating(Player):
    """A player that returns 0 or 1 for every shot, and always 0 for qubit 2."""

    def play(self, programs: Sequence[Program], shots: Shots) -> list[ProgramAnswer]:
        def told(qid: str, given: IQ) -> IQ:
            assert given.each is not None
            each = (np.abs(given.each - ONE) < np.abs(given.each - ZERO)) * (qid != "2") + 0j
            return IQ(each.mean(axis=0), each)

        return [
            replace(one, iq={qid: told(qid, given) for qid, given in one.iq.items()})
            for one in super().play(programs, shots)
        ]


@pytest.mark.parametrize(
    ("keeps", "floor", "message"),
    [("each", 0.1 / 200, "all 200 shots"), ("mean", 0.1 / 200, "all 10 shots")],
)
def test_points_of_equal_shots_have_an_error_of_about_one_of_them(
    keeps: str, floor: float, message: str
) -> None:
    laboratory = Discriminating(
        Limits(keeps=frozenset({keeps})), qubits=dict.fromkeys("012", resonant()), noise=0.01
    )
    found = measure_targets(laboratory, {"0": [RABI], "2": [RABI]}, SHOTS)
    (trace,) = found["0"]  # type: ignore[misc]
    assert trace.iq[0] == 0
    assert floor < trace.sigma[0].real < 0.03
    with pytest.raises(InvalidInputError, match=rf"2: Rabi: qubit 2: {message} .* of every point are equal"):
        raise found["2"]  # type: ignore[misc]


def test_a_pair_fails_with_either_qubit() -> None:
    asked = [ReadoutReferences("0", "1"), JointShots("0", "1", prepare="11")]
    assert [one.iq.shape for one in answers(player(), asked, target="0-1")] == [(2, 2), (200, 2)]
    with pytest.raises(BackendError, match="1: no lock"):
        answers(
            Failing(lambda given: [replace(one, failed={"1": "no lock"}) for one in given]),
            asked,
            target="0-1",
        )


def test_a_line_that_was_not_played_fails_what_it_belongs_to() -> None:
    beside = SimultaneousSequences(np.array([1.0, 2.0]), simultaneous_with=frozenset("1"))
    laboratory = Failing(lambda given: [replace(one, failed={"1": "amplifier off"}) for one in given])
    found = measure_targets(laboratory, {"0": [beside], "2": [RABI]}, SHOTS)
    with pytest.raises(BackendError, match="1: amplifier off"):
        raise found["0"]  # type: ignore[misc]
    assert not isinstance(found["2"], Exception)


def test_what_cannot_be_compiled_fails_alone() -> None:
    found = measure_targets(player(), {"0": [RABI], "1-2": [JointShots("1", "2", prepare="bell")]}, SHOTS)
    assert isinstance(found["1-2"], InvalidInputError)
    assert not isinstance(found["0"], Exception)


class Sweeping(Player):
    """A player with its own amplitude sweep."""

    def answer(self, target: str, request: Request, shots: Shots) -> Answer | None:
        if not isinstance(request, RabiAmplitude):
            return None
        if target == "1":
            raise BackendError("the sweep is out of memory")
        return Trace.from_shots(request.x, np.array([[1.0, 2.0 + 1j]]))


def test_an_adapter_can_answer_a_request_by_itself() -> None:
    laboratory = Sweeping(qubits=dict.fromkeys("012", resonant()))
    found = measure_targets(laboratory, {"0": [RABI, HALF], "1": [RABI, HALF]}, SHOTS)
    assert isinstance(found["1"], BackendError)
    rabi, half = found["0"]  # type: ignore[misc]
    assert excited(rabi)[4] == pytest.approx(1.0)
    assert half.iq.tolist() == [1.5 + 0.5j]
    assert [len(programs) for programs, _ in laboratory.calls] == [9]


def test_what_play_raises_names_the_adapter_and_its_line() -> None:
    class Failing(Player):
        def play(self, programs: Sequence[Program], shots: Shots) -> list[ProgramAnswer]:
            raise RuntimeError("sequencer 3: underrun")

    with pytest.raises(
        BackendError,
        match=r"^Failing\.play raised RuntimeError: sequencer 3: underrun \(test_playing_requests\.py:\d+\)$",
    ):
        answers(Failing(), [RABI])


def test_a_request_that_does_not_say_what_is_played_is_refused() -> None:
    class Unknown(Relaxation):
        compiled = Relaxation.__mro__[1].compiled

    laboratory = player()
    laboratory.requests = frozenset({Unknown})  # type: ignore[misc]
    with pytest.raises(InvalidInputError, match="Unknown has no `compiled`"):
        answers(laboratory, [Unknown(np.array([1.0]))])


def test_a_request_with_another_number_of_points_than_programs_is_missed() -> None:
    class Wrong(PulseTrain):
        def compiled(self, target: str, at: Any) -> Any:
            whole = super().compiled(target, at)
            return replace(whole, programs=whole.programs[1:])

    laboratory = player()
    laboratory.requests = frozenset({Wrong})  # type: ignore[misc]
    with pytest.raises(BackendError, match="0: Wrong was compiled to 2 points, and has 3"):
        answers(laboratory, [Wrong(np.arange(3.0), resonant().x90)])


def test_single_shots_are_not_supported_where_none_are_kept() -> None:
    laboratory = player(Limits(keeps=frozenset({"mean"})))
    assert not laboratory.supports(SingleShots)
    with pytest.raises(
        InvalidInputError, match="SingleShots needs single shots, which this laboratory does not keep"
    ):
        answers(laboratory, [SingleShots(0)])


def test_an_answer_of_another_call_is_not_put_beside_others_where_the_plane_turns() -> None:
    limits = Limits(plane_turns=True, covariances=True)
    laboratory = Sweeping(limits, qubits=dict.fromkeys("012", resonant()))
    _, half = answers(laboratory, [RABI, HALF])
    assert excited(half)[0] == pytest.approx(0.5)
    assert answers(laboratory, [HALF])[0].iq.tolist() == [1.5 + 0.5j]


class Impatient(Relaxation):
    """A relaxation that changes a setting during its compilation."""

    laboratory: Player

    def compiled(self, target: str, at: Setup) -> Compiled:
        self.laboratory.adjust(target, {"pi_amplitude": 0.05})
        return super().compiled(target, at)


def test_settings_are_those_of_the_moment_when_a_call_begins() -> None:
    laboratory = player()
    laboratory.requests = laboratory.requests | {Impatient}  # type: ignore[misc]  # of this instance
    Impatient.laboratory = laboratory
    answers(laboratory, [Impatient(np.array([0.0, 1.0]))])
    amplitudes = {play.amplitude for program in laboratory.calls[0][0] for play in program.plays}
    assert list(amplitudes) == pytest.approx([0.2])
    assert laboratory.settings["0"].pi_amplitude == 0.05
