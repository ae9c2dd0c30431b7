"""Recording of a laboratory, and replay."""

from __future__ import annotations

import gc
import json
import weakref
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_core.backends.base import BackendContext
from qdash_core.errors import BackendError, InvalidInputError
from qdash_tasks.laboratory.backend import get_laboratory
from qdash_tasks.laboratory.calls import measure_targets
from qdash_tasks.laboratory.limits import Limits, LineLimits
from qdash_tasks.laboratory.pair_requests import JointShots, RandomPairSequences
from qdash_tasks.laboratory.pulses import ZX90, CrossResonanceTone
from qdash_tasks.laboratory.recorded_backend import RecordedBackend
from qdash_tasks.laboratory.recorded_laboratory import RecordedLaboratory
from qdash_tasks.laboratory.recorder import Recorder, get_recorder
from qdash_tasks.laboratory.requests import PulseTrain, Relaxation, SingleShots
from qdash_tasks.laboratory.shots import Shots
from qdash_tasks.laboratory.trace import ShotRecord, Trace

from ..case_tables import each_case
from .a_laboratory import SilentBackend, SilentLaboratory, right_answer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from qdash_tasks.laboratory.port import Answer, Answers
    from qdash_tasks.laboratory.request import Request

SHOTS = Shots(count=50, reset="passive", interval_us=200.0)
LIMITS = Limits(
    lines={"1": LineLimits(start_ns=2.0, frequencies_ghz=((4.0, 5.0), (6.0, 7.0)))}, points_a_call=500
)


class Noise:
    """Answers of random numbers with all digits."""

    def __init__(self) -> None:
        self._draw = np.random.default_rng(3)

    def __call__(self, target: str, request: Request, shots: Shots) -> Answer:
        right = right_answer(request, shots)
        iq = self._draw.normal(size=(*right.iq.shape, 2)) @ [1, 1j]
        if isinstance(right, ShotRecord):
            return ShotRecord(iq, 1 / 3)
        if right.ends is not None:
            right = replace(right, ends=self._draw.random(right.ends.shape) > 0.5)
        return replace(right, iq=iq, sigma=np.abs(iq) * (0.1 + 0.1j), began_s=2 / 3)


@pytest.fixture
def laboratory() -> SilentLaboratory:
    return SilentLaboratory(LIMITS, Noise())


@pytest.fixture
def recorder(laboratory: SilentLaboratory, tmp_path: Path) -> Recorder:
    return Recorder(laboratory, tmp_path / "run.jsonl")


def calls() -> list[Mapping[str, Sequence[Request]]]:
    gate = ZX90(CrossResonanceTone(amplitude=0.3, phase_rad=1 / 7), 180.0)
    return [
        {"0": [Relaxation(np.linspace(0, 100, 7) / 3), SingleShots(1)], "1": [Relaxation([1.0, 2.0])]},
        {"0-1": [JointShots("0", "1", "bell", gate=gate)], "2": [Relaxation([0.5])]},
        {"0-1": [RandomPairSequences("0", "1", np.array([1.0, 5.0, 9.0]), gate)]},
        {"0": [Relaxation([1.0, 2.0])]},
    ]


def same(one: Answers, other: Answers) -> bool:
    return all(
        type(a) is type(b)
        and a.iq.tobytes() == b.iq.tobytes()
        and a.began_s == b.began_s
        and (
            not isinstance(a, Trace)
            or all(
                np.array_equal(getattr(a, name), getattr(b, name))
                for name in ("x", "sigma", "covariance", "ends", "rows")
            )
        )
        for target in one
        for a, b in zip(one[target], other[target], strict=True)
    )


def test_what_was_answered_is_answered_again_bit_by_bit(recorder: Recorder, tmp_path: Path) -> None:
    answered = [measure_targets(recorder, asked, SHOTS) for asked in calls()]

    again = RecordedLaboratory(tmp_path / "run.jsonl")

    assert all(
        same(before, measure_targets(again, asked, SHOTS))
        for before, asked in zip(answered, calls(), strict=True)
    )
    assert (again.limits, again.requests) == (recorder.limits, recorder.requests)
    assert again.settings == recorder.settings
    assert again.couplings == recorder.couplings


