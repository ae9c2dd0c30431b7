"""Commands of plugins at a host: those of operations have the same output as on the home of its machine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.cooldowns.feature import CRYOSTATS
from qdash_cli.app import app
from qdash_core.hooks.manager import load_plugins
from qdash_core.operations.call import Call  # noqa: TC001  the operation's parameters are read
from qdash_core.operations.command import Command
from qdash_core.operations.plugin_operations import PluginOperations
from qdash_core.operations.required_role import RequiredRole
from qdash_core.settings import Settings

from ..api import sockets
from ..cryo_plugin import make_plugin
from .test_profiles import Commands, commands

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["commands"]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sockets.Sockets]:
    """A host with the plugin `cryo`, which commands have, too."""
    registry = load_plugins(extra={"cryo": make_plugin()})
    home = tmp_path_factory.mktemp("served") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("qdash_core.hooks.manager.load_plugins", lambda **_: registry)
        patch.setattr(app, "_with_plugins", False)
        patch.setattr(app, "commands", {})
        with sockets.run_host(Settings(home=home, timezone="Asia/Tokyo"), registry) as host:
            host.host.qdash.get(CRYOSTATS).create(host.host.qdash.access("owner"), "K-101")
            yield host


def test_commands_of_operations_ask_the_host(commands: Commands) -> None:
    commands.log_in()
    assert commands.does("cryo", "heat", "K-101", "--power-mw", "5") == "the heater of K-101 has 5.0 mW\n"
    shown = json.loads(commands.does("cryo", "heater", "K-101", "--json"))
    assert (shown["cryo_id"], shown["power_mw"]) == ("K-101", 5)
    assert "there is no cryostat 'K-102'" in commands.run("cryo", "heater", "K-102")[2]
    assert "there is no cryostat 'K-101'" in commands.run("cryo", "heater", "K-101", "--profile", "local")[2]
    commands.log_in("viewer")
    status, _, refused = commands.run("cryo", "heat", "K-101", "--power-mw", "6")
    assert (status, "takes editor" in refused) == (2, True)


def test_a_twin_is_created_at_the_host_as_on_the_home(commands: Commands) -> None:
    asked = (
        "twin",
        "create",
        "a",
        "--device",
        "linear-2",
        "--seed",
        "3",
        "--fault",
        "dead-line=1@2",
        "--fault",
        "tls",
    )
    here, devices = commands.does(*asked), commands.does("fake", "devices")
    commands.log_in()
    assert (commands.does(*asked), commands.does("fake", "devices")) == (here, devices)
    assert "chip a exists already" in commands.run(*asked)[2]
    qdash = commands.host.host.qdash
    assert qdash.get(CHIPS).show(qdash.access("owner"), "a").header.backend == "fake"


@pytest.mark.parametrize(
    "asked", [("twin", "list"), ("twin", "truth", "a"), ("demo",), ("twin", "create", "--for", "a")]
)
def test_commands_on_the_home_alone_are_refused(commands: Commands, asked: tuple[str, ...]) -> None:
    commands.log_in()
    status, _, refused = commands.run(*asked)
    assert (status, "works on the home of this machine only" in " ".join(refused.split())) == (2, True)


def test_a_host_without_the_plugin_says_so(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    commands.log_in()
    away = PluginOperations("gas")

    @away.get("/fill", needs=RequiredRole.VIEWER, command=Command("fill"))
    def fill(_call: Call) -> None:
        """Fill it."""

    registry = load_plugins(extra={"gas": make_plugin(away)})
    for module in ("hooks.manager", "runtime.runtime"):
        monkeypatch.setattr(f"qdash_core.{module}.load_plugins", lambda **_: registry)
    monkeypatch.setattr(app, "_with_plugins", False)
    monkeypatch.setattr(app, "commands", {})
    status, _, refused = commands.run("gas", "fill")
    assert "the plugin 'gas' is not installed at this host" in " ".join(refused.split())
    assert status == 2
