"""Values of settings in use that tasks read and that their requests play."""

from __future__ import annotations

import pickle
import threading
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_core.errors import InvalidInputError
from qdash_core.models.estimates import Parameter
from qdash_tasks.laboratory.calls import measure_targets
from qdash_tasks.laboratory.compiled_request import Compiled, Setup
from qdash_tasks.laboratory.coupling_settings import CouplingSettings
from qdash_tasks.laboratory.limits import Limits, LineLimits
from qdash_tasks.laboratory.observed_settings import observe_reads, pause_observation
from qdash_tasks.laboratory.pair_requests import JointShots, RandomPairSequences
from qdash_tasks.laboratory.pulses import Pulse
from qdash_tasks.laboratory.request import Request
from qdash_tasks.laboratory.requests import (
    CAPTURE_REQUESTS,
    Chevron,
    PulseTrain,
    QubitScan,
    RabiAmplitude,
    RandomSequences,
    ReadoutScan,
    Relaxation,
)
from qdash_tasks.laboratory.settings import Settings
from qdash_tasks.laboratory.shots import Shots

from ..case_tables import each_case
from .a_laboratory import SilentLaboratory, right_answer
from .test_requests import OF_A_SWEEP, WITHOUT_SWEEP

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qdash_tasks.laboratory.port import Answer

DRAG = {"drag_hpi_amplitude": 0.2, "drag_hpi_beta_ns": -0.5, "drag_pi_amplitude": 0.4, "drag_pi_beta_ns": 0.6}
PLAYED = {"qubit_frequency", "readout_frequency", "readout_amplitude"}
"""Parameters of every request that drives and reads a qubit at its settings in use."""
SWEEP = np.array([1.0, 2.0, 40.0])
SHOTS = Shots(count=10)


def calibrate(**changes: float) -> SilentLaboratory:
    """Return a laboratory with DRAG pulses and a gate."""
    laboratory = SilentLaboratory()
    for qid in "012":
        laboratory.adjust(qid, {**DRAG, **changes})
    laboratory.adjust("0-1", {"cr_amplitude": 0.3, "cr_phase": 0.1, "zx90_gate_time": 400.0})
    return laboratory


def read_names(reads: Mapping[str, Mapping[str, Parameter]]) -> dict[str, set[str]]:
    """Return the names that were read, by target."""
    return {target: set(values) for target, values in reads.items() if values}


def measure(laboratory: SilentLaboratory, target: str, *requests: Request) -> dict[str, set[str]]:
    """Return the names that count as read by requests."""
    with observe_reads() as reads:
        measure_targets(laboratory, {target: requests}, SHOTS)
    return read_names(reads)


def test_a_value_is_noted_under_the_name_and_unit_of_its_parameter() -> None:
    laboratory = calibrate()
    with observe_reads() as reads:
        assert laboratory.settings["0"].drag_hpi_beta_ns == -0.5
        assert laboratory.couplings["0-1"].cr_phase == 0.1
    assert reads == {
        "0": {"drag_hpi_beta": Parameter(-0.5, None, "ns")},
        "0-1": {"cr_phase": Parameter(0.1, None, "rad")},
    }


@each_case(
    ("changes", "x90"),
    [
        ({}, {"drag_hpi_amplitude", "drag_hpi_beta", "hpi_length"}),
        (dict.fromkeys(DRAG), {"control_amplitude", "rabi_frequency", "hpi_length"}),
        ({**dict.fromkeys(DRAG), "hpi_amplitude": 0.2}, {"hpi_amplitude", "hpi_length"}),
    ],
)
def test_a_pulse_reads_the_values_that_it_is_made_of(changes: dict[str, float], x90: set[str]) -> None:
    laboratory = calibrate(**changes)
    with observe_reads() as reads:
        pulse = laboratory.settings["0"].x90
    assert pulse == laboratory.settings["0"].x90
    assert read_names(reads) == {"0": x90}


def test_a_tone_without_its_rotary_part_does_not_read_it() -> None:
    laboratory = calibrate()
    laboratory.adjust("0-1", {"rotary_amplitude": 0.05})
    with observe_reads() as reads:
        tone = laboratory.coupling("0-1").pure_tone
    assert tone is not None
    assert tone.rotary_amplitude == 0
    assert read_names(reads) == {"0-1": {"cr_amplitude", "cr_phase"}}


USES_NONE: dict[str, Callable[[Settings], object]] = {
    "a copy": lambda settings: replace(settings, hpi_amplitude=0.3),
    "a dictionary": asdict,
    "a note": Settings.as_note,
    "parameters": lambda settings: settings.as_parameters(),
    "changed settings": lambda settings: settings.changed({"hpi_amplitude": 0.3}),
    "a comparison": lambda settings: settings == calibrate().settings["0"] == settings,
    "a text": repr,
    "a hash": hash,
    "a value that is missing": lambda settings: settings.hpi_amplitude,
    "a setting that is no parameter": lambda settings: settings.readout_length_ns,
}