def test_settings_of_a_recorder_are_those_of_the_laboratory(
    recorder: Recorder, laboratory: SilentLaboratory, tmp_path: Path
) -> None:
    recorder.adjust("0", {"pi_amplitude": 0.3})
    recorder.apply("1", {"qubit_frequency": 5.02})
    recorder.measure({"0": [Relaxation([1.0])]}, SHOTS)

    assert laboratory.settings["0"].pi_amplitude == 0.3
    assert laboratory.settings["1"].drive_frequency_ghz == 5.02
    again = RecordedLaboratory(tmp_path / "run.jsonl")
    assert again.settings["0"].pi_amplitude is None
    with pytest.raises(BackendError, match=r"settings\.0\.pi_amplitude is None, but the recording has 0\.3"):
        again.measure({"0": [Relaxation([1.0])]}, SHOTS)


def test_failures_are_recorded_and_raised_again(tmp_path: Path) -> None:
    def failing(target: str, request: Request, shots: Shots) -> Answer:
        if isinstance(request, SingleShots):
            raise InvalidInputError("no shots today")
        if target == "1":
            raise ZeroDivisionError("of the vendor's")
        return right_answer(request, shots)

    asked = {"0": [Relaxation([1.0])], "1": [Relaxation([1.0])], "2": [SingleShots(0)]}
    Recorder(SilentLaboratory(answers=failing), tmp_path / "run.jsonl").measure(asked, SHOTS)

    again = RecordedLaboratory(tmp_path / "run.jsonl").measure(asked, SHOTS)

    assert isinstance(again["0"][0], Trace)
    assert (type(again["1"]), str(again["1"])) == (BackendError, "ZeroDivisionError: of the vendor's")
    assert (type(again["2"]), str(again["2"])) == (InvalidInputError, "no shots today")


def test_a_call_that_fails_altogether_fails_again(tmp_path: Path) -> None:
    class Off(SilentLaboratory):
        def measure(self, requests: Mapping[str, Sequence[Request]], shots: Shots) -> Answers:
            raise BackendError("the rack is off")

    recorder, asked = Recorder(Off(), tmp_path / "run.jsonl"), {"0": [Relaxation([1.0])]}
    with pytest.raises(BackendError, match="the rack is off"):
        recorder.measure(asked, SHOTS)

    with pytest.raises(BackendError, match="the rack is off"):
        RecordedLaboratory(tmp_path / "run.jsonl").measure(asked, SHOTS)


@pytest.mark.parametrize(
    ("asked", "shots", "said"),
    [
        (
            {"0": [Relaxation([1.0, 2.5])]},
            SHOTS,
            r"requests\.0\[0\]\.delays_us\[1\] is 2\.5, but the recording has 2\.0",
        ),
        (
            {"0": [Relaxation([1.0])]},
            SHOTS,
            r"requests\.0\[0\]\.delays_us has 1 values, but the recording has 2",
        ),
        (
            {"0": [SingleShots(0)]},
            SHOTS,
            r"requests\.0\[0\]\.class is SingleShots, but the recording has Relaxation",
        ),
        (
            {"0": [Relaxation([1.0, 2.0])]},
            replace(SHOTS, count=51),
            r"shots\.count is 51, but the recording has 50",
        ),
        (
            {"1": [Relaxation([1.0, 2.0])]},
            SHOTS,
            r"measures 1, and .*run\.jsonl has no further call that does",
        ),
    ],
    ids=["value", "points", "request", "shots", "target"],
)
def test_what_was_not_recorded_is_told_by_call_target_and_field(
    recorder: Recorder, tmp_path: Path, asked: Mapping[str, Sequence[Request]], shots: Shots, said: str
) -> None:
    recorder.measure({"0": [Relaxation([1.0, 2.0])]}, SHOTS)

    with pytest.raises(BackendError, match=rf"call 1 of this run .*{said}"):
        RecordedLaboratory(tmp_path / "run.jsonl").measure(asked, shots)


def test_last_digits_of_another_machine_do_no_harm(recorder: Recorder, tmp_path: Path) -> None:
    recorder.measure({"0": [PulseTrain([1, 3], recorder.settings["0"].x180)]}, SHOTS)
    pulse = recorder.settings["0"].x180

    again = RecordedLaboratory(tmp_path / "run.jsonl")

    assert again.measure(
        {"0": [PulseTrain([1, 3], replace(pulse, amplitude=pulse.amplitude * (1 + 1e-12)))]}, SHOTS
    )


