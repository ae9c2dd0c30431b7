"""The backend `qubex`: contract of backends, and its properties without qubex."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from qdash_core.errors import InvalidInputError
from qdash_core.models.estimates import Parameter
from qdash_core.process.clock import utc_now
from qdash_qubex.backend import QubexBackend, get_storage_folder
from qdash_testing import BackendContract

from .configurations import CHIP, SYSTEM, write
from .sessions import configured, context, opened

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core import BackendContext


@pytest.mark.slow
class TestQubexBackend(BackendContract):
    backend_class = QubexBackend

    @pytest.fixture(autouse=True)
    def settings(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch

    def context(self, tmp_path: Path) -> BackendContext:
        return configured(self.monkeypatch, tmp_path)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> BackendContext:
    return configured(monkeypatch, tmp_path)


def test_systems_that_share_a_box_are_one_instrument(run: BackendContext, tmp_path: Path) -> None:
    config = tmp_path / "configuration" / "config"
    boxes = {SYSTEM: "AB", "second": "BC", "third": "CD", "far": "XY"}
    rows = {
        name: [
            {
                "mux": 0,
                "ctrl": [f"BOX{those[0]}:1"],
                "read_out": f"BOX{those[1]}:1",
                "read_in": f"BOX{those[1]}:0",
            }
        ]
        for name, those in boxes.items()
    }
    write(config / "wiring.yaml", rows)
    write(config / "system.yaml", {name: {"chip_id": CHIP, "backend": "quel3"} for name in boxes})
    names = {}
    for name in boxes:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("QDASH_QUBEX_SYSTEM", name)
            names[name] = QubexBackend.instrument(run)
    assert names == {SYSTEM: "qubex/BOXA", "second": "qubex/BOXA", "third": "qubex/BOXA", "far": "qubex/BOXX"}


def test_without_a_configuration_it_is_one_instrument_of_no_design(
    run: BackendContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QDASH_QUBEX_CONFIG", "nowhere")
    assert QubexBackend.instrument(run) == "qubex"
    assert QubexBackend.design(run) == {}


def test_a_chip_that_is_made_anew_inherits_nothing_of_the_one_before(run: BackendContext) -> None:
    made_at = utc_now()
    first, again = (replace(run, chip_made_at=made_at + timedelta(seconds=later)) for later in (0, 1))
    assert get_storage_folder(first) == get_storage_folder(replace(first, qids=("1",)))
    assert get_storage_folder(first) != get_storage_folder(again)
    assert get_storage_folder(first).parent == get_storage_folder(again).parent == get_storage_folder(run)


def test_the_design_is_that_of_the_parameter_files(run: BackendContext) -> None:
    assert QubexBackend.design(run)["1"]["qubit_frequency"] == 4.8056


def test_it_offers_the_standard_requests(run: BackendContext) -> None:
    assert {"laboratory", "Rabi", "Ramsey", "SingleShots", "RandomSequences"} <= QubexBackend.offers(run)


@pytest.mark.slow
def test_settings_of_qubits_that_a_run_leaves_out_stay_in_the_note(
    run: BackendContext, tmp_path: Path
) -> None:
    first = opened(run)
    first.laboratory.adjust("1", {"pi_amplitude": 0.4})
    note = json.loads(json.dumps(first.save_note()))
    first.disconnect()
    second = opened(context(tmp_path, ("0",)))
    second.update_note(note)
    assert second.save_note() == note
    second.disconnect()


@pytest.mark.slow
def test_qubex_own_note_is_part_of_the_note(run: BackendContext) -> None:
    entry = {
        "target": "Q0",
        "duration": 24.0,
        "amplitude": 0.3,
        "beta": 0.2,
        "timestamp": "2026-11-20 06:20:41",
    }
    first = opened(run)
    first.get_instance().calib_note.put("drag_pi_params", {"Q0": entry})
    note = first.save_note()
    assert note["qubex"] == {"drag_pi_params": {"Q0": entry}}
    first.disconnect()
    second = opened(run)
    second.update_note(note)
    assert second.get_instance().calib_note.get_drag_pi_param("Q0", valid_days=10_000)["amplitude"] == 0.3
    second.disconnect()


@pytest.mark.slow
def test_a_pulse_that_is_calibrated_stands_in_qubex_own_note(run: BackendContext) -> None:
    """A raised cosine is qubex' flat top without a flat part."""
    backend = opened(run)
    now = utc_now()
    backend.apply(
        {
            "0": {
                "pi_amplitude": Parameter(0.4, calibrated_at=now),
                "pi_length": Parameter(32.0, calibrated_at=now),
            }
        }
    )
    backend.save_note()
    entry = backend.get_instance().calib_note.get_pi_param("Q0", valid_days=1)
    assert (entry["amplitude"], entry["duration"], entry["tau"]) == (0.4, 32.0, 16.0)
    backend.disconnect()


@pytest.mark.slow
def test_a_note_that_is_none_of_qubex_is_refused(run: BackendContext) -> None:
    backend = opened(run)
    with pytest.raises(InvalidInputError, match="pi_params is a str"):
        backend.update_note({"qubex": {"pi_params": "of yesterday"}})
    backend.disconnect()