@each_case("use", USES_NONE.values(), ids=USES_NONE.keys())
def test_copies_and_missing_values_use_nothing(use: Callable[[Settings], object]) -> None:
    laboratory = calibrate()
    plain = laboratory.settings["0"]
    with observe_reads() as reads:
        observed = laboratory.settings["0"]
        assert isinstance(observed, Settings)
        assert use(observed) == use(plain)
    assert read_names(reads) == {}


def test_copies_of_observed_settings_are_settings() -> None:
    laboratory = calibrate()
    with observe_reads() as reads:
        observed, coupling = laboratory.settings["0"], laboratory.coupling("0-1")
        copies = (replace(observed), pickle.loads(pickle.dumps(observed)), replace(coupling))
    assert [copy.__class__ for copy in copies] == [Settings, Settings, CouplingSettings]
    assert type(copies[1]) is Settings
    assert copies[:2] == (observed, laboratory.settings["0"])
    assert read_names(reads) == {}


COARSE = Limits(lines={"0": LineLimits(start_ns=7.0)})
"""Limits of lines that play no pulse of 40 ns."""

CHANGES: dict[str, Callable[[Settings], Settings]] = {
    "replaced": lambda settings: replace(settings, drag_pi_beta_ns=0.1),
    "replaced twice": lambda settings: replace(replace(settings, drag_pi_beta_ns=0.1), hpi_length_ns=20.0),
    "changed": lambda settings: settings.changed({"drag_pi_beta_ns": 0.1}),
    "applied": lambda settings: settings.applied({"drag_pi_beta": 0.1}),
    "on the grid": lambda settings: replace(settings, drag_pi_beta_ns=0.1).on_grid(COARSE, "0"),
}


