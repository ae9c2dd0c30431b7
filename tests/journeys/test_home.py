"""The home: created on first use, and checked by `qdash doctor`."""

from __future__ import annotations

import stat
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .command_line import CommandLine


def test_init_makes_the_home_and_may_be_repeated(qdash: CommandLine) -> None:
    document = qdash.read_json("init")

    assert document == {
        "home": str(qdash.home),
        "store_url": f"sqlite:///{qdash.home}/qdash.db",
        "artifacts_url": f"file://{qdash.home}/artifacts",
        "user": "admin",
        "project": "default",
    }
    before = qdash.read_everything()
    assert qdash.read_json("init") == document
    assert qdash.read_everything() == before


@pytest.mark.parametrize("command", [("chip", "list"), ("executions", "list"), ("twin", "list")])
def test_any_command_that_needs_a_home_makes_it(qdash: CommandLine, command: tuple[str, ...]) -> None:
    qdash.does(*command)

    assert qdash.home is not None
    assert (qdash.home / "qdash.db").is_file()


@pytest.mark.parametrize(
    "command",
    [
        ("--help",),
        ("--version",),
        pytest.param(("plugins", "list"), marks=pytest.mark.slow),
    ],
)
def test_a_command_that_needs_no_home_makes_none(qdash: CommandLine, command: tuple[str, ...]) -> None:
    qdash.does(*command)

    assert list(qdash.folder.iterdir()) == []


def test_without_a_setting_the_home_is_the_user_s_data_folder(homeless: CommandLine) -> None:
    assert homeless.read_json("init")["home"] == str(homeless.folder / "data" / "qdash")


def test_a_home_may_have_any_name(homeless: CommandLine) -> None:
    odd = homeless.with_home(homeless.folder / "100% größer? #1 & co")

    odd.does("twin", "create", "bench", "--device", "jakarta")
    odd.does("task", "run", "CheckResonatorSpectroscopy", "--chip", "bench", "--qid", "0", "--save")

    assert odd.read_json("metrics", "bench")["qubits"]["0"]
    assert {path.name for path in odd.folder.iterdir()} == {"100% größer? #1 & co"}


def test_settings_are_read_from_a_file_in_the_working_folder(homeless: CommandLine) -> None:
    here = homeless.folder
    (here / "qdash.toml").write_text(f'home = "{here / "from-file"}"\n', encoding="utf-8")

    assert homeless.read_json("init")["home"] == str(here / "from-file")
    assert homeless.with_home(here / "home").read_json("init")["home"] == str(here / "home")


def test_the_doctor_finds_a_healthy_installation_healthy(qdash: CommandLine) -> None:
    checks = {check["name"]: check for check in qdash.read_json("doctor")["checks"]}

    assert {"settings", "home", "store", "artifacts", "plugin core", "plugin fake"} <= set(checks)
    assert {check["status"] for check in checks.values()} == {"ok"}


@pytest.mark.parametrize(
    ("setting", "value", "sick"),
    [
        ("QDASH_TIMEZONE", "Mars/Olympus", "settings"),
        ("QDASH_STORE_URL", "carrier-pigeon://loft", "store"),
        ("QDASH_ARTIFACTS_URL", "carrier-pigeon://loft", "artifacts"),
    ],
)
def test_the_doctor_names_what_is_wrong_and_what_to_do(
    qdash: CommandLine, setting: str, value: str, sick: str
) -> None:
    outcome = qdash.with_settings(**{setting: value})("doctor", "--json")

    assert outcome.status == 1
    (found,) = [check for check in outcome.document["checks"] if check["status"] != "ok"]
    assert found["name"] == sick
    assert value in found["detail"] or "carrier-pigeon" in found["detail"]
    assert found["advice"]


def test_the_doctor_looks_at_a_home_that_cannot_be_written(homeless: CommandLine) -> None:
    (homeless.folder / "file").touch()

    outcome = homeless.with_home(homeless.folder / "file" / "home")("doctor", "--json")

    assert outcome.status == 1
    assert {"home", "store", "artifacts"} == {
        c["name"] for c in outcome.document["checks"] if c["status"] == "failed"
    }


def test_the_workspace_s_plugins_are_listed_with_what_they_provide(qdash: CommandLine) -> None:
    plugins = {plugin["name"]: plugin for plugin in qdash.read_json("plugins", "list")}

    for plugin in plugins.values():
        assert set(plugin) == {"name", "distribution", "version", "status", "error", "provides"}
    assert plugins["fake"]["status"] == "ok"
    assert plugins["fake"]["provides"]["qdash_backends"] == ["fake"]
    assert "CheckT1" in plugins["tasks"]["provides"]["qdash_tasks"]
    assert {"bring-up", "check"} <= set(plugins["tasks"]["provides"]["qdash_flows"])


def test_a_blocked_plugin_is_listed_and_gives_nothing(qdash: CommandLine) -> None:
    without = qdash.with_settings(QDASH_BLOCK_PLUGINS="fake")

    plugins = {plugin["name"]: plugin for plugin in without.read_json("plugins", "list")}
    assert (plugins["fake"]["status"], plugins["fake"]["provides"]) == ("blocked", {})
    assert "No such command 'twin'" in without.run_refused("twin", "list")
    assert without.read_json("chip", "list") == []


FLOW = """
from qdash_core import CalibService
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets


def night(username, chip_id, qids):
    cal = CalibService(username, chip_id, flow_name="night")
    cal.run(QubitTargets(qids), [CustomOneQubit(["CheckResonatorSpectroscopy"])])
    cal.finish_calibration()
"""


@pytest.mark.parametrize(
    ("umask", "shared", "folder_mode", "file_mode"),
    [
        pytest.param(0o000, (), 0o700, 0o600, id="private"),
        pytest.param(0o077, ("--shared",), 0o2770, 0o660, id="shared", marks=pytest.mark.slow),
    ],
)
def test_everything_that_a_run_leaves_is_as_private_as_the_home(
    qdash: CommandLine, umask: int, shared: tuple[str, ...], folder_mode: int, file_mode: int
) -> None:
    home, masked = qdash.home, replace(qdash, umask=umask)
    assert home is not None
    (qdash.folder / "night.py").write_text(FLOW)
    for command in (
        ("init", *shared),
        ("twin", "create", "bench", "--device", "linear-1"),
        ("flow", "save", "night.py"),
        ("calibrate", "bench", "--flow", "night", "--qids", "0"),
        ("twin", "truth", "bench"),
    ):
        masked.does(*command)
    found = {path.relative_to(home).as_posix(): path.stat().st_mode for path in (home, *home.rglob("*"))}
    assert {"qdash.db", "artifacts", "twins/default/bench/twin.lock"} < found.keys()
    assert any(name.startswith("flows/") for name in found)
    wrong = {
        name: oct(mode)
        for name, mode in found.items()
        if stat.S_IMODE(mode) != (folder_mode if stat.S_ISDIR(mode) else file_mode)
    }
    assert wrong == {}
