"""Commands of an entity of a plugin, and its records where the plugin is not installed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Annotated, Literal

import pytest

from qdash_builtin.entities import Editable, PluginRecord, declare_plugin_entity
from qdash_builtin.entities.composition import open_entity
from qdash_builtin.entities.operations import declare_entity_operations
from qdash_builtin.entities.views import get_view_model
from qdash_builtin.people.feature import PROJECTS
from qdash_cli.app import app
from qdash_cli.main import run
from qdash_core import Call, Command, Feature, PluginOperations, RequiredRole, hookimpl
from qdash_core.hooks.manager import load_plugins
from qdash_core.operations.operation import Operations
from qdash_core.operations.plugin_operations import ENTITY_COMMANDS
from qdash_core.runtime.application import open_qdash

from ...access import ADMIN, access_of
from ...helium_fills import FILLS, declare_fills, make_plugin
from ...sample_log import PHOTO, SAMPLES

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.hooks.manager import Registry
    from qdash_core.runtime.application import QDash

    from ...cli.conftest import InProcess
    from ...helium_fills import HeliumFill


@pytest.fixture
def lab(command: InProcess, monkeypatch: pytest.MonkeyPatch) -> InProcess:
    """Commands with a plugin with an entity."""
    _install(monkeypatch, make_plugin(FILLS))
    return command


def _install(monkeypatch: pytest.MonkeyPatch, *plugins: object) -> None:
    _use(monkeypatch, load_plugins(extra={f"gas{number}": one for number, one in enumerate(plugins)}))


def _use(monkeypatch: pytest.MonkeyPatch, registry: Registry) -> None:
    for module in ("qdash_core.hooks.manager", "qdash_core.runtime.runtime", "qdash_builtin.home.doctor"):
        monkeypatch.setattr(f"{module}.load_plugins", lambda **_: registry)
    # An earlier test may have loaded the commands of plugins.
    monkeypatch.setattr(app, "_with_plugins", False)
    monkeypatch.setattr(app, "commands", {})


def test_an_entity_has_commands_with_an_option_for_each_field(lab: InProcess) -> None:
    assert "helium-fill " in lab.does("--help")
    assert "Create, list, show, edit and delete helium fills." in lab.does("helium-fill", "--help")
    said = " ".join(lab.does("helium-fill", "create", "--help").split())
    for option in (
        "--litres NUMBER Volume, in l. [required]",
        "--purity 5.0|6.0 Purity: 5.0 or 6.0; default: 5.0.",
        "--leaked YES|NO Whether some was lost.",
        "--filled-at TIME Time of the fill.",
        "--supplier TEXT Supplier.",
    ):
        assert option in said


def test_records_are_created_listed_shown_edited_and_deleted(lab: InProcess) -> None:
    said = lab.does("helium-fill", "list")
    assert said == "no helium fills yet: create one with `qdash helium-fill create`\n"
    assert lab.read_json("helium-fill", "list") == []
    made = lab.read_json(
        "helium-fill", "create", "--litres", "50", "--filled-at", "2026-11-20 09:00", "--leaked", "yes"
    )
    record_id = made["record_id"]
    assert made == {
        "record_id": record_id,
        "litres": 50.0,
        "purity": "5.0",
        "leaked": True,
        "filled_at": "2026-11-20T00:00:00Z",
        "username": "admin",
        "created_at": made["created_at"],
    }
    shown = lab.does("helium-fill", "show", record_id)
    assert shown.startswith(
        f"helium fill {record_id}\n"
        "  volume (l): 50.0\n"
        "  purity: 5.0\n"
        "  leaked: yes\n"
        "  filled: 2026-11-20 09:00:00+09:00\n"
        "  username: admin\n"
        "  created: "
    )
    assert "filled" not in lab.does("helium-fill", "edit", record_id, "--filled-at", "")
    lab.does("helium-fill", "edit", record_id, "--filled-at", "2026-11-20T00:00Z")
    headings = lab.does("helium-fill", "list").split("\n")[0]
    labels = ["helium fill", "volume (l)", "purity", "leaked", "filled", "username"]
    assert re.split(r"  +", headings) == labels
    changed = lab.read_json("helium-fill", "edit", record_id, "--leaked", "no", "--supplier", "Cold Gases")
    assert changed == {**made, "leaked": False, "supplier": "Cold Gases"}
    assert (
        lab.read_json("helium-fill", "list") == [changed] == [lab.read_json("helium-fill", "show", record_id)]
    )
    assert lab.does("helium-fill", "delete", record_id) == f"helium fill {record_id} was deleted\n"
    assert lab.read_json("helium-fill", "list") == []


def test_invalid_commands_are_refused_with_one_line(lab: InProcess) -> None:
    record_id = lab.read_json("helium-fill", "create", "--litres", "1", "--leaked", "yes")["record_id"]
    for arguments, message in (
        (("create",), "Missing option '--litres'"),
        (("create", "--litres", "-1"), "--litres: it has to be greater than 0"),
        (("create", "--litres", "1", "--purity", "7"), "--purity: it has to be '5.0' or '6.0'"),
        (("create", "--litres", "1", "--leaked", "maybe"), "--leaked: it has to be true or false"),
        (("create", "--litres", "1", "--filled-at", "one day"), "--filled-at: 'one day' is not a moment"),
        (("edit", record_id), "nothing to change: use an option such as --supplier TEXT"),
        (
            ("edit", "x", "--litres", "1"),
            "there is no helium fill 'x' in project default",
        ),
        (("show", record_id, "--project", "nope"), "there is no project 'nope'"),
        (("list", "--user", "eve"), "there is no user 'eve'"),
    ):
        assert message in lab.run_refused("helium-fill", *arguments)
    assert lab.run_refused("helium-fill", "delete", record_id) == "error: a leak stays on record\n"


def test_a_plugin_whose_entity_has_the_name_of_a_command_is_set_aside(
    command: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    _install(monkeypatch, make_plugin(declare_fills(name="chip", plural="chip-fills")), make_plugin(FILLS))
    plugins = {one["name"]: one for one in command.read_json("plugins", "list")}
    assert plugins["gas0"]["status"] == "failed"
    assert "the command name 'chip' is taken by QDash itself" in plugins["gas0"]["error"]
    assert plugins["gas1"]["provides"] == {"qdash_entities": ["helium-fill"], "qdash_cli": ["helium-fill"]}
    assert "Create, list" in command.does("helium-fill", "--help")


# --------------------------------------------------------------------------------------- where the plugin is not installed


@pytest.fixture
def fills(command: InProcess) -> list[HeliumFill]:
    """Records in the home of commands without the plugin."""
    command.does("init")
    with open_qdash() as qdash:
        qdash.get(PROJECTS).create("lab", username="admin")
        records = open_entity(qdash, FILLS)
        records.create(ADMIN, litres=0.1, filled_at="2026-11-20T08:30:00.5Z")
        records.create(access_of("admin", "lab"), litres=3, supplier="Cold Gases µ")
        return list_everything(qdash)


def list_everything(qdash: QDash) -> list[HeliumFill]:
    records = open_entity(qdash, FILLS)
    return [one for access in (ADMIN, access_of("admin", "lab")) for one in records.list_by_project(access)]


def read_records() -> list[HeliumFill]:
    with open_qdash() as qdash:
        return list_everything(qdash)


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("mongodb", marks=pytest.mark.slow)])
def test_records_are_kept_by_migration_backup_restore_and_verification(
    command: InProcess,
    fills: list[HeliumFill],
    kind: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    first = f"sqlite:///{tmp_path}/home/qdash.db"
    second = (
        f"sqlite:///{tmp_path}/second.db" if kind == "sqlite" else request.getfixturevalue("new_mongo_url")
    )
    third = f"sqlite:///{tmp_path}/third.db"
    assert len(fills) == 2
    moved = command.read_json("store", "migrate", first, second)["collections"]["plugin_record"]
    assert (moved["copied"], moved["verified"]) == (2, True)
    monkeypatch.setenv("QDASH_STORE_URL", second)
    assert read_records() == fills
    command.does("store", "verify")
    command.does("store", "backup", str(tmp_path / "backup.tar"))
    command.does("store", "verify", str(tmp_path / "backup.tar"))
    monkeypatch.setenv("QDASH_STORE_URL", third)
    command.does("store", "restore", str(tmp_path / "backup.tar"))
    assert read_records() == fills
    command.does("store", "verify")


def test_a_project_with_records_is_not_deleted(command: InProcess, fills: list[HeliumFill]) -> None:
    said = command.run_refused("project", "delete", "lab")
    assert "project 'lab' is not empty (records of plugins: 1)" in said
    assert read_records() == fills


def test_records_are_created_and_listed_by_chip(command: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    _install(monkeypatch, make_plugin(SAMPLES))
    for chip_id in ("A", "B"):
        command.does("chip", "create", chip_id, "--topology", "square-lattice-mux-16")
    made = command.read_json("sample", "create", "--name", "wafer", "--chip", "A", "--target", "0")
    command.does("sample", "create", "--name", "die", "--chip", "B")
    assert command.read_json("sample", "list", "--chip", "A") == [made]
    assert command.read_json("sample", "list", "--target", "1") == []
    assert "no chip 'C'" in command.run_refused("sample", "create", "--name", "x", "--chip", "C")
    assert "  chip: A\n" in command.does("sample", "show", made["record_id"])
    refused = command.run_refused("sample", "create", "--name", "", "--chip", "A")
    assert "it has to have at least 1 character" in refused
    refused = command.run_refused("sample", "edit", made["record_id"], "--name", "")
    assert "it has to have at least 1 character" in refused


def test_files_are_attached_shown_downloaded_and_kept_by_backups(
    command: InProcess, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _install(monkeypatch, make_plugin(SAMPLES))
    command.does("chip", "create", "A", "--topology", "square-lattice-mux-16")
    record_id = command.read_json("sample", "create", "--name", "wafer", "--chip", "A")["record_id"]
    photo, copy = tmp_path / "photo.jpg", tmp_path / "copy.jpg"
    photo.write_bytes(PHOTO)
    said = command.does("sample", "attach", str(photo), record_id, "photo.jpg")
    assert said == f"photo.jpg: {len(PHOTO)} bytes were attached\n"
    assert "attachments: photo.jpg" in command.does("sample", "show", record_id)
    assert "photo.jpg" in command.does("sample", "attachments", record_id)
    command.does("sample", "download", record_id, "photo.jpg", "--output", str(copy))
    assert copy.read_bytes() == PHOTO

    photo.write_bytes(bytes(2 * 2**20 + 1))
    refused = command.run_refused("sample", "attach", str(photo), record_id, "photo.jpg")
    assert "photo.jpg has 2097153 bytes; 2 MiB are possible" in refused

    command.does("store", "backup", str(tmp_path / "backup.tar"))
    checks = {one["name"]: one for one in command.read_json("store", "verify")["checks"]}
    assert "holds the 1 file that results name; 1 checksums are right" in checks["artifacts"]["detail"]
    monkeypatch.setenv("QDASH_HOME", str(tmp_path / "other"))
    command.does("store", "restore", str(tmp_path / "backup.tar"))
    command.does("sample", "download", record_id, "photo.jpg", "--output", str(copy), "--force")
    assert copy.read_bytes() == PHOTO
    assert command.does("sample", "detach", record_id, "photo.jpg") == "attachment photo.jpg was deleted\n"
    assert command.read_json("sample", "attachments", record_id) == []


operations = PluginOperations("fills")


@operations.post(
    "/helium-fills/{record_id}/leak",
    needs=RequiredRole.EDITOR,
    command=Command("helium-fill note-leak", says="a leak of {litres} l was noted"),
)
def note_leak(call: Call, record_id: str) -> get_view_model(FILLS):  # type: ignore[valid-type]
    """Note that some helium was lost."""
    record = open_entity(call.qdash, FILLS).edit(call.access, record_id, leaked=True)
    return get_view_model(FILLS).from_record(record)


@operations.get("/stock", needs=RequiredRole.VIEWER, command=Command("stock"))
def show_stock(call: Call) -> None:
    """Show the stock."""


def test_an_operation_of_the_plugin_is_a_command_of_its_entity(
    command: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    feature = Feature(
        "helium",
        entities={"helium-fill": f"{declare_fills.__module__}:FILLS"},
        operations=(f"{__name__}:operations",),
    )
    registry = load_plugins(extra={"fills": feature})
    _use(monkeypatch, registry)
    record_id = command.read_json("helium-fill", "create", "--litres", "5")["record_id"]
    assert command.does("helium-fill", "note-leak", record_id) == "a leak of 5.0 l was noted\n"
    assert command.read_json("helium-fill", "show", record_id)["leaked"]
    assert "note-leak  Note that some helium was lost." in command.does("helium-fill", "--help")
    of_plugin = command.does("fills", "--help")
    assert "stock" in of_plugin
    assert "note-leak" not in of_plugin


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("helium-fill list", "has the command 'helium-fill list', which entities have already"),
        (
            "chip warm",
            "commands are below 'chip', which is no entity of the plugin (its entities: helium-fill)",
        ),
        ("helium-fill note leak", "has the command 'helium-fill note leak': one word"),
    ],
)
def test_a_command_below_another_group_is_refused(name: str, message: str) -> None:
    refused = PluginOperations("gas")

    @refused.get("/stock", needs=RequiredRole.VIEWER, command=Command(name))
    def show(call: Call) -> None:
        """Show the stock."""

    plugin = make_plugin(FILLS)
    plugin.qdash_operations = hookimpl(lambda: [refused])
    registry = load_plugins(extra={"gas": plugin})
    registry.operations()
    (record,) = (one for one in registry.plugins if one.name == "gas")
    assert message in str(record.error)


def test_the_commands_of_entities_are_known() -> None:
    declared = Operations("samples")
    declare_entity_operations(declared, SAMPLES)
    assert {one.command.name.partition(" ")[2] for one in declared.declared if one.command} == ENTITY_COMMANDS


def test_lists_are_filtered_by_the_declared_fields(lab: InProcess) -> None:
    said = " ".join(lab.does("helium-fill", "list", "--help").split())
    for option in (
        '--purity 5.0|6.0 Only helium fills whose "purity" is this.',
        "--leaked YES|NO",
        "--litres-min NUMBER",
        "--filled-at-since TIME",
    ):
        assert option in said
    for litres, more in (("1", ()), ("2", ("--leaked", "yes")), ("3", ("--filled-at", "2026-11-20 09:00"))):
        lab.does("helium-fill", "create", "--litres", litres, *more)
    for options, found in (
        (("--leaked", "yes"), [2]),
        (("--litres-min", "2"), [3, 2]),
        (("--litres-min", "2", "--leaked", "no"), [3]),
        (("--filled-at-since", "2026-11-20 09:00", "--filled-at-until", "2026-11-20 09:01"), [3]),
        (("--filled-at-until", "2026-11-20 09:00"), []),
        (("--litres", "1"), [1]),
    ):
        assert [one["litres"] for one in lab.read_json("helium-fill", "list", *options)] == found
    assert lab.does("helium-fill", "list", "--litres", "7") == "no matching helium fills\n"
    assert "purity" in lab.run_refused("helium-fill", "list", "--purity", "4.0")
    both = ("--litres", "1", "--litres-max", "2")
    assert "give a value of litres or a range, not both" in lab.run_refused("helium-fill", "list", *both)


def test_the_doctor_names_records_and_notified_events_of_a_plugin_that_is_gone(
    command: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QDASH_NOTIFY_ON", "dewar.empty, task.failed")
    with monkeypatch.context() as installed:
        _install(installed, make_plugin(SAMPLES))
        command.does("chip", "create", "A", "--topology", "square-lattice-mux-16")
        command.does("sample", "create", "--name", "wafer", "--chip", "A")
        assert "features" not in _read_findings(command)
    _install(monkeypatch)
    found = _read_findings(command)
    assert found["features"] == (
        "the plugin of the entity 'sample' is not installed, its records are kept: 1 record"
    )
    assert found["notifiers"] == (
        "QDASH_NOTIFY_ON names dewar.empty, which no feature and no installed plugin declares"
    )
    assert "A" in command.does("chip", "list")


def _read_findings(command: InProcess) -> dict[str, str]:
    """Return the warnings of the doctor by their names."""
    run(["doctor", "--json"])
    checks = json.loads(command.capture.readouterr().out)["checks"]
    return {one["name"]: one["detail"] for one in checks if one["status"] == "warning"}


class Wafer(PluginRecord):
    """A wafer with optional fields."""

    resistance: Annotated[float | None, Editable("Resistance, in ohm.")] = None
    side: Annotated[Literal["left", "right"] | None, Editable("Side.")] = None
    etched: Annotated[bool | None, Editable("Whether it was etched.")] = None
    place: Annotated[str, Editable("Place.")] = ""


def test_an_empty_text_clears_an_optional_field_of_each_kind(
    command: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    wafers = declare_plugin_entity(
        "wafer", "wafers", Wafer, columns=("resistance",), example={"resistance": 5}
    )
    _install(monkeypatch, make_plugin(wafers))
    given = {"resistance": 5.0, "side": "left", "etched": True, "place": "shelf"}
    options = [part for name, value in given.items() for part in (f"--{name}", str(value).lower())]
    made = command.read_json("wafer", "create", *options)
    assert given.items() <= made.items()
    cleared = [part for name in given for part in (f"--{name}", "")]
    changed = command.read_json("wafer", "edit", made["record_id"], *cleared)
    assert [changed.get(name) for name in given] == [None] * len(given)
    said = command.run_refused("wafer", "edit", made["record_id"], "--resistance", "inf")
    assert "--resistance: it has to be a finite number" in said


def test_users_choose_the_ids_of_an_entity(command: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    example = {"record_id": "B-7", "litres": 100}
    _install(monkeypatch, make_plugin(declare_fills(chosen_ids=True, example=example)))
    assert "create HELIUM-FILL`" in command.does("helium-fill", "list")
    assert command.read_json("helium-fill", "create", "B-7", "--litres", "5")["record_id"] == "B-7"
    said = command.run_refused("helium-fill", "create", "B-7", "--litres", "6")
    assert "helium fill B-7 exists already in project" in said
    assert "helium fill id 'B 7'" in command.run_refused("helium-fill", "create", "B 7", "--litres", "6")
    assert "HELIUM-FILL" in command.run_refused("helium-fill", "create", "--litres", "6")
    assert [one["litres"] for one in command.read_json("helium-fill", "list")] == [5.0]
