"""Silent errors of qubex: each counts as a failure of its target alone, and leaves the calibration note
unchanged.
"""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_core.errors import AnalysisError, MissingInputError
from qdash_core.models.estimates import Parameter
from qdash_qubex.errors import ConnectionLostError
from qdash_qubex.library.classifiers import ClassifierFilter
from qdash_qubex.native.bell_state_tomography import CheckBellStateTomography
from qdash_qubex.native.drag_pulses import CreateDRAGHPIPulse
from qdash_qubex.native.plain_pulses import CreateHPIPulse
from qdash_qubex.native.rabi import CheckRabi
from qdash_qubex.native.ramsey import CheckRamsey
from qdash_qubex.native.randomized_benchmarking import RandomizedBenchmarking
from qdash_qubex.native.readout_classification import ReadoutClassification
from qdash_qubex.native.t1 import CheckT1
from qdash_qubex.native.zx90 import CreateZX90

from .stand_in import StandIn, calibrating_half_pi, figure, outcomes, rabi_param, result_of, signals, t1_data

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.slow  # qubex is imported for its result classes


def measuring_t1(folder: Path, **data: Any) -> StandIn:
    return StandIn(folder, t1_experiment=lambda _targets, **_: result_of(data))


def test_numbers_come_with_the_library_s_errors_in_the_units_of_the_parameters(tmp_path: Path) -> None:
    (found,) = outcomes(CheckT1, measuring_t1(tmp_path, Q0=t1_data("Q0")), "0")

    t1 = found.parameters["t1"]
    assert (t1.value, t1.error, t1.unit) == (pytest.approx(30.0), pytest.approx(0.3), "us")
    assert found.r2 == 0.99


@pytest.mark.parametrize(
    ("t1_ns", "asked", "waits"),
    [(30e3, {}, [None]), (90e3, {}, [None, 450e3]), (90e3, {"interval": 2e5}, [2e5])],
)
def test_a_t1_that_is_too_long_for_the_library_s_wait_is_measured_once_more(
    tmp_path: Path, t1_ns: float, asked: dict[str, float], waits: list[float | None]
) -> None:
    calls: list[dict[str, Any]] = []

    def measured(_targets: list[str], **options: Any) -> Any:
        calls.append(options)
        return result_of({"Q0": t1_data("Q0", t1=t1_ns)})

    outcomes(CheckT1, StandIn(tmp_path, t1_experiment=measured), "0", **asked)

    assert [call.get("shot_interval") for call in calls] == waits


def test_a_target_that_the_library_left_out_fails_and_the_others_do_not(tmp_path: Path) -> None:
    good, missing = outcomes(CheckT1, measuring_t1(tmp_path, Q0=t1_data("Q0")), "0", "1")

    assert good.parameters["t1"].value == pytest.approx(30.0)
    assert isinstance(missing, AnalysisError)
    assert "nothing for Q1" in str(missing)


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({"t1": np.nan}, "no number for t1"),
        ({"error": np.inf}, "the error of t1 is inf"),
        ({"r2": 0.05}, "R2 of the library's fit is 0.05"),
        ({"r2": np.nan}, "R2"),
        ({"t1": 900e3}, "t1 = 900 us is not within the sweep, 0.1 to 200 us"),
    ],
)
def test_a_number_that_is_none_or_not_to_be_believed_fails(
    tmp_path: Path, numbers: dict[str, float], words: str
) -> None:
    (found,) = outcomes(CheckT1, measuring_t1(tmp_path, Q0=t1_data("Q0", **numbers)), "0")

    assert isinstance(found, AnalysisError)
    assert words in str(found)


def test_a_point_that_is_no_number_fails(tmp_path: Path) -> None:
    data = t1_data("Q0")
    data.data[3] = np.nan

    (found,) = outcomes(CheckT1, measuring_t1(tmp_path, Q0=data), "0")

    assert isinstance(found, AnalysisError)
    assert "1 of 21 numbers of iq are not finite" in str(found)


