"""The contract of operations of plugins: those of the simulated chips and of a fridge keep it."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from qdash_builtin.cooldowns.feature import CRYOSTATS
from qdash_core import Call, Document, Filter, PluginError, PluginOperations, RequiredRole
from qdash_fake.documents import TwinRequest
from qdash_fake.operations import operations as fake_operations
from qdash_testing import OperationCall, OperationContract

from .. import cryo_plugin
from .broken_operations import (
    Move,
    list_all_fridges,
    list_first_fridge,
    list_one_fridge,
    make_fridges,
    move_any_fridge,
    move_fridge_first,
    move_fridge_silently,
    show_any_fridge,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qdash_core.models.access import Access
    from qdash_core.runtime.application import QDash


def install_plugin(folder: Path, name: str, source: str) -> Mapping[str, str]:
    """Install a plugin of one module into a folder, and return the environment of processes that have it."""
    described = folder / f"{name}-1.0.dist-info"
    described.mkdir()
    (folder / f"{name}.py").write_text(source)
    (described / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (described / "entry_points.txt").write_text(f"[qdash]\n{name} = {name}\n")
    return {"PYTHONPATH": f"{folder}:{Path(__file__).parents[2]}"}


def install_fridges(folder: Path, replaced: str = "") -> Mapping[str, str]:
    """Install the operations on cryostats, some of them replaced, and return the environment of processes that have them."""
    return install_plugin(
        folder,
        "fridges",
        "from qdash_core import hookimpl\n"
        "from tests.conformance.broken_operations import *\n"
        f"@hookimpl\ndef qdash_operations():\n    return [make_fridges({replaced})]\n",
    )


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
        return install_plugin(
            tmp_path_factory.mktemp("plugins"),
            "cryo",
            "from tests.cryo_plugin import make_plugin\nqdash_operations = make_plugin().qdash_operations\n",
        )

    @classmethod
    def prepare(cls, qdash: QDash, access: Access) -> Mapping[str, OperationCall]:
        cryo_plugin.make_plugin()
        qdash.get(CRYOSTATS).create(access, "K-101")
        power = cryo_plugin.HeaterPower(power_mw=5)
        return {
            "show_heater": OperationCall({"cryo_id": "K-101"}, words=("K-101",)),
            "set_heater": OperationCall(
                {"cryo_id": "K-101", "body": power}, words=("K-101", "--power-mw", "6")
            ),
        }


class Fridges(OperationContract):
    """Contract of operations on cryostats, one of them replaced in some tests."""

    __test__ = False
    operations = make_fridges()

    @classmethod
    def prepare(cls, qdash: QDash, access: Access) -> Mapping[str, OperationCall]:
        for name in ("K-101", "K-102", "K-103"):
            qdash.get(CRYOSTATS).create(access, name)
        first = {"cryo_id": "K-101"}
        calls = (
            OperationCall(),
            OperationCall(first, words=("K-101",)),
            OperationCall({**first, "body": Move(location="B1")}, words=("K-101", "--location", "B2")),
            OperationCall({"cryo_id": "K-102"}, words=("K-103",)),
        )
        return {one.function.__name__: call for one, call in zip(cls.operations.declared, calls, strict=True)}


@pytest.mark.slow
class TestFridges(Fridges):
    __test__ = True

    @pytest.fixture(scope="class")
    @classmethod
    def environment(cls, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
        """Install the plugin."""
        return install_fridges(tmp_path_factory.mktemp("plugins"))


def replace_fridges(**replaced: Callable[..., object]) -> OperationContract:
    """Return the tests of the operations on cryostats, some of them replaced."""

    class Replaced(Fridges):
        operations = make_fridges(**replaced)

    return Replaced()


class Pressure(Document):
    """A pressure of a fridge."""

    mbar: float


def show_pressure(call: Call) -> Pressure:
    """Show the pressure."""
    return Pressure(mbar=1e-6)


def count_readings(call: Call) -> Pressure:
    """Count the readings, and remember this."""
    call.qdash.get(CRYOSTATS).create(call.access, "K-102")
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
    monkeypatch.setattr("qdash_testing.operations._run_host", lambda *_: nullcontext("http://host.invalid"))


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


@pytest.mark.parametrize("breaks", [list_first_fridge, list_all_fridges, list_one_fridge])
@pytest.mark.usefixtures("_without_host")
def test_a_list_whose_pages_have_other_items_is_found(tmp_path: Path, breaks: Callable[..., object]) -> None:
    right, wrong = replace_fridges(), replace_fridges(list=breaks)
    with right._open_site(tmp_path, {}) as site:
        right.test_the_pages_of_a_list_have_each_item_once(site)
        calls = {**site.calls, breaks.__name__: OperationCall()}
        with pytest.raises((AssertionError, PluginError), match=f"fridges_{breaks.__name__} (answers|has)"):
            wrong.test_the_pages_of_a_list_have_each_item_once(replace(site, calls=calls))


@pytest.mark.parametrize(
    ("breaks", "reason"),
    [
        (move_any_fridge, "changes an object that has changed since `call.as_of`"),
        (move_fridge_first, "changes before it refuses"),
    ],
)
def test_a_change_of_an_old_version_is_found(
    tmp_path: Path, breaks: Callable[..., object], reason: str
) -> None:
    replace_fridges().test_an_edit_of_an_old_version_is_refused_and_changes_nothing(tmp_path / "right")
    with pytest.raises((AssertionError, pytest.fail.Exception), match=f"fridges_{breaks.__name__} {reason}"):
        replace_fridges(move=breaks).test_an_edit_of_an_old_version_is_refused_and_changes_nothing(
            tmp_path / "wrong"
        )


@pytest.mark.slow
def test_an_answer_without_a_version_is_found(tmp_path: Path) -> None:
    environment = install_fridges(tmp_path, "show=show_any_fridge, move=move_fridge_silently")
    wrong = replace_fridges(show=show_any_fridge, move=move_fridge_silently)
    with (
        wrong._open_site(tmp_path / "reads", environment) as site,
        pytest.raises(AssertionError, match="fridges_show_any_fridge answers no version"),
    ):
        wrong.test_a_read_answers_the_same_at_the_host(site)
    with pytest.raises(AssertionError, match="fridges_move_fridge_silently answers no version"):
        wrong.test_a_change_answers_its_model_at_the_host_and_its_command_does(
            tmp_path / "changes", environment
        )


@pytest.mark.parametrize(
    ("calls", "reason"),
    [
        ({}, "returns no call of show_pressure: return an OperationCall of each operation"),
        ({"show": OperationCall()}, "returns a call of show, which is no operation of the plugin"),
        (
            {"show_pressure": OperationCall({"unit": "mbar"})},
            r"calls show_pressure with unit.* \(known: stage",
        ),
        ({"show_pressure": OperationCall()}, "calls show_pressure without stage, which it requires"),
    ],
)
def test_a_call_that_does_not_fit_its_operation_is_named(
    tmp_path: Path, calls: Mapping[str, OperationCall], reason: str
) -> None:
    class Contract(OperationContract):
        operations = PluginOperations("cryo")

        @classmethod
        def prepare(cls, qdash: QDash, access: Access) -> Mapping[str, OperationCall]:
            return calls

    @Contract.operations.get("/pressure/{stage}", needs=RequiredRole.VIEWER)
    def show_pressure(call: Call, stage: str) -> Pressure:
        """Show the pressure of a stage."""
        raise NotImplementedError

    with pytest.raises(pytest.fail.Exception, match=f"^Contract.prepare {reason}"):
        Contract().test_a_read_changes_nothing(tmp_path)


class Stage(Filter):
    stage: str = "still"


def test_filters_without_required_fields_need_not_be_given(tmp_path: Path) -> None:
    class Contract(OperationContract):
        operations = PluginOperations("cryo")

        @classmethod
        def prepare(cls, qdash: QDash, access: Access) -> Mapping[str, OperationCall]:
            return {"show_pressure": OperationCall()}

    @Contract.operations.get("/pressure", needs=RequiredRole.VIEWER)
    def show_pressure(call: Call, query: Stage) -> Pressure:
        """Show the pressure of a stage."""
        assert query == Stage()
        return Pressure(mbar=1)

    Contract().test_a_read_changes_nothing(tmp_path)


@pytest.mark.usefixtures("_without_host")
def test_settings_of_the_environment_are_not_in_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "own"
    monkeypatch.setenv("QDASH_STORE_URL", f"sqlite:///{elsewhere}.db")
    monkeypatch.setenv("QDASH_PROFILE", "laboratory")
    with replace_fridges()._open_site(tmp_path, {}) as site, site.connect() as host:
        assert str(host.base_url) == "http://host.invalid"  # type: ignore[attr-defined]
    assert not [*tmp_path.glob("own*")]


def test_a_fault_of_a_declaration_is_found() -> None:
    with pytest.raises(PluginError, match="has the path"):
        make_contract(show_pressure, path="pressure").test_the_declarations_have_no_fault()