def test_a_run_that_was_killed_keeps_what_it_had(recorder: Recorder, tmp_path: Path) -> None:
    for _ in range(2):
        recorder.measure({"0": [Relaxation([1.0])]}, SHOTS)
    path = tmp_path / "run.jsonl"
    path.write_text(path.read_text()[:-40])

    again = RecordedLaboratory(path)

    assert again.measure({"0": [Relaxation([1.0])]}, SHOTS)
    with pytest.raises(BackendError, match="no further call"):
        again.measure({"0": [Relaxation([1.0])]}, SHOTS)


def test_a_beginning_of_any_kind_of_number_is_recorded(tmp_path: Path) -> None:
    def answer(target: str, request: Request, shots: Shots) -> Answer:
        right = right_answer(request, shots)
        return replace(right, began_s=np.float32(0.25))

    asked = {"0": [Relaxation([1.0])], "1": [SingleShots(0)]}
    Recorder(SilentLaboratory(answers=answer), tmp_path / "run.jsonl").measure(asked, SHOTS)

    again = RecordedLaboratory(tmp_path / "run.jsonl").measure(asked, SHOTS)

    assert [again[target][0].began_s for target in asked] == [0.25, 0.25]


@each_case("given", [None, [1, 2], {"0": None}, {"0": 3.0}])
def test_answers_that_are_none_are_told_as_without_a_recorder(tmp_path: Path, given: Any) -> None:
    class Careless(SilentLaboratory):
        def measure(self, requests: Mapping[str, Sequence[Request]], shots: Shots) -> Answers:
            return given

    asked = {"0": [Relaxation([1.0])]}
    recorder = Recorder(Careless(), tmp_path / "run.jsonl")

    without, recorded = (measure_targets(one, asked, SHOTS)["0"] for one in (Careless(), recorder))
    again = measure_targets(RecordedLaboratory(tmp_path / "run.jsonl"), asked, SHOTS)["0"]

    assert str(recorded) == str(without).replace("Careless", "Recorder")
    assert isinstance(again, BackendError)


def test_a_laboratory_that_was_recorded_does_not_live_for_ever(tmp_path: Path) -> None:
    gc.freeze()  # only objects of this test are looked at
    backend = SilentBackend(SilentLaboratory())
    backend.context = BackendContext("p", "chip", (), tmp_path)
    alive = weakref.ref(get_recorder(backend.laboratory, backend, tmp_path))

    del backend
    gc.collect()

    assert alive() is None


@each_case("text", ["", "no JSON\n", '{"format": "another"}\n', "[]\n"])
def test_what_is_no_recording_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "other").write_text(text)

    with pytest.raises(InvalidInputError, match="other"):
        RecordedLaboratory(tmp_path / "other")


def test_a_laboratory_of_tasks_is_recorded_where_the_environment_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = SilentBackend(SilentLaboratory())
    backend.context = BackendContext("p", "chip", (), tmp_path)
    assert get_laboratory(backend) is backend.laboratory

    monkeypatch.setenv("QDASH_RECORD_LABORATORY", str(tmp_path / "recordings"))
    for _ in range(2):
        get_laboratory(backend).measure({"0": [Relaxation([1.0])]}, SHOTS)

    (path,) = (tmp_path / "recordings").glob("chip-*.jsonl")
    assert [json.loads(line).get("call") for line in path.read_text().splitlines()] == [None, 1, 2]


def test_the_recorded_backend_offers_what_was_recorded(
    recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, backend = BackendContext("p", "chip", (), tmp_path), RecordedBackend()
    with pytest.raises(BackendError, match="set QDASH_RECORDING to the file"):
        RecordedBackend.offers(context)
    with pytest.raises(BackendError, match="set QDASH_RECORDING to the file"):
        backend.connect()

    monkeypatch.setenv("QDASH_RECORDING", str(tmp_path / "run.jsonl"))
    backend.connect()

    assert {"laboratory", "Relaxation", "JointShots"} <= RecordedBackend.offers(context)
    assert "Echo" not in RecordedBackend.offers(context)
    assert backend.laboratory.settings == recorder.settings