def test_a_target_on_which_a_call_fails_does_not_take_the_others_along(tmp_path: Path) -> None:
    def measured(targets: list[str], **_: Any) -> Any:
        if "Q1" in targets:
            raise ValueError("no sweep data for Q1")
        return result_of({label: t1_data(label) for label in targets})

    good, bad, other = outcomes(CheckT1, StandIn(tmp_path, t1_experiment=measured), "0", "1", "2")

    assert good.parameters["t1"].value == other.parameters["t1"].value == pytest.approx(30.0)
    assert isinstance(bad, ValueError)


def test_a_target_without_a_rabi_calibration_is_told_so_before_anything_is_played(tmp_path: Path) -> None:
    library = measuring_t1(tmp_path, Q0=t1_data("Q0"))
    del library.rabi_params["Q1"]

    good, lacking = outcomes(CheckT1, library, "0", "1")

    assert good.parameters["t1"].value == pytest.approx(30.0)
    assert isinstance(lacking, MissingInputError)
    assert "run CheckRabi" in str(lacking)


REFERENCE: dict[str, Any] = {
    "target": "Q0",
    "qdash_made_with": {
        "readout_frequency": 6.8,
        "readout_amplitude": 0.1,
        "readout_duration": 384.0,
        "control_amplitude": 0.1,
    },
}


@pytest.mark.parametrize(("readout_ghz", "seen"), [(6.8, True), (6.9, True), (6.9, False)])
def test_signals_are_referred_to_the_readout_in_use(
    tmp_path: Path, readout_ghz: float, *, seen: bool
) -> None:
    """qubex itself continues with the previous calibration of the readout."""
    measured_again: list[str] = []

    def rabi(labels: list[str], **_: Any) -> None:
        measured_again.extend(labels)
        if seen:
            library.calib_note.put_property("rabi_params", "Q0", {"target": "Q0"})
        else:
            del library.rabi_params["Q0"]

    library = measuring_t1(tmp_path, Q0=t1_data("Q0"))
    library.obtain_rabi_params = rabi
    library.calib_note.put_property("rabi_params", "Q0", dict(REFERENCE))
    library.targets["RQ0"].frequency = readout_ghz

    found, again = outcomes(CheckT1, library, "0"), outcomes(CheckT1, library, "0")

    assert measured_again == ([] if readout_ghz == 6.8 else ["Q0"])
    assert all(isinstance(one, MissingInputError) is not seen for one in (*found, *again))


def test_a_dead_qubit_s_rabi_oscillation_fails(tmp_path: Path) -> None:
    from qubex.experiment.models.experiment_result import RabiData
    from qubex.experiment.models.rabi_param import RabiParam

    lengths = np.arange(0.0, 404.0, 8.0)
    noise = np.random.default_rng(1).normal(size=(2, lengths.size))
    data = RabiData("Q0", noise[0] + 1j * noise[1], lengths, RabiParam.nan("Q0"))

    (found,) = outcomes(
        CheckRabi, StandIn(tmp_path, obtain_rabi_params=lambda _targets, **_: result_of({"Q0": data})), "0"
    )

    assert isinstance(found, AnalysisError)
    assert "rabi_frequency" in str(found)


def ramsey_data(delays: Any, mhz: float) -> Any:
    from qubex.experiment.models.experiment_result import RamseyData

    signal = np.exp(-delays / 8e3) * np.cos(2 * np.pi * mhz * 1e-3 * delays)
    signal += np.random.default_rng(2).normal(scale=0.01, size=delays.size)
    return RamseyData(
        "Q0",
        signals(signal),
        delays,
        rabi_param("Q0"),
        t2=8e3,
        ramsey_freq=mhz * 1e-3,
        bare_freq=4.9,
        r2=0.99,
    )


def test_an_error_that_the_library_does_not_give_is_absent(tmp_path: Path) -> None:
    """The refit for the error ends in another minimum than that of the library."""
    data = ramsey_data(np.arange(0.0, 10_100.0, 100.0), 1.0)

    (found,) = outcomes(
        CheckRamsey, StandIn(tmp_path, ramsey_experiment=lambda _targets, **_: result_of({"Q0": data})), "0"
    )

    assert found.parameters["qubit_frequency"].error is None
    assert found.parameters["t2_star"].error is None


