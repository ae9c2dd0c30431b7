"""The contract of operations of plugins: those of the simulated chips and of a fridge keep it."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from qdash_core import Call, Document, PluginError, PluginOperations, RequiredRole
from qdash_core.testing import OperationCall, OperationContract
from qdash_fake.documents import TwinRequest
from qdash_fake.operations import operations as fake_operations

from .. import cryo_plugin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qdash_core.application import QDash
    from qdash_core.models.access import Access


@pytest.mark.slow
class TestTwins(OperationContract):
    operations = fake_operations

    @classmethod
    def prepare(cls, qdash: QDash, access: Access) -> Mapping[str, OperationCall]:
        return {
            "devices": OperationCall(),
            "device_topology": OperationCall({"name": "linear-2"}),
            "create_twin": OperationCall({"asked": TwinRequest(chip_id="a", device="linear-2", seed=1)}),
        }


@pytest.mark.slow
class TestHeaters(OperationContract):
    operations = cryo_plugin.operations

    @pytest.fixture(scope="class")
    @classmethod
    def environment(cls, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
        """Install the plugin, whose hook is a function of a module."""
        folder = tmp_path_factory.mktemp("plugins")
        described = folder / "cryo-1.0.dist-info"
        described.mkdir()
        (folder / "cryo.py").write_text(
            "from tests.cryo_plugin import make_plugin\nqdash_operations = make_plugin().qdash_operations\n"
        )
        (described / "METADATA").write_text("Metadata-Version: 2.1\nName: cryo\nVersion: 1.0\n")
        (described / "entry_points.txt").write_text("[qdash]\ncryo = cryo\n")
        return {"PYTHONPATH": f"{folder}:{Path(__file__).parents[2]}"}

    @classmethod
    def prepare(cls, qdash: QDash, access: Access) -> Mapping[str, OperationCall]:
        cryo_plugin.make_plugin()
        qdash.cryostats.create(access, "K-101")
        power = cryo_plugin.HeaterPower(power_mw=5)
        return {
            "show_heater": OperationCall({"cryo_id": "K-101"}, words=("K-101",)),
            "set_heater": OperationCall(
                {"cryo_id": "K-101", "body": power}, words=("K-101", "--power-mw", "6")
            ),
        }


class Pressure(Document):
    """A pressure of a fridge."""

    mbar: float


def show_pressure(call: Call) -> Pressure:
    """Show the pressure."""
    return Pressure(mbar=1e-6)


def count_readings(call: Call) -> Pressure:
    """Count the readings, and remember this."""
    call.qdash.cryostats.create(call.access, "K-102")
    return Pressure(mbar=1e-6)


def show_text(call: Call) -> Pressure:
    """Show the pressure as text."""
    return cast("Pressure", "1e-6 mbar")


def make_contract(function: Callable[[Call], Pressure], *, path: str = "/pressure") -> OperationContract:
    """Return the tests of a plugin with one operation."""

    class OneOperation(OperationContract):
        operations = PluginOperations("cryo")

        @classmethod
        def prepare(cls, qdash: QDash, access: Access) -> Mapping[str, OperationCall]:
            return {function.__name__: OperationCall()}

    OneOperation.operations.get(path, needs=RequiredRole.VIEWER)(function)
    return OneOperation()


@pytest.fixture
def _without_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "qdash_core.testing.operations._run_host", lambda *_: nullcontext("http://host.invalid")
    )


def test_a_read_that_changes_the_store_is_found(tmp_path: Path) -> None:
    make_contract(show_pressure).test_a_read_changes_nothing(tmp_path / "right")
    with pytest.raises(AssertionError, match="cryo_count_readings changes the store"):
        make_contract(count_readings).test_a_read_changes_nothing(tmp_path / "wrong")


@pytest.mark.usefixtures("_without_host")
def test_an_answer_of_another_type_is_found(tmp_path: Path) -> None:
    right, wrong = make_contract(show_pressure), make_contract(show_text)
    with right._open_site(tmp_path, {}) as site:
        right.test_a_read_answers_its_model(site)
        with pytest.raises(AssertionError, match="cryo_show_text answers str"):
            wrong.test_a_read_answers_its_model(replace(site, calls={"show_text": OperationCall()}))
        with pytest.raises(AssertionError):
            wrong.test_each_operation_has_a_call(site)


def test_a_fault_of_a_declaration_is_found() -> None:
    with pytest.raises(PluginError, match="has the path"):
        make_contract(show_pressure, path="pressure").test_the_declarations_have_no_fault()
