"""Specification of the plugin: readings are recorded, listed, corrected and deleted, for cryostats that exist."""

import json

import pytest
from qdash_builtin.cooldowns import CRYOSTATS
from qdash_builtin.entities import open_entity
from qdash_core import InvalidInputError, NotFoundError, load_plugins, load_settings, open_qdash
from qdash_testing import OperationCall, OperationContract, run_command

from my_fridge.operations import operations
from my_fridge.readings import READINGS, Stage


@pytest.fixture
def qdash(tmp_path):
    """QDash with an in-memory store and a cryostat."""
    with open_qdash(load_settings(home=tmp_path, store_url="memory://")) as qdash:
        qdash.get(CRYOSTATS).create(qdash.access("admin"), "K-101")
        yield qdash


@pytest.fixture
def readings(qdash):
    """Service of the readings."""
    return open_entity(qdash, load_plugins().entities()["fridge-reading"])


def test_a_reading_is_recorded_listed_corrected_and_deleted(qdash, readings):
    access = qdash.access("admin")
    reading = readings.create(access, cryo_id="K-101", temperature_mk=9.8)
    assert (reading.stage, reading.username) == (Stage.MIXING_CHAMBER, "admin")
    corrected = readings.edit(access, reading.record_id, temperature_mk=10.1, remark="sensor 2")
    assert readings.list_by_project(access) == [corrected]
    assert (corrected.temperature_mk, corrected.remark) == (10.1, "sensor 2")
    readings.delete(access, reading.record_id)
    assert readings.list_by_project(access) == []


def test_a_reading_belongs_to_a_cryostat_and_is_above_zero(qdash, readings):
    access = qdash.access("admin")
    with pytest.raises(NotFoundError, match="no cryostat 'K-102'"):
        readings.create(access, cryo_id="K-102", temperature_mk=9.8)
    with pytest.raises(InvalidInputError, match="temperature_mk cannot be 0"):
        readings.create(access, cryo_id="K-101", temperature_mk=0)
    assert readings.list_by_project(access) == []


def test_there_are_commands(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("QDASH_HOME", str(tmp_path))
    assert run_command(["cryostat", "create", "K-101"]) == 0
    capsys.readouterr()
    assert (
        run_command(["fridge-reading", "create", "--cryo-id", "K-101", "--temperature-mk", "9.8", "--json"])
        == 0
    )
    assert json.loads(capsys.readouterr().out)["temperature_mk"] == 9.8
    assert run_command(["fridge-reading", "create", "--cryo-id", "K-101", "--temperature-mk", "11"]) == 0
    capsys.readouterr()
    assert run_command(["my-fridge", "coldest", "K-101", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["temperature_mk"] == 9.8
    assert run_command(["my-fridge", "coldest", "K-102"]) == 2


class TestOperations(OperationContract):
    operations = operations

    @classmethod
    def prepare(cls, qdash, access):
        qdash.get(CRYOSTATS).create(access, "K-101")
        open_entity(qdash, READINGS).create(access, cryo_id="K-101", temperature_mk=9.8)
        return {"show_coldest": OperationCall({"cryo_id": "K-101"}, words=("K-101",))}