@pytest.mark.parametrize("mhz", [0.05, 7.0])
def test_a_fringe_that_the_delays_do_not_show_fails(tmp_path: Path, mhz: float) -> None:
    data = ramsey_data(np.arange(0.0, 10_100.0, 100.0), mhz)

    (found,) = outcomes(
        CheckRamsey, StandIn(tmp_path, ramsey_experiment=lambda _targets, **_: result_of({"Q0": data})), "0"
    )

    assert isinstance(found, AnalysisError)
    assert "outside the range that the delays resolve" in str(found)


def calibrating_drag(folder: Path, *, beta: float, r2: float = 0.99) -> StandIn:
    from qubex.analysis import FitResult, FitStatus
    from qubex.experiment.models.result import Result

    def calibrated(targets: list[str], **_: Any) -> Any:
        for amplitude in (0.2, 0.21):
            library.calib_note.update_drag_hpi_param(
                "Q0", {"target": "Q0", "duration": 16, "amplitude": amplitude, "beta": beta}
            )
        fit = FitResult(FitStatus.SUCCESS, data={"amplitude": 0.21, "r2": r2}, figure=figure())
        return Result({"amplitude": dict.fromkeys(targets, fit), "beta": dict.fromkeys(targets, beta)})

    library = StandIn(folder, calibrate_drag_hpi_pulse=calibrated)
    return library


BEFORE = {"target": "Q0", "duration": 16, "amplitude": 0.19, "beta": 0.24, "timestamp": "2026-01-01 00:00:00"}


@pytest.mark.parametrize(("beta", "r2", "words"), [(0.0, 0.99, "no DRAG coefficient"), (0.3, 0.4, "R2")])
def test_a_drag_pulse_that_fails_is_not_in_the_note(
    tmp_path: Path, beta: float, r2: float, words: str
) -> None:
    library = calibrating_drag(tmp_path, beta=beta, r2=r2)
    library.calib_note.put_property("drag_hpi_params", "Q0", dict(BEFORE))

    (found,) = outcomes(CreateDRAGHPIPulse, library, "0")

    assert isinstance(found, AnalysisError)
    assert words in str(found)
    assert library.calib_note.get_property("drag_hpi_params", "Q0") == BEFORE


@pytest.mark.parametrize(
    ("raised", "told"),
    [(KeyboardInterrupt(), KeyboardInterrupt), (TimeoutError("no answer"), ConnectionLostError)],
)
def test_what_is_cut_short_leaves_nothing_in_the_note(
    tmp_path: Path, raised: BaseException, told: type[BaseException]
) -> None:
    def cut_short(_targets: list[str], **_: Any) -> None:
        library.calib_note.put_property("drag_hpi_params", "Q0", {**BEFORE, "amplitude": 0.3})
        raise raised

    library = StandIn(tmp_path, calibrate_drag_hpi_pulse=cut_short)
    library.calib_note.put_property("drag_hpi_params", "Q0", dict(BEFORE))

    with pytest.raises(told):
        outcomes(CreateDRAGHPIPulse, library, "0")

    assert library.calib_note.get_property("drag_hpi_params", "Q0") == BEFORE


def test_signals_are_referred_to_the_length_of_readout_in_use(tmp_path: Path) -> None:
    """qubex sums over the samples of a readout."""
    measured_again: list[str] = []

    def rabi(labels: list[str], **_: Any) -> None:
        measured_again.extend(labels)

    library = measuring_t1(tmp_path, Q0=t1_data("Q0"))
    library.obtain_rabi_params = rabi
    library.readout_duration = 768.0
    library.calib_note.put_property("rabi_params", "Q0", dict(REFERENCE))

    outcomes(CheckT1, library, "0")

    assert measured_again == ["Q0"]


