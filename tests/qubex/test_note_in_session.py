"""QDash's pulses and gates in the note of an open session of qubex, and their use by the library's own
session.
"""

from __future__ import annotations

import cmath
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_core.models.estimates import Parameter
from qdash_core.process.clock import utc_now
from qdash_qubex.backend import get_storage_folder
from qdash_qubex.library.classifiers import attach_readout_settings, get_readout_settings
from qdash_qubex.names import Names
from qdash_qubex.note import NoteContents, NoteEntry, make_time_fields, write_note
from qdash_qubex.note_entries import CalibratedValue, make_entries
from qdash_tasks.laboratory.program import Waveform

from .sessions import configured, opened

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from qdash_core import BackendContext

pytestmark = pytest.mark.slow


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> BackendContext:
    return configured(monkeypatch, tmp_path)


def test_pulses_that_qubex_plays_alike_are_put_into_its_note(run: BackendContext) -> None:
    backend = opened(run)
    pulse = half_pi(0.105, utc_now() - timedelta(days=13))
    drag = {"drag_pi_amplitude": Parameter(0.2, unit="a.u."), "drag_pi_beta": Parameter(0.3, unit="ns")}
    backend.apply({"1": pulse | drag})
    assert backend.get_instance().x90("Q1").duration == 40.0, "before the task that is given them runs"
    note = backend.save_note()["qubex"]
    assert note["hpi_params"]["Q1"].items() >= {"duration": 40.0, "amplitude": 0.105, "tau": 20.0}.items()
    assert (utc_now() - NoteEntry("hpi_params", "Q1", note["hpi_params"]["Q1"]).made_at).days == 13
    assert note.keys() == {"hpi_params"}
    backend.apply({"1": pulse | drag})
    assert backend.save_note()["qubex"] == note, "what stands there keeps its time"
    backend.disconnect()


def half_pi(amplitude: float, at: datetime) -> dict[str, Parameter]:
    return {
        "hpi_amplitude": Parameter(amplitude, unit="a.u.", calibrated_at=at),
        "hpi_length": Parameter(40.0, unit="ns", calibrated_at=at),
    }


def drag_entry(at: datetime) -> dict[str, object]:
    return {"target": "Q1", "duration": 16.0, "amplitude": 0.2, "beta": 0.1, **make_time_fields(at)}


def test_after_a_drag_pulse_qubex_plays_what_qdash_calibrated_later(run: BackendContext) -> None:
    """Qubex plays a DRAG pulse whenever its note has one."""
    backend, now = opened(run), utc_now()
    library = backend.get_instance()
    library.calib_note.put_property("drag_hpi_params", "Q1", drag_entry(now - timedelta(days=2)))
    assert library.x90("Q1").duration == 16.0
    backend.apply({"1": half_pi(0.105, now - timedelta(days=1))})
    note = backend.save_note()["qubex"]
    assert note.keys() == {"hpi_params"}
    assert library.x90("Q1").duration == 40.0
    backend.disconnect()


def test_a_later_drag_pulse_stays_and_is_told(run: BackendContext, caplog: pytest.LogCaptureFixture) -> None:
    backend, now = opened(run), utc_now()
    backend.get_instance().calib_note.put_property("drag_hpi_params", "Q1", drag_entry(now))
    backend.apply({"1": half_pi(0.105, now - timedelta(days=1))})
    assert backend.save_note()["qubex"].keys() == {"drag_hpi_params", "hpi_params"}
    assert caplog.text.count("qubex's own procedures use drag_hpi_params.Q1") == 1
    backend.disconnect()


def test_an_entry_that_somebody_has_put_in_later_stays_and_is_told(
    run: BackendContext, caplog: pytest.LogCaptureFixture
) -> None:
    backend, now = opened(run), utc_now()
    newer = {"target": "Q1", "duration": 32.0, "amplitude": 0.3, "tau": 12.0, **make_time_fields(now)}
    backend.get_instance().calib_note.put_property("hpi_params", "Q1", newer)
    backend.apply({"1": half_pi(0.105, now - timedelta(days=1))})
    assert backend.save_note()["qubex"] == {"hpi_params": {"Q1": newer}}
    assert "qubex's own procedures use hpi_params.Q1" in caplog.text
    backend.disconnect()


