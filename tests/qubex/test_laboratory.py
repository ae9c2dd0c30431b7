"""Payloads of programs at qubex' controller: times, generators, frequencies, phases, gains, captures."""

from __future__ import annotations

import math
import threading
import tracemalloc
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_core.errors import InvalidInputError
from qdash_qubex.errors import ConnectionLostError
from qdash_qubex.laboratory import QubexLaboratory
from qdash_qubex.limits import TIMINGS
from qdash_tasks.laboratory.calls import measure_targets
from qdash_tasks.laboratory.program import Play, Program, Readout, Waveform
from qdash_tasks.laboratory.requests import Rabi, Relaxation
from qdash_tasks.laboratory.shots import Shots

from .sessions import configured, controller_of, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_qubex.backend import QubexBackend
    from qdash_qubex.system_config import Kind
    from qdash_tasks.laboratory.program import ProgramAnswer

pytestmark = pytest.mark.slow

F0, F1 = 4.3416, 4.8055
"""Frequencies that differ from the configured ones."""
SIGNAL = 0.25 - 0.5j
X90 = Waveform("cosine", 40.0, beta_ns=0.25)
READ = Readout(qid="0", start_ns=240.0, length_ns=400.0, frequency_ghz=6.2001, amplitude=0.1)
READ_1 = replace(READ, qid="1", frequency_ghz=6.25)


def pulse(start_ns: float = 0.0, **changes: Any) -> Play:
    return replace(
        Play(line="0", start_ns=start_ns, waveform=X90, amplitude=0.2, frequency_ghz=F0), **changes
    )


def tone(start_ns: float, **changes: Any) -> Play:
    return pulse(
        start_ns, toward="1", frequency_ghz=F1, waveform=Waveform("flat_top", 80.0, edge_ns=20.0), **changes
    )


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[QubexBackend]:
    backend = opened(configured(monkeypatch, tmp_path))
    yield backend
    backend.disconnect()


@pytest.fixture
def laboratory(backend: QubexBackend) -> QubexLaboratory:
    return backend.laboratory


def played(backend: QubexBackend, *programs: Program, **shots: Any) -> list[ProgramAnswer]:
    return list(backend.laboratory.play(programs, Shots(**{"count": 4, **shots})))


def sent(backend: QubexBackend, program: Program, **shots: Any) -> Any:
    """Return the payload of one program."""
    played(backend, program, **shots)
    return controller_of(backend).payloads[-1]


def test_a_program_keeps_its_times_frequencies_phases_and_gains(backend: QubexBackend) -> None:
    payload = sent(backend, Program((pulse(), pulse(80.4, phase_rad=0.5, amplitude=0.3)), (READ,)))
    timeline = payload.fixed_timelines["Q0"]
    first, second = timeline.events
    assert timeline.frequency_hz == pytest.approx(F0 * 1e9, abs=1e-3)
    assert (first.start_offset_ns, second.start_offset_ns) == pytest.approx((0.0, 80.4))
    assert (first.gain, second.gain) == (0.2, 0.3)
    assert (first.phase_offset_deg, second.phase_offset_deg) == pytest.approx((0.0, math.degrees(0.5)))


def test_the_shape_of_a_pulse_is_sent_once_as_it_is(backend: QubexBackend) -> None:
    payload = sent(backend, Program((pulse(), pulse(80.0)), (READ,)))
    first, second = payload.fixed_timelines["Q0"].events
    assert first.waveform_name == second.waveform_name
    shape = payload.waveform_library[first.waveform_name]
    assert shape.sampling_period_ns == 0.4
    np.testing.assert_allclose(shape.iq_array, X90.samples(0.4))


def test_a_long_wait_takes_no_memory(backend: QubexBackend) -> None:
    """A readout after 4 ms waits for ten million samples, which would take 160 MB."""
    late = Program((pulse(),), (replace(READ, start_ns=4e6),))
    played(backend, late)
    tracemalloc.start()
    try:
        played(backend, late)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16e6
    (window,) = controller_of(backend).payloads[-1].fixed_timelines["RQ0"].capture_windows
    assert window.start_offset_ns == pytest.approx(4e6)


def test_a_negative_amplitude_is_half_a_turn(backend: QubexBackend) -> None:
    (event,) = sent(backend, Program((pulse(amplitude=-0.2),), (READ,))).fixed_timelines["Q0"].events
    assert (event.gain, event.phase_offset_deg) == pytest.approx((0.2, 180.0))