@each_case("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_changed_copy_reads_the_values_in_use_that_it_keeps(change: Callable[[Settings], Settings]) -> None:
    laboratory = calibrate()
    plain = change(laboratory.settings["0"])
    with observe_reads() as reads:
        changed = change(laboratory.settings["0"])
        assert read_names(reads) == {}
        assert changed.x180 == plain.x180
    assert reads == {
        "0": {"drag_pi_amplitude": Parameter(0.4, None, "a.u."), "pi_length": Parameter(40.0, None, "ns")}
    }


def test_a_changed_tone_reads_the_values_in_use_that_it_keeps() -> None:
    laboratory = calibrate()
    with observe_reads() as reads:
        tone = laboratory.coupling("0-1").changed({"cr_phase": 0.2}).tone
    assert tone is not None
    assert tone.phase_rad == 0.2
    assert read_names(reads) == {"0-1": {"cr_amplitude"}}


def test_nothing_is_noted_outside_the_block_or_in_another_thread() -> None:
    laboratory = calibrate()
    with observe_reads() as reads:
        kept = laboratory.settings["0"]
        for use in (lambda: laboratory.settings["0"].x90, lambda: kept.x90):
            other = threading.Thread(target=use)
            other.start()
            other.join()
        with pause_observation():
            assert kept.x90
    assert laboratory.settings["0"].x180
    assert kept.x180
    assert read_names(reads) == {}


def test_settings_that_were_kept_are_noted_in_the_block_that_reads_them() -> None:
    laboratory = calibrate()
    with observe_reads() as first:
        view, kept = laboratory.settings, laboratory.settings["0"]
    with observe_reads() as second:
        assert view["1"].hpi_length_ns
        assert kept.pi_length_ns
    assert (read_names(first), read_names(second)) == ({}, {"0": {"pi_length"}, "1": {"hpi_length"}})


def test_the_view_of_a_measuring_task_is_a_view_of_all_targets() -> None:
    laboratory = calibrate()
    with observe_reads():
        view = laboratory.settings
        laboratory.adjust("0", {"readout_amplitude": 0.3})
        assert (set(view), len(view), "2" in view, "3" in view) == ({"0", "1", "2"}, 3, True, False)
        assert view["0"].readout_amplitude == 0.3


SWEEPS = {ReadoutScan: SWEEP[:2] + 6, QubitScan: SWEEP[:2] + 4, RabiAmplitude: SWEEP / 100}
ALL = {kind: make(SWEEPS.get(kind, SWEEP)) for kind, make in OF_A_SWEEP.items()} | {
    kind: make() for kind, make in WITHOUT_SWEEP.items()
}


@each_case("kind", [kind for kind in ALL if kind not in CAPTURE_REQUESTS], ids=lambda kind: kind.__name__)
def test_a_request_reads_what_its_programs_play(kind: type[Request]) -> None:
    """The shortened request reads the same as all programs of the whole one."""
    laboratory, request = calibrate(), ALL[kind]
    laboratory.requests = frozenset({kind})  # type: ignore[misc]  # those of an instance, here
    target = "0-1" if hasattr(request, "control") else "0"
    with observe_reads() as whole:
        setup = Setup(
            settings=laboratory.settings,
            couplings=laboratory.couplings,
            limits=laboratory.limits,
            rng=np.random.default_rng(7),
            saturation_ns=1000.0,
            lines=set(target.split("-")),
        )
        request.on_grid(laboratory.limits, target).compiled(target, setup)
    noted = measure(laboratory, target, request)
    assert noted == read_names(whole)
    assert noted


@each_case("interleaved", [None, "X90", "X180"])
def test_random_sequences_read_the_pulses_that_they_play(interleaved: str | None) -> None:
    x90 = {"drag_hpi_amplitude", "drag_hpi_beta", "hpi_length"}
    x180 = {"drag_pi_amplitude", "drag_pi_beta", "pi_length"} if interleaved == "X180" else set()
    request = RandomSequences(np.array([0.0, 500.0]), interleaved=interleaved)  # type: ignore[arg-type]
    assert measure(calibrate(), "0", request) == {"0": PLAYED | x90 | x180}
    without_pulses = RandomSequences(np.array([0.0]), interleaved=interleaved)  # type: ignore[arg-type]
    assert measure(calibrate(), "0", without_pulses) == {"0": {"readout_frequency", "readout_amplitude"}}


def test_values_that_a_request_sets_are_not_read() -> None:
    frequencies = np.array([4.9, 5.0])
    chevron = Chevron(SWEEP, frequencies, amplitude=0.1)
    assert measure(calibrate(), "0", chevron) == {"0": {"readout_frequency", "readout_amplitude"}}
    assert measure(calibrate(), "0", ReadoutScan(frequencies + 2, amplitude=0.1)) == {}
    assert measure(calibrate(), "0", PulseTrain(SWEEP, Pulse(0.2, 40.0))) == {"0": PLAYED}


def test_a_gate_in_use_is_read_with_the_pulses_of_both_qubits() -> None:
    noted = measure(calibrate(), "0-1", JointShots("0", "1", "bell"), RandomPairSequences("0", "1", SWEEP))
    x90 = {"drag_hpi_amplitude", "drag_hpi_beta", "hpi_length"}
    assert noted == {
        "0-1": {"cr_amplitude", "cr_phase", "zx90_gate_time"},
        "0": PLAYED | x90 | {"drag_pi_amplitude", "drag_pi_beta", "pi_length"},
        "1": PLAYED | x90,
    }


def test_pulses_that_are_off_the_grid_are_read_too() -> None:
    noted = measure(calibrate(pi_length_ns=33.3), "0", Relaxation(SWEEP))
    assert noted == {"0": PLAYED | {"drag_pi_amplitude", "drag_pi_beta", "pi_length"}}


class OwnRequest(Request):
    """A request that only a laboratory of its own can answer."""


class OwnLaboratory(SilentLaboratory):
    """A laboratory that reads all its settings while it measures."""

    requests = frozenset({*SilentLaboratory.requests, OwnRequest})

    def answer(self, target: str, request: Request, shots: Shots) -> Answer:
        assert [one.control_amplitude for one in self.settings.values()]
        return right_answer(request, shots)


def test_reads_of_a_laboratory_count_only_for_requests_without_programs() -> None:
    assert measure(OwnLaboratory(), "0", ReadoutScan(np.array([7.0]))) == {"0": {"readout_amplitude"}}
    assert measure(OwnLaboratory(), "0", OwnRequest()) == {qid: {"control_amplitude"} for qid in "012"}


class LongRequest(Request):
    """A third party's request with programs, which cannot be shortened."""

    def shortened(self) -> LongRequest:
        raise ValueError

    def compiled(self, target: str, at: Setup) -> Compiled:
        line = at.timeline()
        line.pulse(target, at.settings[target].x90)
        return Compiled((line.read(target),), (target,))


def test_a_request_that_cannot_be_shortened_is_read_whole() -> None:
    laboratory = calibrate()
    laboratory.requests = frozenset({LongRequest})  # type: ignore[misc]  # those of an instance, here
    noted = measure(laboratory, "0", LongRequest())
    assert noted == {"0": PLAYED | {"drag_hpi_amplitude", "drag_hpi_beta", "hpi_length"}}


class UnplayableRequest(OwnRequest):
    """A request whose programs cannot be built."""

    def compiled(self, target: str, at: Setup) -> Compiled:
        assert at.settings[target].pi_length_ns
        raise InvalidInputError("no program")


def test_reads_of_a_laboratory_count_for_programs_that_cannot_be_built() -> None:
    laboratory = OwnLaboratory()
    laboratory.requests = frozenset({UnplayableRequest})  # type: ignore[misc]  # those of an instance, here
    own = {qid: {"control_amplitude"} for qid in "012"}
    assert measure(laboratory, "0", UnplayableRequest()) == own | {"0": {"control_amplitude", "pi_length"}}


@pytest.mark.parametrize(("counts", "most"), [([999.0, 0.0, 500.0], 1), ([0.0], 0)])
def test_a_shortened_train_has_one_pulse_at_most(counts: list[float], most: int) -> None:
    request = PulseTrain(np.array(counts), Pulse(0.2, 40.0), start="superposition")
    assert request.shortened().counts.tolist() == [most]
    assert request.shortened().start == "superposition"