def test_the_last_entry_wins_although_the_clock_was_set_back(run: BackendContext) -> None:
    """Qubex itself drops it silently, in memory and on saving."""
    backend = opened(run)
    own = backend.get_instance().calib_note
    before = {"target": "Q0", "duration": 32.0, "amplitude": 0.1, "tau": 12.0}
    own.update_hpi_param("Q0", {**before, "timestamp": "2126-11-20 06:20:41"})
    own.save()
    own.update_hpi_param("Q0", {**before, "amplitude": 0.2})
    assert own.get_hpi_param("Q0")["amplitude"] == 0.2
    own.save()
    assert backend.save_note()["qubex"]["hpi_params"]["Q0"]["amplitude"] == 0.2
    own.load()
    assert own.get_hpi_param("Q0")["amplitude"] == 0.2
    backend.disconnect()


@pytest.mark.parametrize("changed", ["readout_amplitude", "readout_frequency"])
def test_a_classifier_is_used_only_with_the_readout_that_it_was_trained_with(
    run: BackendContext, changed: str
) -> None:
    backend = opened(run)
    library = backend.get_instance()
    trained, of_a_notebook = SimpleNamespace(), SimpleNamespace()
    attach_readout_settings(trained, get_readout_settings(library, "Q0"))
    library.measurement.update_classifiers({"Q0": trained, "Q1": of_a_notebook})
    before = backend.read_back("0")[changed]
    backend.apply({"0": {changed: Parameter(before * 1.01)}})
    assert dict(library.measurement.classifiers) == {"Q1": of_a_notebook}
    assert dict(library.measurement.execution_service.classifiers) == {"Q1": of_a_notebook}
    backend.apply({"0": {changed: Parameter(before)}})
    assert dict(library.measurement.classifiers) == {"Q0": trained, "Q1": of_a_notebook}
    backend.disconnect()


def test_half_an_entry_of_qubex_is_not_kept_and_replaces_nothing(run: BackendContext) -> None:
    whole = {
        "target": "Q0",
        "duration": 32.0,
        "amplitude": 0.1,
        "tau": 12,
        "timestamp": "2026-11-20 06:20:41",
    }
    backend = opened(run)
    own = backend.get_instance().calib_note
    own.put("pi_params", {"Q0": {**whole, "amplitude": float("nan"), "timestamp": "2026-11-21 00:00:00"}})
    assert backend.save_note()["qubex"] == {}
    backend.update_note({"qubex": {"pi_params": {"Q0": whole}}})
    assert own.get_pi_param("Q0") == whole
    backend.disconnect()


def test_a_gate_of_qdash_that_is_in_the_note_is_played_by_qubex(run: BackendContext) -> None:
    """The library's own session reads the file, and its schedule of the gate has QDash's tones and length."""
    now = utc_now()
    pulse = {"pi_amplitude": 0.21, "pi_length": 40.0}
    gate = {
        "cr_amplitude": 0.4,
        "cr_phase": -1.25,
        "cancel_amplitude": 0.02,
        "cancel_phase": 2.5,
        "rotary_amplitude": -0.05,
        "zx90_gate_time": 280.0,
        "zx_rotation_rate": 1.5,
    }
    values = {
        target: {name: CalibratedValue(value, now) for name, value in known.items()}
        for target, known in {"1": pulse, "0-1": gate}.items()
    }
    entries, left = make_entries(values, Names(4), controls={"0-1": "1"}, now=now)
    write_note(get_storage_folder(run) / "calib_note.json", NoteContents.from_entries(entries))
    backend = opened(run)
    played = backend.get_instance().zx90("Q1", "Q0")
    tone = np.append(Waveform("flat_top", 100.0, edge_ns=28.0).samples(0.4), np.zeros(100))
    beside = cmath.rect(0.02, 2.5) - 0.05
    assert left == []
    assert played.duration == pytest.approx(280.0)
    for label, amplitude in (("Q1-Q0", cmath.rect(0.4, -1.25)), ("Q0", beside)):
        np.testing.assert_allclose(
            played.values[label], amplitude * np.concatenate([tone, -tone]), atol=1e-12, err_msg=label
        )
    backend.disconnect()
