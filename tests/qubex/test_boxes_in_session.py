"""Tasks on boxes in a real session of qubex: LinkUp works while links are down, and a run uses one state of
the folder.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from qdash_core import Parameter
from qdash_core.errors import BackendError
from qdash_qubex.system.check_noise import CheckNoise
from qdash_qubex.system.check_status import CheckStatus
from qdash_qubex.system.configure import Configure
from qdash_qubex.system.configure_all import ConfigureAll
from qdash_qubex.system.dump_box import DumpBox
from qdash_qubex.system.link_up import LinkUp
from qdash_qubex.system.readout_configure import ReadoutConfigure
from qdash_tasks.laboratory.program import Program, Readout
from qdash_tasks.laboratory.shots import Shots

from .configurations import parameter
from .sessions import configured, context, controller_of, opened
from .test_system_tasks import run_on

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_qubex.backend import QubexBackend

pytestmark = pytest.mark.slow

READ = Program((), (Readout(qid="0", start_ns=0.0, length_ns=400.0, frequency_ghz=6.2, amplitude=0.1),))
DOWN = r"links of system SIM4-Q3 are down: BOXA \(2\).*LinkUp"


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[QubexBackend]:
    """A backend that connected while a link was down."""
    configured(monkeypatch, tmp_path)
    monkeypatch.setenv("QDASH_QUBEX_CONTROLLER", "linked_controllers:made")
    backend = opened(context(tmp_path))
    yield backend
    backend.disconnect()


@pytest.fixture
def linked(backend: QubexBackend) -> QubexBackend:
    run_on(backend, LinkUp, relink=True)
    return backend


def test_links_that_are_down_are_told_and_nothing_is_measured(backend: QubexBackend) -> None:
    with pytest.raises(BackendError, match=DOWN):
        backend.laboratory.play([READ], Shots(count=4))
    with pytest.raises(BackendError, match=DOWN):
        run_on(backend, CheckNoise)
    with pytest.raises(BackendError, match=DOWN):
        run_on(backend, ConfigureAll)
    assert backend.session.experiment.ctx.backend_controller.payloads == []


def test_links_that_are_down_can_be_looked_at(backend: QubexBackend) -> None:
    with pytest.raises(BackendError, match=r"these links are down: BOXA \(2\) \(LinkUp brings them up\)"):
        run_on(backend, CheckStatus)


def test_links_are_brought_up_and_the_run_goes_on(backend: QubexBackend) -> None:
    with pytest.raises(BackendError, match=r"BOXA \(2\); `--set LinkUp\.relink=true`"):
        run_on(backend, LinkUp)
    assert run_on(backend, LinkUp, relink=True).note["links"] == {"BOXA": {"1": True, "2": True}}
    (answer,) = backend.laboratory.play([READ], Shots(count=4))
    assert set(answer.iq) == {"0"}
    # The rest of the connection follows after the links are up.
    assert controller_of(backend).done == ["linkup", "sync", "relinkup", "sync", "resync"]


def test_boxes_that_do_not_answer_at_all_are_not_connected_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    configured(monkeypatch, tmp_path)
    import recording_controllers

    def broken(system_id: str, labels: tuple[str, ...]) -> object:
        controller = recording_controllers.RecordingController(system_id, labels)
        controller.failure = ConnectionError("box-a does not answer")
        return controller

    monkeypatch.setattr(recording_controllers, "made", broken)
    with pytest.raises(BackendError, match="box-a does not answer"):
        opened(context(tmp_path))


@pytest.mark.filterwarnings("ignore:.chip_id. is deprecated")  # by qubex, which uses it itself
def test_calibrated_values_outlast_that_boxes_are_configured(
    linked: QubexBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qubex.system import SystemManager

    linked.apply({"0": {"qubit_frequency": Parameter(4.35)}})
    before = controller_of(linked)
    # qubex creates a new one, which without a driver has no connection.
    monkeypatch.setattr(
        SystemManager, "_create_backend_controller", lambda *_, **__: type(before)("again", ())
    )
    monkeypatch.setattr(type(before), "link_status", lambda *_: {"1": True})
    run_on(linked, ConfigureAll)
    after = controller_of(linked)
    assert after is not before
    assert after.done[0] == "deploy"
    linked.apply({})
    assert linked.get_instance().ctx.targets["Q0"].frequency == 4.35
    linked.laboratory.play([READ], Shots(count=4))
    assert len(after.payloads) == 1


@pytest.mark.filterwarnings("ignore:.chip_id. is deprecated")
def test_the_readout_of_one_qubit_after_another_is_configured_and_calibrated_values_stay(
    linked: QubexBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qubex.system import SystemManager

    linked.apply({"0": {"readout_frequency": Parameter(6.201)}, "1": {"readout_frequency": Parameter(6.251)}})
    kind = type(controller_of(linked))
    monkeypatch.setattr(SystemManager, "_create_backend_controller", lambda *_, **__: kind("again", ()))
    monkeypatch.setattr(kind, "link_status", lambda *_: {"1": True})
    ranges = linked.laboratory.limits

    for qid, others in (("0", ["RQ1", "RQ2", "RQ3"]), ("1", ["RQ0", "RQ2", "RQ3"])):
        assert run_on(linked, Configure, qid=qid).note["left_out"] == others
        assert linked.get_instance().experiment_system.targets_to_exclude == others
        linked.apply({})
        assert linked.get_instance().ctx.targets["RQ1"].frequency == 6.251
    run_on(linked, ReadoutConfigure, qubits=[0, 1])
    linked.apply({})

    assert linked.get_instance().experiment_system.targets_to_exclude == ["RQ2", "RQ3"]
    assert linked.laboratory.limits is not ranges
    (answer,) = linked.laboratory.play([READ], Shots(count=4))
    assert set(answer.iq) == {"0"}


def test_boxes_of_quel_3_cannot_be_asked_for_their_settings(linked: QubexBackend) -> None:
    with pytest.raises(BackendError, match=r"boxes BOXA cannot be asked .*`dump_box`"):
        run_on(linked, DumpBox)


@pytest.mark.parametrize("name", ["frequency_margin", "control_frequency"])
def test_a_folder_that_changed_since_the_run_began_is_not_sent(
    linked: QubexBackend, tmp_path: Path, name: str
) -> None:
    """Limits, generators and design are those of the unchanged folder."""
    parameter(tmp_path / "configuration", name, {"Q0": 4.4}, unit="GHz")
    with pytest.raises(
        BackendError, match=rf"^{name}\.yaml in the configuration folder changed .* start a new run"
    ):
        run_on(linked, ConfigureAll)
    assert "deploy" not in controller_of(linked).done
    assert linked.get_instance().ctx.targets["Q0"].frequency == 4.3415


def test_a_controller_in_place_of_boxes_is_told_and_its_runs_are_tagged(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = configured(monkeypatch, tmp_path)
    with caplog.at_level(logging.WARNING, "qdash_qubex"):
        backend = opened(run)
    assert "no instruments: recording_controllers:made replaces qubex's controller" in caplog.text
    assert backend.tags(run) == ("simulated",)
    backend.disconnect()
    monkeypatch.delenv("QDASH_QUBEX_CONTROLLER")
    assert type(backend).tags(run) == ()
