"""Session of qubex, one per process, with all arguments given; errors come with advice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_core import Parameter
from qdash_core.errors import BackendError

from .configurations import parameter
from .sessions import configured, context, controller_of, opened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core import BackendContext
    from qdash_qubex.backend import QubexBackend

pytestmark = pytest.mark.slow


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> BackendContext:
    return configured(monkeypatch, tmp_path)


@pytest.fixture
def backend(run: BackendContext) -> Iterator[QubexBackend]:
    backend = opened(run)
    yield backend
    backend.disconnect()


def calibrated(backend: QubexBackend, qid: str, **values: float) -> None:
    backend.apply({qid: {name: Parameter(value) for name, value in values.items()}})


def test_the_controller_is_made_for_the_system_and_its_qubits(backend: QubexBackend) -> None:
    controller = controller_of(backend)
    assert controller.made_for == ("SIM4-Q3", ("Q0", "Q1"))
    assert controller.is_connected


def test_a_second_session_in_a_process_is_refused(backend: QubexBackend, run: BackendContext) -> None:
    with pytest.raises(BackendError, match="already has an open session of qubex"):
        opened(run)
    assert controller_of(backend).is_connected


def test_a_session_that_is_closed_makes_room_for_the_next(run: BackendContext) -> None:
    first = opened(run)
    controller = controller_of(first)
    first.disconnect()
    assert not controller.is_connected
    opened(run).disconnect()


def test_a_session_that_does_not_connect_makes_room_for_the_next(
    run: BackendContext, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import recording_controllers  # the module named in the settings

    def broken(system_id: str, labels: tuple[str, ...]) -> object:
        controller = recording_controllers.RecordingController(system_id, labels)
        controller.failure = ConnectionError("box-a does not answer")
        return controller

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(recording_controllers, "made", broken)
        with pytest.raises(
            BackendError, match=r"cannot connect to system SIM4-Q3 \(boxes BOXA\).*box-a does not"
        ):
            opened(run)
    assert "Traceback" not in caplog.text  # qubex logs it too; the error reports it once
    opened(run).disconnect()


def test_qubits_that_qubex_leaves_out_are_named(run: BackendContext, tmp_path: Path) -> None:
    parameter(tmp_path / "configuration", "control_frequency", {"Q0": 4.34, "Q1": 4.8, "Q3": 4.4})
    with pytest.raises(
        BackendError, match=r"no control_frequency .*: 2; no readout_frequency .*: 3\. Add what"
    ):
        opened(context(tmp_path, ("0", "2", "3")))


def test_without_names_of_qubits_those_are_taken_that_there_are(run: BackendContext, tmp_path: Path) -> None:
    backend = opened(context(tmp_path, ()))
    assert set(backend.laboratory.settings) == {"0", "1", "2"}
    backend.disconnect()


@pytest.mark.parametrize(("kind", "extra"), [("quel1", "quel1"), ("quel3", "quel3")])
def test_without_a_driver_it_is_said_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, extra: str
) -> None:
    run = configured(monkeypatch, tmp_path, kind=kind)
    monkeypatch.delenv("QDASH_QUBEX_CONTROLLER")
    with pytest.raises(
        BackendError, match=rf"driver is not installed: `pip install 'qubex\[{extra}\]==1\.5.* into "
    ):
        opened(run)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("QDASH_QUBEX_CONFIG", "nowhere", r"no chip\.yaml in nowhere/config"),
        ("QDASH_QUBEX_SYSTEM", "SIM4-Q9", r"no system 'SIM4-Q9'.*systems: SIM4-Q3"),
        ("QDASH_QUBEX_CONTROLLER", "recording_controllers:lost", "has no attribute 'lost'"),
    ],
)
def test_a_setting_that_is_wrong_is_told(
    run: BackendContext, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(BackendError, match=said):
        opened(run)


def test_a_configuration_that_qubex_refuses_is_told_in_its_words(run: BackendContext, tmp_path: Path) -> None:
    (tmp_path / "configuration" / "config" / "box.yaml").write_text("{}", encoding="utf-8")
    with pytest.raises(
        BackendError, match=r"qubex cannot open system SIM4-Q3 .*missing in `box\.yaml`: BOXA"
    ):
        opened(run)


def test_nothing_lies_in_the_working_folder(run: BackendContext, tmp_path: Path) -> None:
    before = set(tmp_path.iterdir())
    opened(run).disconnect()
    assert {one.name for one in set(tmp_path.iterdir()) - before} == {"home"}
    assert (run.home / "qubex" / "default" / "SIM4" / "calib_note.json").is_file()


def test_boxes_are_let_go_although_the_note_cannot_be_kept(run: BackendContext) -> None:
    backend = opened(run)
    controller = controller_of(backend)
    folder = run.home / "qubex" / "default" / "SIM4"
    folder.rmdir()
    folder.write_text("no folder", encoding="utf-8")
    with pytest.raises(OSError, match="SIM4"):
        backend.disconnect()
    assert not controller.is_connected
    folder.unlink()
    opened(run).disconnect()


def test_calibrated_values_are_what_qubex_uses(backend: QubexBackend) -> None:
    calibrated(
        backend,
        "0",
        qubit_frequency=4.35,
        readout_frequency=6.201,
        control_amplitude=0.2,
        readout_amplitude=0.05,
    )
    experiment = backend.get_instance()
    targets, params = experiment.ctx.targets, experiment.ctx.params
    assert (targets["Q0"].frequency, targets["RQ0"].frequency) == (4.35, 6.201)
    assert (params.control_amplitude["Q0"], params.readout_amplitude["Q0"]) == (0.2, 0.05)
    assert experiment.ctx.qubits["Q0"].frequency == 4.35
    assert experiment.ctx.resonators["Q0"].frequency == 6.201
    used = {
        "qubit_frequency": 4.35,
        "readout_frequency": 6.201,
        "control_amplitude": 0.2,
        "readout_amplitude": 0.05,
    }
    assert backend.session.read_back("0") == used
    assert used.items() <= backend.read_back("0").items()


def test_calibrated_values_outlast_that_qubex_reads_its_folder_again(backend: QubexBackend) -> None:
    calibrated(backend, "0", qubit_frequency=4.35)
    ctx, system = backend.get_instance().ctx, backend.session.system
    ctx.system_manager.load(
        system_id=system.system_id,
        config_dir=ctx.config_path,
        params_dir=ctx.params_path,
        backend_controller=controller_of(backend),
    )
    assert ctx.targets["Q0"].frequency == 4.3415
    assert backend.read_back("0")["qubit_frequency"] == 4.35
    assert ctx.targets["Q0"].frequency == 4.35


def test_what_goes_with_the_frequency_of_a_qubit_follows_it(backend: QubexBackend) -> None:
    calibrated(backend, "0", qubit_frequency=4.35)
    targets = backend.get_instance().ctx.targets
    assert targets["Q1-Q0"].frequency == 4.35
    assert targets["Q0-ef"].frequency == pytest.approx(4.35 - 0.33)
    calibrated(backend, "0", anharmonicity=-0.31)
    assert targets["Q0-ef"].frequency == pytest.approx(4.35 - 0.31)


def test_a_calibrated_frequency_does_not_move_what_a_generator_reaches(backend: QubexBackend) -> None:
    """The instruments were configured before."""
    before = backend.laboratory.limits.line("0").frequencies_ghz
    calibrated(backend, "0", qubit_frequency=4.5)
    assert backend.session.lines.windows_ghz("0") == before