def test_a_drag_pulse_that_is_refused_is_not_in_the_note(tmp_path: Path) -> None:
    """The verdict may come long after the library has written it to the note."""
    library = calibrating_drag(tmp_path, beta=0.3)
    library.calib_note.put_property("drag_hpi_params", "Q0", dict(BEFORE))

    (found,) = outcomes(CreateDRAGHPIPulse, library, "0", refused=True)

    assert found.quality["library_amplitude"] == 0.21
    assert library.calib_note.get_property("drag_hpi_params", "Q0") == BEFORE


@pytest.mark.parametrize("refused", [False, True])
def test_what_was_calibrated_last_is_played(tmp_path: Path, *, refused: bool) -> None:
    """The library plays a DRAG pulse wherever its note has one, however old."""
    library = calibrating_half_pi(tmp_path)
    library.calib_note.put_property("drag_hpi_params", "Q0", dict(BEFORE))

    outcomes(CreateHPIPulse, library, "0", refused=refused)

    sections = json.loads(str(library.calib_note))
    played = [section for section, entries in sections.items() if entries]
    assert played == (["drag_hpi_params"] if refused else ["hpi_params"])


def test_the_note_holds_the_drag_pulse_that_was_found_last(tmp_path: Path) -> None:
    """qubex itself keeps the first of two entries within one second."""
    library = calibrating_drag(tmp_path, beta=0.3)

    (found,) = outcomes(CreateDRAGHPIPulse, library, "0")

    assert found.parameters == {}  # another pulse than QDash's
    assert found.quality == {"library_amplitude": 0.21, "library_beta_ns": 0.3, "library_length_ns": 16.0}
    entry = library.calib_note.get_property("drag_hpi_params", "Q0")
    assert (entry["amplitude"], entry["beta"]) == (0.21, 0.3)


def calibrating_zx90(folder: Path, root: float) -> StandIn:
    from qubex.experiment.models.result import Result

    amplitudes = np.linspace(0.4, 0.6, 5)

    def calibrated(_control: str, _target: str, **_: Any) -> Any:
        full_scale = 1.0 if np.isnan(root) else root
        library.calib_note.put_property(
            "cr_params", "Q0-Q1", {**TONE, "cr_amplitude": full_scale, "duration": 112.0, "timestamp": None}
        )
        signal = {"signal": np.linspace(1, -1, 5)}
        return Result(
            {"amplitude_range": amplitudes, "root": root, "n1": signal, "n3": signal}, figure=figure()
        )

    library = StandIn(folder, calibrate_zx90=calibrated)
    library.calib_note.put_property("cr_params", "Q0-Q1", dict(TONE))
    return library


TONE = {
    "target": "Q0-Q1",
    "duration": 0.0,
    "ramptime": 28.0,
    "cr_amplitude": 0.5,
    "cr_phase": 0.1,
    "cr_beta": 0.0,
    "cancel_amplitude": 0.01,
    "cancel_phase": 0.2,
    "cancel_beta": 0.0,
    "rotary_amplitude": 0.0,
    "zx_rotation_rate": 0.001,
    "timestamp": "2026-01-01 00:00:00",
}


@pytest.mark.parametrize(
    ("root", "words"), [(np.nan, "rotates the target by π/2"), (0.6, "not within the sweep")]
)
def test_a_zx90_without_a_root_is_not_in_the_note(tmp_path: Path, root: float, words: str) -> None:
    library = calibrating_zx90(tmp_path, root)

    (found,) = outcomes(CreateZX90, library, "0-1")

    assert isinstance(found, AnalysisError)
    assert words in str(found)
    assert library.calib_note.get_property("cr_params", "Q0-Q1") == TONE


def test_a_zx90_with_a_root_has_its_length_and_is_in_the_note(tmp_path: Path) -> None:
    library = calibrating_zx90(tmp_path, 0.51)

    (found,) = outcomes(CreateZX90, library, "0-1")

    assert found.parameters["library_zx90_gate_time"].value == 288.0
    assert found.quality["library_cr_amplitude"] == 0.51
    assert library.calib_note.get_property("cr_params", "Q0-Q1")["cr_amplitude"] == 0.51


