"""A backend that measures through the port: settings in use, calibrated values and notes."""

from __future__ import annotations

import pytest

from qdash_core.backends.base import BackendContext
from qdash_core.errors import InvalidInputError
from qdash_core.models.estimates import Parameter
from qdash_tasks.laboratory.backend import LaboratoryBackend, offered
from qdash_tasks.laboratory.limits import Limits

from ..case_tables import each_case
from .a_laboratory import SilentBackend, SilentLaboratory, settings


@pytest.fixture
def backend() -> SilentBackend:
    return SilentBackend(SilentLaboratory())


def test_what_it_offers_is_known_without_a_connection(tmp_path) -> None:
    offers = SilentBackend.offers(BackendContext("p", "c", (), tmp_path))
    assert offers >= {"laboratory", "Relaxation", "RandomPairSequences"}
    assert "Echo" not in offers


def test_what_is_offered_with_its_limits_is_what_a_laboratory_supports() -> None:
    laboratory = SilentLaboratory()
    for keeps in ({"mean"}, {"each"}, {"mean", "each"}):
        laboratory.limits = Limits(keeps=frozenset(keeps))
        supported = {one.__name__ for one in laboratory.requests if laboratory.supports(one)}
        assert offered(laboratory.requests, laboratory.limits) == supported | {"laboratory"}
        assert ("SingleShots" in supported) == ("each" in keeps)


def test_calibrated_values_are_put_in_use_and_read_back(backend: SilentBackend) -> None:
    backend.apply(
        {
            "0": {"qubit_frequency": Parameter(5.1), "t1": Parameter(80.0)},
            "0-1": {"cr_amplitude": Parameter(0.3)},
            "9": {"qubit_frequency": Parameter(5.2)},
        }
    )
    assert backend.laboratory.settings["0"].drive_frequency_ghz == 5.1
    assert backend.read_back("0")["qubit_frequency"] == 5.1
    assert backend.read_back("0-1") == {"cr_amplitude": 0.3}
    assert backend.read_back("9") == {}


def test_a_note_brings_the_settings_back(backend: SilentBackend) -> None:
    backend.laboratory.adjust("1", {"pi_amplitude": 0.21})
    backend.laboratory.adjust("1-2", {"cr_amplitude": 0.4})
    note = backend.save_note()
    assert note["couplings"].keys() == {"1-2"}
    other = SilentBackend(SilentLaboratory())
    other.update_note(note)
    assert other.laboratory.settings == backend.laboratory.settings
    assert other.laboratory.couplings == backend.laboratory.couplings


@each_case(
    "note", [{"settings": {"9": {}}}, {"couplings": {"0-2": {}}}, {"settings": {"0": {"colour": 1.0}}}]
)
def test_a_note_of_another_laboratory_is_refused(backend: SilentBackend, note: dict) -> None:
    with pytest.raises(InvalidInputError):
        backend.update_note(note)


def test_settings_are_changed_by_adjust_only(backend: SilentBackend) -> None:
    laboratory = backend.laboratory
    with pytest.raises(AttributeError):
        laboratory.settings["0"].pi_amplitude = 0.3  # type: ignore[misc]
    with pytest.raises(TypeError):
        laboratory.settings["0"] = settings()  # type: ignore[index]
    with pytest.raises(InvalidInputError, match="neither a qubit nor a coupling"):
        laboratory.adjust("9", {"pi_amplitude": 0.3})
    with pytest.raises(InvalidInputError, match="pi_length_ns"):
        laboratory.adjust("0", {"pi_amplitude": 0.3, "pi_length_ns": None})
    assert laboratory.settings["0"] == settings()


def test_a_merged_note_has_the_targets_of_the_run_and_keeps_the_others() -> None:
    """Another run has changed qubit 1 and a coupling since this one began."""
    stored = {"settings": {"0": {"a": 1}, "1": {"a": 9}}, "couplings": {"1-2": {"b": 9}}, "else": "kept"}
    new = {"settings": {"0": {"a": 2}, "1": {"a": 1}}, "couplings": {"0-1": {"b": 2}, "1-2": {"b": 1}}}
    assert LaboratoryBackend.merge_note(stored, new, ["0", "0-1"]) == {
        "settings": {"0": {"a": 2}, "1": {"a": 9}},
        "couplings": {"0-1": {"b": 2}, "1-2": {"b": 9}},
        "else": "kept",
    }
