"""Agreement of standard requests through qubex on a twin with the closed forms of that twin: schedules,
samples and captures.

Compiled programs pass through qubex' own schedules and payloads, are recognised again, solved, and return
through its result classes. Signals are compared at a thousand million shots, in units of the distance between
|0> and |1>; the approximations of the closed forms are listed in
`tests/fake/pulse_level/test_same_as_closed_form.py`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_core import BackendContext
from qdash_fake.laboratory import TwinLaboratory
from qdash_fake.physics.streams import stream
from qdash_qubex.backend import QubexBackend
from qdash_tasks.laboratory.calls import measure_targets
from qdash_tasks.laboratory.program import Play, Program, Readout, Waveform
from qdash_tasks.laboratory.shots import Shots
from tests.fake.pulse_level.both_twins import BothTwins
from tests.fake.pulse_level.standard_requests import on_a_coupling, on_a_qubit

from .conftest import CHIP

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from qdash_qubex.laboratory import QubexLaboratory
    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.laboratory.request import Request

    from .conftest import QubexBench

pytestmark = pytest.mark.slow

READ = Readout(qid="0", start_ns=0.0, length_ns=400.0, frequency_ghz=7.0, amplitude=0.1)
MANY, EACH = 10**9, 20_000
INTERVAL_US = 500.0
USUAL = 1e-3
ALLOWED = {
    # A laboratory saturates a qubit for 200 us, the closed form until the steady state.
    "QubitScan, 0.2 MHz": 0.1,
    "QubitScan, 2 MHz": 0.06,
    "Chevron, 0.8 of full scale": 0.02,
    "PulseTrain": 0.008,
    "DragScan": 0.003,
    "CrossResonance": 0.006,
    "GateTrain": 0.01,
    "RandomPairSequences": 0.03,
}


@pytest.fixture(scope="module")
def backend(bench: QubexBench) -> Iterator[QubexBackend]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in bench.environment.items():
            patch.setenv(name, value)
        backend = QubexBackend()
        backend.context = BackendContext("default", CHIP, bench.qids, bench.home)
        backend.connect()
        yield backend
        backend.disconnect()


@pytest.fixture(scope="module")
def laboratory(backend: QubexBackend) -> QubexLaboratory:
    return backend.laboratory


class Through(BothTwins):
    """The closed form of a twin, and the same twin played through qubex."""

    played: QubexLaboratory

    def answers(self, target: str, request: Request, shots: Shots) -> tuple[Answer, Answer]:
        """Return the answers of the closed form and of the played pulses, with the same random sequences."""
        closed = TwinLaboratory(self.chip, number=1)
        # Single shots of this number would not fit in memory.
        keeps = frozenset({"mean", "each"} if request.single_shots else {"mean"})
        self.played.limits = replace(self.played.limits, keeps=keeps)
        self.played.rng = lambda: stream(self.chip.seed, "session", 1, target, 1)  # type: ignore[method-assign]
        found = []
        for laboratory in (closed, self.played):
            for qid, values in self.changes.items():
                laboratory.adjust(qid, values)
            answers = measure_targets(laboratory, {target: [request]}, shots)[target]
            if isinstance(answers, Exception):
                raise answers
            found.append(answers[0])
        return found[0], found[1]


@pytest.fixture(scope="module")
def through(bench: QubexBench, laboratory: QubexLaboratory) -> Through:
    both = Through(bench.truth)
    both.played = laboratory
    both.calibrate(*bench.qids)
    for values in both.changes.values():
        values["readout_length_ns"] = 1200.0
    return both


def once_each(requests: Mapping[str, Request]) -> Mapping[str, Request]:
    """Return one request of each kind, with few points."""
    first = {type(request): (what, request) for what, request in reversed(requests.items())}
    return {what: sparse(request) for what, request in first.values()}


def sparse(request: Request) -> Request:
    """Return a request with every tenth of its points."""
    return replace(request, **{request.swept: request.x[::10]}) if request.swept else request


def agree(through: Through, name: str, requests: Mapping[str, Request]) -> None:
    for what, request in requests.items():
        count = EACH if request.single_shots else MANY
        allowed = next((size for start, size in ALLOWED.items() if what.startswith(start)), USUAL)
        shots = Shots(count=count, reset="passive", interval_us=INTERVAL_US)
        for difference in through.differences(name, request, shots):
            # There are fewer single shots: five additional standard errors, one in a million.
            assert (np.abs(difference.values) < allowed + 5 * difference.errors).all(), what


def test_every_request_on_a_qubit_gives_the_same(through: Through) -> None:
    agree(through, "0", once_each(on_a_qubit(through.settings("0"))))


def test_a_detuned_drive_and_a_wrong_beta_are_felt_alike(through: Through, bench: QubexBench) -> None:
    """A mirrored phase would reverse a fringe, and a mirrored envelope would find the opposite beta."""
    right = dict(through.changes["0"])
    through.changes["0"] |= {
        "drive_frequency_ghz": right["drive_frequency_ghz"] - 0.4e-3,
        "drag_hpi_beta_ns": -0.5,
    }
    requests = on_a_qubit(through.settings("0"))
    chosen = ("Ramsey, +1 MHz", "Ramsey, -1 MHz", "DragScan, X90")
    agree(through, "0", {what: sparse(requests[what]) for what in chosen})
    through.changes["0"] = right


def test_every_request_on_a_coupling_gives_the_same(through: Through, bench: QubexBench) -> None:
    control, target = sorted(bench.qids, key=lambda qid: -bench.truth.qubits[qid].frequency_ghz)
    target_ghz = through.settings(target).drive_frequency_ghz
    agree(through, "0-1", once_each(on_a_coupling(control, target, target_ghz)))


def measurement(backend: QubexBackend, **config: Any) -> Any:
    """Return qubex' result of an X180 on qubit 0 that is read twice, 200 us apart, in a chosen mode."""
    from qdash_qubex.library.schedules import Schedule

    experiment = backend.get_instance()
    schedule = Schedule(0.4, 0.8)
    settings = backend.laboratory.settings["0"]
    pulse = Waveform("cosine", 40.0)
    ghz = settings.drive_frequency_ghz
    schedule.play(
        "Q0",
        Play(line="0", start_ns=0.0, waveform=pulse, amplitude=settings.x180.amplitude, frequency_ghz=ghz),
    )
    for qid in ("0", "1"):
        for start_ns in (40.0, 200_000.0):
            ghz = backend.laboratory.settings[qid].readout_frequency_ghz
            schedule.read(f"RQ{qid}", replace(READ, qid=qid, start_ns=start_ns, frequency_ghz=ghz))
    built = schedule.measurement(experiment.measurement)
    service = experiment.measurement.execution_service
    asked = service.create_measurement_config(n_shots=200, shot_interval=500e3, **config)
    from qubex.core.async_bridge import get_shared_async_bridge

    run = lambda: service.run_measurement(schedule=built, config=asked)  # noqa: E731
    return get_shared_async_bridge(key="seam").run_without_timeout(run)