def classifying(folder: Path, *fidelities: float, save: Callable[[Path], None]) -> StandIn:
    from qubex.experiment.models.result import Result

    shots = {0: np.full(64, 1j), 1: np.full(64, -1j)}

    def built(targets: list[str], **_: Any) -> Any:
        classifiers = {label: SimpleNamespace(save=save) for label in targets}
        library.classifiers.update(classifiers)
        library.calib_note.state_params = {label: {"target": label, "centers": {}} for label in targets}
        return Result(
            {
                "readout_fidelities": {label: list(fidelities) for label in targets},
                "average_readout_fidelity": dict.fromkeys(targets, float(np.mean(fidelities))),
                "data": dict.fromkeys(targets, shots),
                "classifiers": classifiers,
            },
            figures={f"{label}_prepared_{state}": figure() for label in targets for state in (0, 1)},
        )

    library = StandIn(folder, build_classifier=built)
    return library


@pytest.mark.parametrize("fidelities", [(1.0, 0.1), (0.53, 0.52)])
@pytest.mark.parametrize("before", [{}, {"Q0": "of before"}])
def test_a_classifier_that_guesses_fails_and_is_not_kept(
    tmp_path: Path, fidelities: tuple[float, float], before: dict[str, Any]
) -> None:
    kept: list[Path] = []
    library = classifying(tmp_path, *fidelities, save=kept.append)
    library.classifiers.update(before)

    (found,) = outcomes(ReadoutClassification, library, "0")

    assert isinstance(found, AnalysisError)
    assert "no better than guessing" in str(found)
    assert kept == []
    assert library.classifiers == before
    assert library.calib_note.get_property("state_params", "Q0") is None


def test_a_classifier_that_is_refused_is_not_kept(tmp_path: Path) -> None:
    kept: list[Path] = []
    library = classifying(tmp_path, 0.8, 0.8, save=kept.append)
    library.classifiers["Q0"] = "of before"

    outcomes(ReadoutClassification, library, "0", refused=True)

    assert kept == []
    assert library.classifiers == {"Q0": "of before"}


@pytest.mark.parametrize(
    ("gate_ns", "words"),
    [(288.0, "no classifier"), (300.0, "takes 288 ns instead of the calibrated 300 ns: run CreateZX90")],
)
def test_a_gate_that_is_no_longer_in_the_note_is_not_played(
    tmp_path: Path, gate_ns: float, words: str
) -> None:
    """CheckCrossResonance replaces it by a bare tone."""
    known = {"library_zx90_gate_time": Parameter(gate_ns, None, "ns")}

    (found,) = outcomes(CheckBellStateTomography, StandIn(tmp_path), "0-1", inputs=known)

    assert isinstance(found, MissingInputError)
    assert words in str(found)


def test_shots_are_not_told_apart_by_a_classifier_of_another_readout(tmp_path: Path) -> None:
    library = classifying(tmp_path, 0.98, 0.95, save=lambda _: None)
    outcomes(ReadoutClassification, library, "0", "1")
    following = ClassifierFilter(library)
    following.update()
    assert library.classifiers.keys() == {"Q0", "Q1"}

    library.targets["RQ1"].frequency += 1e-4
    following.update()
    (found,) = outcomes(CheckBellStateTomography, library, "0-1")

    assert isinstance(found, MissingInputError)
    assert "no classifier of Q1 for the readout in use: run ReadoutClassification" in str(found)


def test_a_classifier_that_cannot_be_kept_is_not_used_either(tmp_path: Path) -> None:
    def save(_path: Path) -> None:
        raise OSError(28, "No space left on device")

    library = classifying(tmp_path, 0.98, 0.95, save=save)
    library.classifiers["Q0"] = "of before"

    (_, failed) = outcomes(ReadoutClassification, library, "0")

    assert isinstance(failed, OSError)
    assert library.classifiers == {"Q0": "of before"}
    assert library.calib_note.get_property("state_params", "Q0") is None


