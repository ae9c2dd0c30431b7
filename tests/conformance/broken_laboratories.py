"""Laboratories with one breach of their contract each. Not collected: `test_kit.py` runs this file.

The docstring of each class names the test that must catch it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from qdash_analysis.cliffords import ends_in
from qdash_analysis.cliffords.one_qubit import ends_in_one
from qdash_core.errors import BackendError
from qdash_tasks.laboratory.contract import LaboratoryContract
from qdash_tasks.laboratory.coupling_settings import CouplingSettings
from qdash_tasks.laboratory.limits import Limits, LineLimits, ReadoutLimits
from qdash_tasks.laboratory.pair_requests import JointShots, RandomPairSequences, ReadoutReferences
from qdash_tasks.laboratory.port import SequentialLaboratory
from qdash_tasks.laboratory.requests import (
    Chevron,
    Echo,
    QubitScan,
    Rabi,
    RabiAmplitude,
    RandomSequences,
    ReadoutScan,
    Relaxation,
    SingleShots,
)
from qdash_tasks.laboratory.settings import Settings
from qdash_tasks.laboratory.trace import ShotRecord, Trace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from qdash_tasks.laboratory.port import Laboratory


def settings(drive_ghz: float = 5.0) -> Settings:
    return Settings(
        drive_frequency_ghz=drive_ghz,
        readout_frequency_ghz=7.0,
        readout_amplitude=0.2,
        readout_length_ns=1000.0,
    )


class GoodLaboratory(SequentialLaboratory):
    """Laboratory whose signals depend on the request, with amplifier noise that is larger along one direction
    than across it.
    """

    requests = frozenset(
        {
            *(Chevron, QubitScan, Rabi, RabiAmplitude, RandomSequences, ReadoutScan, Relaxation, SingleShots),
            *(JointShots, RandomPairSequences, ReadoutReferences),
        }
    )
    limits = Limits(
        usual_line=LineLimits(
            start_ns=2.0, shortest_ns=8.0, frequencies_ghz=((4.0, 6.0),), largest_amplitude=0.8
        ),
        readout=ReadoutLimits(frequencies_ghz=((6.5, 7.5),)),
        longest_program_ns=50_000.0,
        shortest_interval_us=50.0,
        points_a_call=150,
        shots_a_call=300,
        resets=frozenset({"passive"}),
    )

    def __init__(self) -> None:
        super().__init__({qid: settings() for qid in "0123"}, {"2-3": CouplingSettings()})
        self.noise = np.random.default_rng(5)
        self.clock_s = 0.0

    def answer(self, target: str, request: Any, shots: Any) -> Any:
        signal = self.signal(target, request)
        self.clock_s += 1.0
        if request.single_shots:
            shape = request.shape(shots.count)
            return ShotRecord(self.shots(np.broadcast_to(signal, shape[1:]), shape[0], axis=0), self.clock_s)
        trace = Trace.from_shots(request.x, self.shots(signal, shots.count, axis=-1))
        ends = None
        if request.has_ends:
            ends = ends_in(request.x.size) if len(request.ends_shape) > 1 else ends_in_one(request.x.size)
        return replace(trace, rows=request.rows, ends=ends, began_s=self.clock_s)

    def signal(self, target: str, request: Any) -> Any:
        """Return the mean points: a function of the readout amplitude, and slightly of the swept quantity."""
        amplitude = (
            getattr(request, "amplitude", None) if isinstance(request, ReadoutScan | SingleShots) else None
        )
        if amplitude is None:
            amplitude = 0.2 if target == "2-3" else self.settings[target].readout_amplitude
        if isinstance(request, ReadoutScan | SingleShots | JointShots):
            return np.full(() if request.single_shots else request.shape(1), amplitude * (1 + 0.5j))
        return np.broadcast_to(amplitude * np.cos(request.x), request.shape(1)) + 0j

    def shots(self, signal: Any, count: int, *, axis: int) -> Any:
        """Return every shot, along a further axis."""
        noise = self.noise.normal(size=(3, *np.shape(signal), count))
        both = np.asarray(signal)[..., None] + 0.1 * (noise[0] + 1j * noise[1] + (1 + 1j) * noise[2])
        return np.moveaxis(both, -1, axis)


class Laboratories(LaboratoryContract):
    targets = ("0", "1", "2-3")
    kind: ClassVar[type[GoodLaboratory]] = GoodLaboratory

    def laboratory(self, tmp_path: Path) -> Laboratory:
        return self.kind()


class TestGoodLaboratory(Laboratories):
    """Nothing."""

    def design(self, tmp_path: Path) -> Mapping[str, Mapping[str, float]]:
        return {"0": {"qubit_frequency": 5.0, "anharmonicity": -0.3, "resonator_frequency": 7.0}}


class TestRequestsInAList(Laboratories):
    """Breach that this test detects: test_it_says_which_requests_it_answers"""

    class kind(GoodLaboratory):
        requests = [ReadoutScan, SingleShots]  # type: ignore[assignment]  # noqa: RUF012


class TestSupportsEverything(Laboratories):
    """Breach that this test detects: test_it_says_which_requests_it_answers"""

    class kind(GoodLaboratory):
        @classmethod
        def supports(cls, request: Any) -> bool:
            return request is not Echo


class TestCouplingWithoutItsQubit(Laboratories):
    """Breach that this test detects: test_it_has_settings_and_limits_of_what_it_measures"""

    class kind(GoodLaboratory):
        def __init__(self) -> None:
            super().__init__()
            self._couplings["3-4"] = CouplingSettings()


class TestStartsBesideItsLine(Laboratories):
    """Breach that this test detects: test_what_is_in_use_at_first_is_within_its_limits"""

    class kind(GoodLaboratory):
        def __init__(self) -> None:
            super().__init__()
            self._settings["1"] = settings(drive_ghz=5.0e3)


class TestDesignInMegahertz(Laboratories):
    """Breach that this test detects: test_its_design_is_within_its_limits"""

    def design(self, tmp_path: Path) -> Mapping[str, Mapping[str, float]]:
        return {"0": {"qubit_frequency": 5000.0}}


class TestCannotWhatItsLimitsAllow(Laboratories):
    """Breach that this test detects: test_what_its_limits_allow_is_measured"""

    class kind(GoodLaboratory):
        def signal(self, target: str, request: Any) -> Any:
            if isinstance(request, RabiAmplitude) and request.x.max() > 0.5:
                raise BackendError("the generator clips")
            return super().signal(target, request)


class TestSettingsOfWhatThereIsNot(Laboratories):
    """Breach that this test detects: test_what_it_does_not_have_is_refused_and_the_rest_is_measured"""

    class kind(GoodLaboratory):
        @property
        def settings(self) -> Any:
            return AnyQubit(settings, self._settings)


class AnyQubit(defaultdict[str, Settings]):
    def __contains__(self, _: object) -> bool:
        return True


class TestAnswersInAnotherUnit(Laboratories):
    """Breach that these tests detect: test_every_request_is_answered_as_it_was_asked test_all_targets_are_measured_in_one_call test_answers_are_in_the_order_of_the_sweep_and_of_the_batch"""

    class kind(GoodLaboratory):
        def answer(self, target: str, request: Any, shots: Any) -> Any:
            answer = super().answer(target, request, shots)
            return answer if request.single_shots else replace(answer, x=1e3 * answer.x)


class TestWithoutErrors(Laboratories):
    """Breach that this test detects: test_every_request_is_answered_as_it_was_asked"""

    class kind(GoodLaboratory):
        def answer(self, target: str, request: Any, shots: Any) -> Any:
            answer = super().answer(target, request, shots)
            return answer if request.single_shots else replace(answer, sigma=answer.sigma.real + 0j)


class TestCovarianceOfShots(Laboratories):
    """Breach that this test detects: test_every_request_is_answered_as_it_was_asked"""

    class kind(GoodLaboratory):
        def answer(self, target: str, request: Any, shots: Any) -> Any:
            answer = super().answer(target, request, shots)
            return (
                answer
                if request.single_shots
                else replace(answer, covariance=answer.covariance * shots.count)
            )


class TestClosesAllSequencesAlike(Laboratories):
    """Breach that this test detects: test_every_request_is_answered_as_it_was_asked"""

    class kind(GoodLaboratory):
        def answer(self, target: str, request: Any, shots: Any) -> Any:
            answer = super().answer(target, request, shots)
            return replace(answer, ends=np.zeros_like(answer.ends)) if request.has_ends else answer


class TestMapOnItsSide(Laboratories):
    """Breach that this test detects: test_every_request_is_answered_as_it_was_asked"""

    class kind(GoodLaboratory):
        def answer(self, target: str, request: Any, shots: Any) -> Any:
            answer = super().answer(target, request, shots)
            return replace(answer, iq=answer.iq.T) if isinstance(request, Chevron) else answer


class TestTheMeanForEveryShot(Laboratories):
    """Breach that this test detects: test_every_request_is_answered_as_it_was_asked"""

    class kind(GoodLaboratory):
        def answer(self, target: str, request: Any, shots: Any) -> Any:
            answer = super().answer(target, request, shots)
            if not request.single_shots:
                return answer
            return replace(answer, iq=np.full_like(answer.iq, answer.iq.mean()))


class TestSortsTheSweep(Laboratories):
    """Breach that this test detects: test_answers_are_in_the_order_of_the_sweep_and_of_the_batch"""

    class kind(GoodLaboratory):
        def answer(self, target: str, request: Any, shots: Any) -> Any:
            answer = super().answer(target, request, shots)
            return answer if request.single_shots else replace(answer, x=np.sort(answer.x))


class TestMeasuresTheFirstTargetOnly(Laboratories):
    """Breach that this test detects: test_all_targets_are_measured_in_one_call"""

    class kind(GoodLaboratory):
        def measure(self, requests: Any, shots: Any) -> Any:
            first = next(iter(requests))
            return super().measure({first: requests[first]}, shots)


class TestOneFailsForAll(Laboratories):
    """Breach that this test detects: test_the_failure_of_one_target_is_its_own"""

    class kind(GoodLaboratory):
        def measure(self, requests: Any, shots: Any) -> Any:
            return {
                target: [self.answer(target, one, shots) for one in asked]
                for target, asked in requests.items()
            }


class TestZerosForAFailure(Laboratories):
    """Breach that this test detects: test_the_failure_of_one_target_is_its_own"""

    class kind(GoodLaboratory):
        def measure(self, requests: Any, shots: Any) -> Any:
            found = super().measure(requests, shots)
            return {
                target: [np.zeros(3)] if isinstance(answers, Exception) else answers
                for target, answers in found.items()
            }


class TestClockOfACall(Laboratories):
    """Breach that this test detects: test_a_measurement_does_not_begin_before_an_earlier_one"""

    class kind(GoodLaboratory):
        def answer(self, target: str, request: Any, shots: Any) -> Any:
            return replace(super().answer(target, request, shots), began_s=-self.clock_s)


class TestKeepsItsSettings(Laboratories):
    """Breach that this test detects: test_settings_are_changed_by_name_and_read_back"""

    class kind(GoodLaboratory):
        def apply(self, target: str, calibrated: Any) -> None:
            """Do nothing: the instrument was set by hand."""


class TestTakesAnySetting(Laboratories):
    """Breach that this test detects: test_a_setting_that_is_impossible_changes_nothing"""

    class kind(GoodLaboratory):
        def adjust(self, target: str, values: Any) -> None:
            for name, value in values.items():
                super().adjust(target, {name: value})


class TestRoundsItsSettings(Laboratories):
    """Breach that these tests detect: test_settings_are_changed_by_name_and_read_back test_settings_are_as_they_were_after_their_note"""

    class kind(GoodLaboratory):
        def adjust(self, target: str, values: Any) -> None:
            rounded = {name: 1.01 * value for name, value in values.items() if value is not None}
            super().adjust(target, rounded)


class TestPlaysWhatWasInUseAtFirst(Laboratories):
    """Breach that this test detects: test_settings_in_use_are_what_is_played"""

    class kind(GoodLaboratory):
        def signal(self, target: str, request: Any) -> Any:
            if isinstance(request, ReadoutScan) and request.amplitude is None:
                request = replace(request, amplitude=0.2)
            return super().signal(target, request)


class TestErrorsOfSingleShots(Laboratories):
    """Breach that this test detects: test_equal_measurements_scatter_by_the_errors_that_they_give"""

    class kind(GoodLaboratory):
        def answer(self, target: str, request: Any, shots: Any) -> Any:
            answer = super().answer(target, request, shots)
            if request.single_shots:
                return answer
            return replace(answer, sigma=16 * answer.sigma, covariance=256 * answer.covariance)


class TestErrorsTooSmall(Laboratories):
    """Breach that this test detects: test_equal_measurements_scatter_by_the_errors_that_they_give"""

    class kind(GoodLaboratory):
        def answer(self, target: str, request: Any, shots: Any) -> Any:
            answer = super().answer(target, request, shots)
            if request.single_shots:
                return answer
            return replace(answer, sigma=answer.sigma / 2, covariance=answer.covariance / 4)


class TestCovarianceOfTheOtherSign(Laboratories):
    """Breach that this test detects: test_equal_measurements_scatter_by_the_errors_that_they_give"""

    class kind(GoodLaboratory):
        def answer(self, target: str, request: Any, shots: Any) -> Any:
            answer = super().answer(target, request, shots)
            return answer if request.single_shots else replace(answer, covariance=-answer.covariance)


class TestAnswersFromMemory(Laboratories):
    """Breach that this test detects: test_equal_measurements_scatter_by_the_errors_that_they_give"""

    class kind(GoodLaboratory):
        def answer(self, target: str, request: Any, shots: Any) -> Any:
            self.noise = np.random.default_rng(5)
            return super().answer(target, request, shots)


class TestSumsInPlaceOfMeans(Laboratories):
    """Breach that this test detects: test_single_shots_have_the_mean_that_is_answered_for_it"""

    class kind(GoodLaboratory):
        def answer(self, target: str, request: Any, shots: Any) -> Any:
            answer = super().answer(target, request, shots)
            return answer if not request.single_shots else replace(answer, iq=1000 * answer.iq)


class TestReplacesATestOfTheLaboratory(Laboratories):
    """Breach that this test detects: test_no_test_of_the_contract_is_replaced"""

    def test_all_targets_are_measured_in_one_call(self) -> None:  # type: ignore[override]
        """Easier."""