@pytest.mark.parametrize("averaged", [True, False])
@pytest.mark.parametrize("integrated", [True, False])
def test_all_capture_modes_tell_the_same(
    backend: QubexBackend, through: Through, *, averaged: bool, integrated: bool
) -> None:
    for qid, values in through.changes.items():
        backend.laboratory.adjust(qid, values)
    result = measurement(
        backend, shot_averaging=averaged, time_integration=integrated, state_classification=False
    )
    shape = (() if averaged else (200,)) + (() if integrated else (500,))
    changed = []
    for label in ("Q0", "Q1"):
        captures = result.data[label]
        assert [np.shape(one.data) for one in captures] == [shape, shape]
        assert {one.sampling_period for one in captures} == {0.8}
        values = [np.asarray(one.data) / (500 if integrated else 1) for one in captures]
        excited, later = (complex(one.mean()) for one in values)
        # Qubit 0 has mostly relaxed at its second readout; qubit 1 was never excited.
        changed.append(abs(excited - later))
    # The means of 200 shots differ by noise of 0.002 (one standard deviation), by more than 0.008 once in 3,000 times.
    assert changed[0] > 3 * changed[1]


def test_programs_of_one_call_that_are_equal_are_solved_once(
    laboratory: QubexLaboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    import qdash_fake.pulse_level.laboratory as pulse_level

    solved = []
    original = pulse_level.solve_program
    monkeypatch.setattr(
        pulse_level, "solve_program", lambda chip, one: solved.append(one) or original(chip, one)
    )
    ghz = laboratory.settings["0"].readout_frequency_ghz
    one = Program((), (replace(READ, frequency_ghz=ghz),))
    laboratory.play([one, replace(one), one], Shots(count=10))
    assert len(solved) == 1


def test_what_the_twin_cannot_play_is_said_with_the_qubit(laboratory: QubexLaboratory) -> None:
    ghz = laboratory.settings["0"].drive_frequency_ghz
    pulse = Play(
        line="0", start_ns=0.0, waveform=Waveform("square", 2000.0), amplitude=0.1, frequency_ghz=ghz
    )
    tone = replace(pulse, toward="1", frequency_ghz=laboratory.settings["1"].drive_frequency_ghz)
    readouts = tuple(
        replace(
            READ, qid=qid, start_ns=start_ns, frequency_ghz=laboratory.settings[qid].readout_frequency_ghz
        )
        for qid, start_ns in (("0", 2000.0), ("1", 2400.0))
    )
    with pytest.raises(Exception, match=r"qubit 0 cannot be played: .*read them once, at the same time"):
        laboratory.play([Program((pulse, tone), readouts)], Shots(count=10))