def test_a_tone_goes_to_the_generator_toward_its_target(backend: QubexBackend) -> None:
    """The target's frequency differs from the configured frequency of either generator."""
    payload = sent(backend, Program((pulse(), tone(40.0), pulse(120.0)), (READ, READ_1)))
    timelines = payload.fixed_timelines
    assert set(timelines) == {"Q0", "Q0-Q1", "RQ0", "RQ1"}
    assert [event.start_offset_ns for event in timelines["Q0-Q1"].events] == [40.0]
    assert timelines["Q0-Q1"].frequency_hz == pytest.approx(F1 * 1e9, abs=1e-3)


def test_the_second_transition_has_a_generator_of_its_own(backend: QubexBackend) -> None:
    plays = (pulse(), pulse(40.0, transition="12", frequency_ghz=4.02))
    timelines = sent(backend, Program(plays, (READ,))).fixed_timelines
    assert [event.start_offset_ns for event in timelines["Q0-ef"].events] == [40.0]


def test_every_readout_is_captured_while_it_lasts(backend: QubexBackend) -> None:
    timeline = sent(backend, Program((), (READ, replace(READ, start_ns=1000.0)))).fixed_timelines["RQ0"]
    assert [(one.start_offset_ns, one.length_ns) for one in timeline.capture_windows] == [
        pytest.approx((240.0, 400.0)),
        pytest.approx((1000.0, 400.0)),
    ]
    assert [event.gain for event in timeline.events] == [0.1, 0.1]


@pytest.mark.parametrize(("keep", "mode"), [("mean", "AVERAGED_VALUE"), ("each", "VALUES_PER_ITER")])
def test_shots_and_the_wait_between_them_are_as_asked_for(
    backend: QubexBackend, keep: str, mode: str
) -> None:
    payload = sent(backend, Program((), (READ,)), count=7, keep=keep, interval_us=100.0)
    assert (payload.n_iterations, payload.shot_interval_ns, payload.capture_mode) == (7, 100_000, mode)


def test_signals_are_per_sample_whatever_the_length(backend: QubexBackend) -> None:
    program = Program((), (READ, replace(READ, start_ns=1000.0, length_ns=800.0)))
    (mean,) = played(backend, program)
    (each,) = played(backend, program, keep="each")
    np.testing.assert_allclose(mean.iq["0"].mean, [SIGNAL, 1.01 * SIGNAL])
    assert each.iq["0"].each is not None
    np.testing.assert_allclose(each.iq["0"].each, np.tile([SIGNAL, 1.01 * SIGNAL], (4, 1)))


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (Program((pulse(0.2),), (READ,)), r"begins off the grid of 0\.4 ns"),
        (Program((pulse(waveform=Waveform("square", 40.2)),), (READ,)), r"ends off the grid of 0\.4 ns"),
        (Program((), (replace(READ, start_ns=240.4),)), r"begins off the grid of 0\.8 ns"),
        (Program((), (replace(READ, length_ns=400.4),)), r"ends off the grid of 0\.8 ns"),
        (Program((pulse(), pulse(20.0)), (READ,)), "begins before the previous one has ended"),
        (Program((pulse(), pulse(40.0, frequency_ghz=4.4)), (READ,)), "a generator has only one frequency"),
        (Program((pulse(amplitude=1.1),), (READ,)), "above the full scale of 1"),
    ],
)
def test_what_would_not_be_played_as_it_stands_is_refused(
    backend: QubexBackend, program: Program, said: str
) -> None:
    with pytest.raises(InvalidInputError, match=said):
        played(backend, program)
    assert not controller_of(backend).payloads