def test_a_good_classifier_is_kept_where_the_library_looks_for_it(tmp_path: Path) -> None:
    def save(path: Path) -> None:
        path.write_text("a classifier", "utf-8")

    library = classifying(tmp_path, 0.98, 0.95, save=save)
    (found,) = outcomes(ReadoutClassification, library, "0")

    assert library.classifiers.keys() == {"Q0"}
    assert found.parameters["readout_fidelity_1"].value == 0.95
    assert found.parameters["average_readout_fidelity"].error is None
    folder = tmp_path / "classifiers" / "SIM"
    assert {one.name: one.read_text("utf-8") for one in folder.iterdir()} == {"Q0.pkl": "a classifier"}


def test_what_the_library_prints_is_not_heard(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def measured(targets: list[str], **_: Any) -> Any:
        from tqdm import tqdm

        sys.stdout.write("Target qubits")
        return result_of({label: t1_data(label) for label in tqdm(targets)})

    outcomes(CheckT1, StandIn(tmp_path, t1_experiment=measured), "0")

    heard = capfd.readouterr()
    assert (heard.out, heard.err) == ("", "")


def benchmarking(folder: Path, *, sequences: int = 30, **fit: float) -> StandIn:
    from qubex.experiment.models.result import Result

    lengths = np.array([1, 100, 1000, 4000])
    decay = 0.5 + 0.5 * 0.999 ** lengths[:, None]
    luck = 1e-3 * np.random.default_rng(0).normal(size=(4, sequences))
    data = {
        "n_cliffords": lengths,
        "trials": decay + luck,
        "A": 0.5,
        "p": 0.999,
        "C": 0.5,
        "avg_gate_fidelity": 0.9995,
        "avg_gate_fidelity_err": 1e-5,
        "r2": 0.99,
        **fit,
    }
    return StandIn(
        folder,
        randomized_benchmarking=lambda targets, **_: Result(
            dict.fromkeys(targets, data), figures={"Q0": figure()}
        ),
    )


@pytest.mark.parametrize(
    ("fit", "words"), [({"p": 1.0}, "there is no visible decay"), ({"C": 0.7}, "instead of 0.5")]
)
def test_a_decay_that_was_not_followed_fails(tmp_path: Path, fit: dict[str, float], words: str) -> None:
    (found,) = outcomes(RandomizedBenchmarking, benchmarking(tmp_path, **fit), "0")

    assert isinstance(found, AnalysisError)
    assert words in str(found)


@pytest.mark.parametrize("sequences", [7, 30])
def test_the_error_of_a_fidelity_is_that_of_the_sequences(tmp_path: Path, sequences: int) -> None:
    """The error of the library's fit, 1e-5 here, is the scatter of means about a curve."""
    (found,) = outcomes(RandomizedBenchmarking, benchmarking(tmp_path, sequences=sequences), "0")

    fidelity = found.parameters["average_gate_fidelity"]
    assert fidelity.value == 0.9995
    assert fidelity.error != 1e-5
    assert (fidelity.error is None) is (sequences < 8)


@pytest.mark.parametrize(("wait_ns", "again"), [(100_000.0, []), (500_000.0, ["Q0"])])
def test_signals_are_referred_to_a_calibration_with_as_long_a_wait(
    tmp_path: Path, wait_ns: float, again: list[str]
) -> None:
    """Shots that start slightly excited have less contrast."""
    measured_again: list[str] = []

    def rabi(labels: list[str], **_: Any) -> None:
        measured_again.extend(labels)
        library.calib_note.put_property("rabi_params", "Q0", {"target": "Q0"})

    library = measuring_t1(tmp_path, Q0=t1_data("Q0"))
    library.obtain_rabi_params = rabi
    made_with = {**REFERENCE["qdash_made_with"], "shot_interval": 153_600.0}
    library.calib_note.put_property("rabi_params", "Q0", {"target": "Q0", "qdash_made_with": made_with})

    outcomes(CheckT1, library, "0", interval=wait_ns)
    outcomes(CheckT1, library, "0", interval=wait_ns)

    assert measured_again == again
