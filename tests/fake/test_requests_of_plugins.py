"""Requests of plugins: every twin, and every laboratory that plays pulses, measures a request that it does not list."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_core.backends.base import BackendContext
from qdash_core.errors import InvalidInputError
from qdash_core.hooks.manager import load_plugins
from qdash_fake.backend import FakeBackend
from qdash_fake.devices.catalogue import load_device
from qdash_fake.laboratory import TwinLaboratory
from qdash_tasks.laboratory.calls import measure_targets
from qdash_tasks.laboratory.compiled_request import Compiled
from qdash_tasks.laboratory.pair_requests import JointShots, PairRequest
from qdash_tasks.laboratory.recorded_laboratory import RecordedLaboratory
from qdash_tasks.laboratory.recorder import Recorder
from qdash_tasks.laboratory.request import Request
from qdash_tasks.laboratory.requests import Rabi, ReadoutScan, Relaxation
from qdash_tasks.laboratory.shots import Shots
from qdash_tasks.laboratory.trace import Trace
from tests.fake.laboratory import Laboratory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.tasks.base import BaseTask
    from qdash_fake.physics.chip import ChipTruth

EXAMPLES = Path(__file__).parents[2] / "examples"
SHOTS = Shots(count=2000, interval_us=1000.0)


@dataclass(frozen=True, eq=False)
class Rest(Relaxation):
    """The same pulses as of a relaxation, as a plugin defines them: a subclass that is another kind."""


@dataclass(frozen=True, eq=False)
class BothExcited(PairRequest):
    """Signals of both qubits after X180 on each, iq shape (2, 1)."""

    axis = ("state", "")

    def shape(self, shots: int) -> tuple[int, ...]:
        return 2, 1

    def compiled(self, target: str, at: Any) -> Compiled:
        line = at.timeline()
        for qid in (self.control, self.target):
            line.pulse(qid, at.settings[qid].x180)
        line.align(self.control, self.target)
        return Compiled((line.read(self.control, self.target),), (self.control, self.target))


@dataclass(frozen=True, eq=False)
class Unplayed(Request):
    """A kind without programs."""

    axis = ("state", "")


@pytest.fixture
def check_carr_purcell(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[BaseTask]]:
    """Task of the example `my-echoes`."""
    monkeypatch.syspath_prepend(str(EXAMPLES / "my-echoes/src"))
    from my_echoes.check_carr_purcell import CheckCarrPurcell

    yield CheckCarrPurcell
    for name in [name for name in sys.modules if name.startswith("my_echoes")]:
        del sys.modules[name]


def make_twin(chip: ChipTruth) -> TwinLaboratory:
    laboratory = TwinLaboratory(chip, number=1)
    laboratory.adjust("0", {"pi_length_ns": 32.0, "hpi_length_ns": 32.0})
    return laboratory


@pytest.mark.parametrize("options", [{}, {"pulse_level": True}], ids=["by formulas", "by pulses"])
def test_a_twin_offers_the_task_of_a_plugin_without_naming_its_request(
    check_carr_purcell: type[BaseTask], options: dict[str, object], tmp_path: Path
) -> None:
    laboratory = Laboratory(tmp_path, load_device("jakarta"), options=options)
    import my_echoes.plugin

    registry = load_plugins(extra={"echoes": my_echoes.plugin})
    catalogue = registry.catalogue(FakeBackend, laboratory.backend.context)
    assert catalogue.task("CheckCarrPurcell") is check_carr_purcell
    without = load_plugins().catalogue(FakeBackend, laboratory.backend.context)
    assert not without.has("CheckCarrPurcell")


@pytest.mark.parametrize("options", [{}, {"pulse_level": True}], ids=["by formulas", "by pulses"])
def test_the_coherence_time_under_more_echoes_is_found_on_every_twin(
    check_carr_purcell: type[BaseTask], options: dict[str, object], tmp_path: Path
) -> None:
    laboratory = Laboratory(tmp_path, load_device("jakarta"), options=options).calibrate_perfectly()
    found = laboratory.run(check_carr_purcell, "0", shots=1000).parameters["t2_carr_purcell"]
    coherence = laboratory.chip.qubits["0"].coherence
    assert found.error is not None
    # Refocusing more often can only help, up to the limit of relaxation.
    echo_us = laboratory.truth_of("0")["t2_echo"][0]
    assert echo_us - 4 * found.error < found.value < 2 * coherence.t1_us + 4 * found.error


def test_a_request_of_a_plugin_is_answered_as_the_same_standard_request(jakarta: ChipTruth) -> None:
    laboratory = make_twin(jakarta)
    delays_us = np.array([0.0, 30.0, 400.0])
    answers = measure_targets(laboratory, {"0": [Relaxation(delays_us), Rest(delays_us)]}, SHOTS)["0"]
    assert not isinstance(answers, Exception)
    standard, played = answers
    assert isinstance(standard, Trace)
    assert isinstance(played, Trace)
    pull = (played.iq - standard.iq) / np.hypot(np.abs(played.sigma), np.abs(standard.sigma))
    assert np.abs(pull).max() < 4


def test_all_answers_of_one_call_share_one_plane(jakarta: ChipTruth) -> None:
    from qdash_fake.options import TwinOptions

    laboratory = TwinLaboratory(jakarta, number=3, options=TwinOptions(plane_turns=60.0))
    delays_us = np.array([0.0, 400.0])
    requests = [Relaxation(delays_us), Rest(delays_us), Relaxation(delays_us)]
    answers = measure_targets(laboratory, {"0": requests}, SHOTS)["0"]
    assert not isinstance(answers, Exception)
    first, played, last = (np.angle(one.iq[1]) for one in answers)
    assert math.isclose(first, last, abs_tol=0.1)
    assert math.isclose(first, played, abs_tol=0.1)


def test_playing_a_request_takes_laboratory_time_of_its_target_alone(jakarta: ChipTruth) -> None:
    laboratory = make_twin(jakarta)
    measure_targets(laboratory, {"0": [Rest(np.array([0.0, 100.0]))]}, SHOTS)
    # 2 points of 2,000 shots, each with the interval of 1 ms.
    assert 4.0 < laboratory.clock.now_s("0") < 5.0
    assert laboratory.clock.now_s("5") == 0


def test_a_request_on_a_coupling_is_played(jakarta: ChipTruth) -> None:
    found = measure_targets(make_twin(jakarta), {"0-1": [BothExcited("0", "1")]}, SHOTS)["0-1"]
    assert not isinstance(found, Exception)
    assert found[0].iq.shape == (2, 1)


def test_a_twin_refuses_a_request_without_programs(jakarta: ChipTruth) -> None:
    found = measure_targets(make_twin(jakarta), {"0": [Unplayed()]}, SHOTS)["0"]
    assert isinstance(found, InvalidInputError)
    assert "does not support Unplayed" in str(found)


def test_a_recording_repeats_a_request_of_a_plugin(jakarta: ChipTruth, tmp_path: Path) -> None:
    path, requests = tmp_path / "recording.jsonl", {"0": [Rest(np.array([0.0, 50.0]))]}
    recorder = Recorder(make_twin(jakarta), path)
    (measured,) = measure_targets(recorder, requests, SHOTS)["0"]  # type: ignore[misc]
    replayed = RecordedLaboratory(path)
    assert replayed.supports(Rest)
    (repeated,) = measure_targets(replayed, requests, SHOTS)["0"]  # type: ignore[misc]
    np.testing.assert_array_equal(repeated.iq, measured.iq)


class TestOnTheBench:
    """The example `my-bench`, which plays pulses on one qubit."""

    @pytest.fixture
    def bench(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
        monkeypatch.syspath_prepend(str(EXAMPLES / "my-bench/src"))
        from my_bench import bench

        yield bench
        for name in [name for name in sys.modules if name.startswith("my_bench")]:
            del sys.modules[name]

    def test_it_plays_a_request_that_it_does_not_list(self, bench: Any) -> None:
        laboratory = bench.BenchLaboratory(bench.Box("bench-1"))
        assert Rest not in laboratory.requests
        asked = [Rest(np.array([0.0, 100.0])), ReadoutScan([6.9])]
        answers = measure_targets(laboratory, {"0": asked}, Shots(count=100))["0"]
        assert [one.iq.shape for one in answers] == [(2,), (1,)]

    def test_it_offers_such_a_request(self, bench: Any, tmp_path: Path) -> None:
        context = BackendContext("default", "chip", (), tmp_path)
        assert bench.BenchBackend.supports_request(context, Rest)
        assert not bench.BenchBackend.supports_request(context, Unplayed)

    def test_a_kind_that_it_leaves_out_stays_out(self, bench: Any, tmp_path: Path) -> None:
        class Narrow(bench.BenchLaboratory):  # type: ignore[misc]
            requests = frozenset({ReadoutScan, Rabi})

        laboratory = Narrow(bench.Box("bench-1"))
        supported = {
            kind: laboratory.supports(kind) for kind in (Rabi, Relaxation, Rest, JointShots, BothExcited)
        }
        assert supported == {
            Rabi: True, Relaxation: False, Rest: True, JointShots: False, BothExcited: False
        }  # fmt: skip

    def test_its_own_answers_are_only_to_kinds_that_it_lists(self, bench: Any) -> None:
        class Own(bench.BenchLaboratory):  # type: ignore[misc]
            def answer(self, target: str, request: Request, shots: Shots) -> Trace | None:
                return (
                    Trace.from_shots(request.x, np.full((2, 9), 99.0) + np.arange(9))
                    if isinstance(request, Relaxation)
                    else None
                )

        asked = [Relaxation([0.0, 1.0]), Rest([0.0, 1.0])]
        own, played = measure_targets(Own(bench.Box("bench-1")), {"0": asked}, Shots(count=100))["0"]
        assert own.iq.real.min() > 90 > np.abs(played.iq).max()


def test_a_plugin_whose_request_has_the_name_of_a_standard_one_is_set_aside() -> None:
    class Plugin:
        @staticmethod
        def qdash_requests() -> list[type[Request]]:
            return [type("Rabi", (Rest,), {})]

    from qdash_core import hookimpl

    Plugin.qdash_requests = staticmethod(hookimpl(Plugin.qdash_requests))  # type: ignore[method-assign]
    registry = load_plugins(extra={"mine": Plugin()})
    assert registry.requests()["Rabi"] is Rabi
    (record,) = [one for one in registry.plugins if one.name == "mine"]
    assert "the name 'Rabi'" in (record.error or "")


def test_a_request_that_fails_where_it_is_asked_for_is_not_offered(tmp_path: Path) -> None:
    class Broken(Rest):
        @classmethod
        def possible_with(cls, limits: object) -> bool:
            raise RuntimeError(f"no {limits}")

    from qdash_core.backends.instruments import get_offers

    laboratory = Laboratory(tmp_path, load_device("jakarta"))
    offers = get_offers(FakeBackend, laboratory.backend.context, [Broken, Rest])
    assert "Rest" in offers
    assert "Broken" not in offers