def test_a_readout_that_follows_too_soon_where_captures_begin_early_is_refused(
    backend: QubexBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded = replace(TIMINGS["quel3"], guard=TIMINGS["quel1"].guard)
    monkeypatch.setattr("qdash_qubex.laboratory.TIMINGS", {"quel3": guarded})
    session = backend.session
    laboratory = QubexLaboratory(session.experiment, session.lines, "quel3")
    plays = (pulse(), tone(40.0))
    with pytest.raises(
        InvalidInputError,
        match="qubit 1 at 240\N{NO-BREAK SPACE}ns, 120\N{NO-BREAK SPACE}ns after a pulse: at least 128\N{NO-BREAK SPACE}ns must be free before it",
    ):
        laboratory.play([Program(plays, (READ_1,))], Shots(count=4))
    laboratory.play([Program(plays, (replace(READ_1, start_ns=248.0),))], Shots(count=4))
    assert len(controller_of(backend).payloads) == 1
    # Equal answers are refused; only the sent payloads are checked.
    measure_targets(laboratory, {"0": [Rabi(np.array([40.0, 80.0]), 0.1)]}, Shots(count=40))
    assert len(controller_of(backend).payloads) > 2
    for payload in controller_of(backend).payloads[1:]:
        (event,), (capture,) = (
            payload.fixed_timelines["Q0"].events,
            payload.fixed_timelines["RQ0"].capture_windows,
        )
        length_ns = 0.4 * len(payload.waveform_library[event.waveform_name].iq_array)
        assert capture.start_offset_ns - event.start_offset_ns - length_ns > 128.0 - 1e-6


@pytest.mark.parametrize("kind", ["quel1", "quel3"])
def test_the_guard_of_readouts_is_what_qubex_leaves_before_its_own(kind: Kind) -> None:
    from qubex.measurement.measurement_constraint_profile import MeasurementConstraintProfile

    profile = getattr(MeasurementConstraintProfile, kind)(sampling_period_ns=TIMINGS[kind].sample)
    assert TIMINGS[kind].guard == profile.final_readout_guard_duration_ns


def test_an_active_reset_is_refused(backend: QubexBackend) -> None:
    with pytest.raises(InvalidInputError, match="no active reset"):
        played(backend, Program((), (READ,)), reset="active")


def test_what_a_generator_does_not_reach_fails_its_qubit_alone(backend: QubexBackend) -> None:
    far = pulse(line="1", frequency_ghz=6.0)
    (answer,) = played(backend, Program((pulse(), far), (READ, READ_1)))
    assert set(answer.failed) == {"1"}
    assert "configured for 4.3056 to 5.3056 GHz" in answer.failed["1"]
    assert set(controller_of(backend).payloads[-1].fixed_timelines) == {"Q0", "RQ0", "RQ1"}


def test_a_tone_toward_no_neighbour_fails_its_line(backend: QubexBackend) -> None:
    (answer,) = played(backend, Program((tone(0.0, line="1"),), (READ_1,)))
    assert "no generator for the frequency of qubit 1" in answer.failed["1"]


def test_a_program_without_a_readout_left_is_not_played(backend: QubexBackend) -> None:
    lost, kept = Program((), (replace(READ, frequency_ghz=7.5),)), Program((), (READ,))
    answers = played(backend, lost, kept)
    assert [set(one.failed) for one in answers] == [{"0"}, set()]
    assert len(controller_of(backend).payloads) == 1


def test_programs_are_handed_over_some_at_a_time(backend: QubexBackend) -> None:
    """A run can be cancelled between batches; the same program is built once."""
    answers = played(backend, *[Program((), (READ,))] * 70)
    assert len(answers) == 70
    assert controller_of(backend).calls == [32, 32, 6]


def test_it_plays_in_another_thread(backend: QubexBackend) -> None:
    found: list[ProgramAnswer] = []
    thread = threading.Thread(target=lambda: found.extend(played(backend, Program((), (READ,)))))
    thread.start()
    thread.join()
    np.testing.assert_allclose(found[0].iq["0"].mean, [SIGNAL])


def test_instruments_that_do_not_answer_are_worth_another_try(backend: QubexBackend) -> None:
    controller_of(backend).failure = TimeoutError("no answer in 300 s")
    with pytest.raises(ConnectionLostError, match="no answer in 300 s"):
        played(backend, Program((), (READ,)))
    assert isinstance(ConnectionLostError(""), backend.transient_errors)


def test_an_interrupt_leaves_nothing_behind(backend: QubexBackend) -> None:
    controller_of(backend).failure = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        played(backend, Program((), (READ,)))
    controller_of(backend).failure = None
    np.testing.assert_allclose(played(backend, Program((), (READ,)))[0].iq["0"].mean, [SIGNAL])


def test_limits_are_those_of_the_generators(laboratory: QubexLaboratory) -> None:
    limits = laboratory.limits
    assert (limits.line("0").start_ns, limits.readout.start_ns) == (0.4, 0.8)
    assert limits.line("1").frequencies_ghz == (pytest.approx((4.3056, 5.3056)),)
    assert limits.readout_frequencies_ghz("1") == (pytest.approx((6.15, 6.35)),)
    assert limits.readout.frequencies_ghz == (pytest.approx((6.1, 6.35)),)
    assert limits.resets == {"passive"}
    assert limits.single_shots


def test_couplings_are_the_neighbours_of_the_run(laboratory: QubexLaboratory) -> None:
    assert set(laboratory.couplings) == {"0-1"}


@dataclass(frozen=True, eq=False)
class Rest(Relaxation):
    """A request of a plugin, which the laboratory does not list."""


def test_a_request_of_a_plugin_is_played(backend: QubexBackend) -> None:
    assert type(backend).supports_request(backend.context, Rest)
    # Equal answers are refused; only the sent payloads are checked.
    measure_targets(backend.laboratory, {"0": [Rest([1.0, 2.0])]}, Shots(count=4))
    assert len(controller_of(backend).payloads) == 2
