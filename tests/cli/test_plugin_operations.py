"""Commands of plugins: those of their operations, and others where a host is named."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Literal, Self

import click
import pytest
from pydantic import model_validator

from qdash_builtin.request_parts.typed_values import split_settings
from qdash_cli import works_with_host
from qdash_cli.app import app
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.main import FAILED, run
from qdash_core import Feature
from qdash_core.documents.base import Document
from qdash_core.documents.pages import PageOf
from qdash_core.features.discovery import PluginCandidate, find_installed
from qdash_core.features.plugin_markers import hookimpl
from qdash_core.hooks.manager import load_plugins
from qdash_core.operations.bodies import Body
from qdash_core.operations.call import Call  # noqa: TC001  the operation's parameters are read
from qdash_core.operations.command import Command, OnCommandLine
from qdash_core.operations.plugin_operations import PluginOperations
from qdash_core.operations.required_role import RequiredRole
from qdash_core.process.clock import utc_now

from ..cryo_plugin import HeaterDocument, HeaterPower, make_plugin, set_heater, show_heater

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import InProcess

INSTALLED = find_installed()
HOST = {"QDASH_API_URL": "http://host.invalid", "QDASH_TOKEN": "secret"}


def install(monkeypatch: pytest.MonkeyPatch, **plugins: object) -> None:
    """Let commands have these plugins."""
    registry = load_plugins(extra=plugins)
    for module in ("hooks.manager", "runtime.runtime"):
        monkeypatch.setattr(f"qdash_core.{module}.load_plugins", lambda **_: registry)
    # An earlier test may have loaded the commands of plugins.
    monkeypatch.setattr(app, "_with_plugins", False)
    monkeypatch.setattr(app, "commands", {})


def make_command_plugin(add: Callable[[click.Group], None]) -> SimpleNamespace:
    return SimpleNamespace(qdash_cli=hookimpl(add))


@pytest.fixture
def lab(command: InProcess, monkeypatch: pytest.MonkeyPatch) -> InProcess:
    """Commands with the plugin, and a cryostat."""
    install(monkeypatch, cryo=make_plugin())
    command.does("cryostat", "create", "K-101")
    return command


def test_operations_are_commands_below_the_plugin(lab: InProcess) -> None:
    assert "cryo " in lab.does("--help")
    listed = lab.does("cryo", "--help")
    assert "heat    Set the power of the heater of a cryostat." in listed
    assert "heater  Show the heater of a cryostat." in listed
    assert "--power-mw POWER_MW  Power, in mW.  [required]" in " ".join(
        lab.does("cryo", "heat", "--help").split("   ")
    )


def test_an_answer_is_text_or_json_and_a_fault_names_the_option(lab: InProcess) -> None:
    assert lab.does("cryo", "heat", "K-101", "--power-mw", "5") == "the heater of K-101 has 5.0 mW\n"
    shown = lab.read_json("cryo", "heater", "K-101")
    assert (shown["cryo_id"], shown["power_mw"]) == ("K-101", 5)
    assert lab.does("cryo", "heater", "K-101").startswith("cryo id: K-101\npower mw: 5.0\nchanged at: ")
    assert "--power-mw: " in lab.run_refused("cryo", "heat", "K-101", "--power-mw", "-1")
    assert "there is no cryostat 'K-102'" in lab.run_refused("cryo", "heater", "K-102")
    assert "there is no user 'eve'" in lab.run_refused("cryo", "heater", "K-101", "--user", "eve")


class Window(Body):
    """Pressures of a valve, in mbar."""

    low: float
    high: float = 10
    shut: bool = False

    @model_validator(mode="after")
    def _require_order(self) -> Self:
        if self.high < self.low:
            raise ValueError("the window is empty")
        return self


def test_a_fault_of_several_fields_names_none_of_them(
    command: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_valve(monkeypatch, Command("valve"))
    command.does("cryo", "valve", "--low", "3", "--high", "4")
    assert command.run_refused("cryo", "valve", "--low", "5", "--high", "4") == "error: the window is empty\n"


def test_a_command_that_sends_a_value_has_only_the_required_options(
    command: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    shut = Command(
        "shut", help="Shut a valve.", says="shut: {body.shut}, below {body.low}", sends={"shut": True}
    )
    install_valve(monkeypatch, shut)
    assert command.does("cryo", "shut", "--low", "3") == "shut: True, below 3.0\n"
    said = command.does("cryo", "shut", "--help")
    assert "Shut a valve." in said
    assert "--low" in said
    assert "--high" not in said
    assert "--shut" not in said


class Search(Body):
    """Fields with names that models of QDash have, too."""

    q: int
    """Quality factor."""
    task_id: str
    execution_id: str = ""


def test_the_options_of_a_plugin_follow_from_its_names_alone(
    command: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    operations = PluginOperations("cryo")

    @operations.post("/searches", needs=RequiredRole.EDITOR, command=Command("search", says="{body}"))
    def search_leaks(call: Call, body: Search) -> None:
        """Search for leaks."""

    install(monkeypatch, cryo=SimpleNamespace(qdash_operations=hookimpl(lambda: [operations])))
    done = command.does("cryo", "search", "--q", "7", "--task", "a", "--execution", "b")
    assert done == "q=7 task_id='a' execution_id='b'\n"
    assert {"--q Q", "--task TASK", "--execution EXECUTION"} <= {
        " ".join(line.split()[:2]) for line in command.does("cryo", "search", "--help").splitlines()
    }


def test_an_unexpected_error_is_one_sentence_with_plugin_operation_and_place(
    command: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    operations, broken = PluginOperations("cryo"), [True]

    @operations.get("/pump", needs=RequiredRole.VIEWER, command=Command("pump", says="runs"))
    def show_pump(call: Call) -> None:
        """Show the pump."""
        if broken:
            raise RuntimeError("no pump")

    install(monkeypatch, cryo=SimpleNamespace(qdash_operations=hookimpl(lambda: [operations])))
    assert run(["cryo", "pump"]) == FAILED
    said = command.capture.readouterr().err
    begin = "error: the operation 'show_pump' of the plugin 'cryo' failed: RuntimeError: no pump (test_plugin_operations.py:"
    assert " ".join(said.split()).startswith(begin)
    assert "last failure of cryo: the operation 'show_pump' raised RuntimeError" in command.does(
        "plugins", "list"
    )
    broken.clear()
    command.does("cryo", "pump")
    assert "last failure" not in command.does("plugins", "list")


NEAR, BESIDE = __name__, f"{__name__.rpartition('.')[0]}.conftest"


@pytest.mark.parametrize(
    ("modules", "calls_qdash", "said"),
    [
        ({"cryo": NEAR}, False, "the plugin 'cryo' of qdash-cryo failed: KeyError: 'no pump' (test_plugin_"),
        (
            {"cryo": NEAR, "other": BESIDE},
            False,
            "the plugin 'cryo' of qdash-cryo failed: KeyError: 'no pump' (test_plugin_",
        ),
        (
            {"other": BESIDE, "cryo": BESIDE},
            False,
            "a plugin of qdash-cryo failed: KeyError: 'no pump' (test_plugin_",
        ),
        ({"cryo": NEAR}, True, "unexpected TypeError: 'int' object is not iterable (set"),
        ({"cryo": "elsewhere"}, False, "unexpected KeyError: 'no pump' (set"),
        (None, False, "unexpected KeyError: 'no pump' (set"),
    ],
)
def test_an_unexpected_error_in_a_command_names_the_plugin_whose_code_raised_it(
    command: InProcess,
    monkeypatch: pytest.MonkeyPatch,
    modules: dict[str, str] | None,
    said: str,
    *,
    calls_qdash: bool,
) -> None:
    def add(app: click.Group) -> None:
        @app.command("pump")
        def pump() -> None:
            """Show the pump."""
            ran.append(True)
            if calls_qdash:
                split_settings(1)  # type: ignore[arg-type]
            raise KeyError("no pump")

    def find() -> list[PluginCandidate]:
        if modules is None and ran:
            raise RuntimeError("the entry points cannot be read")
        made = (
            PluginCandidate(name, "qdash-cryo", "1", load=lambda: plugin, module=module)
            for name, module in (modules or {}).items()
        )
        return [*made, *INSTALLED]

    ran: list[bool] = []
    plugin = make_command_plugin(add)
    install(monkeypatch, cryo=plugin)
    monkeypatch.setattr("qdash_core.features.discovery.find_installed", find)
    assert run(["pump"]) == FAILED
    assert " ".join(command.capture.readouterr().err.split()).startswith(f"error: {said}")


class Outlets(Body):
    """Outlets of a valve."""

    sizes: dict[str, str] | None = None
    names: list[str] | None = None
    no_names: bool = False


def test_words_of_a_path_are_required_and_only_lists_have_flags_that_clear_them(
    command: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    operations = PluginOperations("cryo")

    @operations.patch("/valves/{state}", needs=RequiredRole.EDITOR, command=Command("turn", says="{state}"))
    def turn_valve(call: Call, state: Literal["on", "off"], body: Outlets) -> None:
        """Turn a valve."""

    install(monkeypatch, cryo=SimpleNamespace(qdash_operations=hookimpl(lambda: [operations])))
    said = command.does("cryo", "turn", "--help")
    assert "turn [OPTIONS] on|off" in said
    assert "--no-sizes" not in said
    assert said.count("--no-names") == 1, "the flag of the field alone"


def test_the_question_before_a_deletion_names_the_object(
    command: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    operations = PluginOperations("cryo")

    @operations.delete(
        "/valves/{valve}/batteries/{name}", needs=RequiredRole.EDITOR, command=Command("remove", says="gone")
    )
    def remove_battery(call: Call, valve: str, name: str) -> None:
        """Remove a battery."""

    install(monkeypatch, cryo=SimpleNamespace(qdash_operations=hookimpl(lambda: [operations])))
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    asked: list[str] = []
    monkeypatch.setattr("click.confirm", lambda text, **_: asked.append(text))
    assert command.does("cryo", "remove", "v1", "b2") == "gone\n"
    assert asked == ["Remove battery b2 of valve v1?"]


class Service(Body):
    """Service of valves."""

    valves: Annotated[list[str], OnCommandLine(splits_commas=True)]
    reason: Annotated[str, OnCommandLine(metavar="TEXT", is_asked=True)]


def test_a_field_may_be_a_list_with_commas_and_a_text_that_is_asked_for(
    command: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    operations = PluginOperations("cryo")

    @operations.post("/service", needs=RequiredRole.EDITOR, command=Command("serve", says="{body}"))
    def serve_valves(call: Call, body: Service) -> None:
        """Serve valves."""

    install(monkeypatch, cryo=SimpleNamespace(qdash_operations=hookimpl(lambda: [operations])))
    serve = "cryo", "serve", "--valves"
    assert command.does(*serve, "a, b", "--reason", "leak") == "valves=['a', 'b'] reason='leak'\n"
    assert command.run_refused(*serve, " ,", "--reason", "leak") == "error: --valves: name at least one\n"
    assert command.run_refused(*serve, "a") == "error: a reason is needed: --reason TEXT\n"
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _prompt: "a leak")
    assert command.does(*serve, "a") == "valves=['a'] reason='a leak'\n"


class Renaming(Body):
    """Valves, and their name."""

    valves: list[str]
    to: str | None = None
    shut: Annotated[bool | None, OnCommandLine(name="shut/--open")] = None


def test_a_command_may_have_fields_in_another_form_and_ask_another_operation_without_its_argument(
    command: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    operations = PluginOperations("cryo")
    forms = {"valves": OnCommandLine(is_argument=True), "to": OnCommandLine(is_required=True)}

    @operations.post(
        "/names", needs=RequiredRole.EDITOR, command=Command("rename", says="{body}", marks=forms)
    )
    def rename_valves(call: Call, body: Renaming) -> None:
        """Rename valves."""

    @operations.get("/valves", needs=RequiredRole.VIEWER)
    def show_valves(call: Call) -> HeaterDocument:
        """Show all valves."""
        return HeaterDocument(cryo_id="all", power_mw=1, changed_at=utc_now())

    @operations.get(
        "/valves/{name}", needs=RequiredRole.VIEWER, command=Command("valve", default=show_valves)
    )
    def show_valve(call: Call, name: str) -> HeaterDocument:
        """Show a valve."""
        return HeaterDocument(cryo_id=name, power_mw=1, changed_at=utc_now())

    install(monkeypatch, cryo=SimpleNamespace(qdash_operations=hookimpl(lambda: [operations])))
    renamed = command.does("cryo", "rename", "a", "b", "--to", "c", "--open")
    assert renamed == "valves=['a', 'b'] to='c' shut=False\n"
    assert "Missing option '--to'" in command.run_refused("cryo", "rename", "a")
    assert command.read_json("cryo", "valve", "k")["cryo_id"] == "k"
    assert command.read_json("cryo", "valve")["cryo_id"] == "all"


Cycle = Annotated[int | Literal["last"], OnCommandLine(metavar="CYCLE")]
EndOfService = Annotated[datetime, OnCommandLine(is_ahead=True)]
Settings = Annotated[dict[str, str], OnCommandLine(is_argument=True, parse=split_settings)]


class Opening(Body):
    """Opening of valves."""

    settings: Settings
    until: EndOfService | None = None
    force: bool = False


def test_a_field_may_be_parsed_or_be_a_time_ahead_and_an_argument_may_be_missing(
    command: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    operations = PluginOperations("cryo")
    opens = Command("open", says="{cycle} {body.settings}", marks={"force": OnCommandLine(name="push")})

    @operations.post("/open/{cycle}", needs=RequiredRole.EDITOR, command=opens)
    def open_valves(call: Call, cycle: Cycle, body: Opening) -> None:
        """Open valves."""
        assert body.force is (cycle == 7)
        assert body.until is None or body.until > utc_now()

    @operations.post("/cycles/{cycle}", needs=RequiredRole.EDITOR, command=Command("end", says="{cycle}"))
    def end_cycle(call: Call, cycle: Cycle) -> None:
        """End a cycle."""

    install(monkeypatch, cryo=SimpleNamespace(qdash_operations=hookimpl(lambda: [operations])))
    opened = command.does("cryo", "open", "7", "a=1", "b=2", "--until", "8h", "--push")
    assert opened == "7 {'a': '1', 'b': '2'}\n"
    assert "'a' is not a value" in command.run_refused("cryo", "open", "7", "a")
    assert command.does("cryo", "end") == "last\n"


class CycleDocument(Document):
    """Cycle of a valve."""

    number: int


@pytest.mark.parametrize("more", ["", "--before {number}"])
def test_a_list_continues_after_a_cursor_or_after_its_last_item(
    command: InProcess, monkeypatch: pytest.MonkeyPatch, more: str
) -> None:
    operations = PluginOperations("cryo")

    @operations.get("/cycles", needs=RequiredRole.VIEWER, command=Command("cycles", limit=1, more=more))
    def list_cycles(call: Call) -> PageOf[CycleDocument]:
        """List cycles."""
        cycles = [CycleDocument(number=2), CycleDocument(number=1)]
        return PageOf(items=cycles[: call.page.limit], next="CURSOR" if call.page.limit == 1 else None)

    install(monkeypatch, cryo=SimpleNamespace(qdash_operations=hookimpl(lambda: [operations])))
    said = command.does("cryo", "cycles").splitlines()[-1]
    assert said == f"and more: {more.format(number=2) or '--after CURSOR'}"
    assert "and more" not in command.does("cryo", "cycles", "--limit", "500")


def install_valve(monkeypatch: pytest.MonkeyPatch, command: Command) -> None:
    """Let commands have a plugin with an operation that sets a valve."""
    operations = PluginOperations("cryo")

    @operations.post("/valve", needs=RequiredRole.EDITOR, command=command)
    def set_valve(call: Call, body: Window) -> None:
        """Set the window of a valve."""

    install(monkeypatch, cryo=SimpleNamespace(qdash_operations=hookimpl(lambda: [operations])))


def test_programs_ask_for_operations_as_commands_do(lab: InProcess) -> None:
    with CommandUser("admin", None).connect() as transport:
        made = transport.ask(set_heater, "K-101", HeaterPower(power_mw=5))
        assert transport.ask(show_heater, cryo_id="K-101") == made


def test_the_list_of_plugins_names_operations_and_their_group(lab: InProcess) -> None:
    (found,) = (one for one in lab.read_json("plugins", "list") if one["name"] == "cryo")
    assert found["provides"] == {
        "qdash_operations": ["cryo_show_heater", "cryo_set_heater"],
        "qdash_cli": ["cryo"],
    }


def test_help_does_not_load_operations(command: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    def qdash_operations() -> list[PluginOperations]:
        raise OSError("the fridge does not answer")

    install(
        monkeypatch,
        cryo=SimpleNamespace(qdash_operations=hookimpl(qdash_operations)),
        gas=make_command_plugin(add_everywhere),
    )
    assert "cryo " in command.does("--help")
    refused = command.run_refused("cryo", "heater", "K-101")
    assert "qdash_operations raised OSError: the fridge does not answer" in " ".join(refused.split())


def test_a_plugin_adds_commands_to_its_group_by_hand(
    command: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    def add_by_hand(app: click.Group) -> None:
        app.add_command(click.Group("cryo", {"warm-up": click.Command("warm-up")}, help="Everything cold."))

    plugin = make_plugin()
    plugin.qdash_cli = make_command_plugin(add_by_hand).qdash_cli
    install(monkeypatch, cryo=plugin)
    assert "Everything cold." in command.does("--help")
    assert {"heat", "heater", "warm-up"} <= set(command.does("cryo", "--help").split())


@pytest.mark.parametrize("name", ["chip", "gas"])
def test_a_group_whose_name_is_taken_sets_the_plugin_aside(
    command: InProcess, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    operations = PluginOperations(name)

    @operations.get("/x", needs=RequiredRole.VIEWER, command=Command("x"))
    def show(_call: Call) -> None:
        """Show it."""

    def add(app: click.Group) -> None:
        app.add_command(click.Command("gas"))

    install(monkeypatch, **{"aa": make_command_plugin(add), name: make_plugin(operations)})
    plugins = {one["name"]: one for one in command.read_json("plugins", "list")}
    assert f"the command name {name!r} is taken by" in plugins[name]["error"]
    assert "Create, list" in command.does("chip", "--help")


# ------------------------------------------------------------------------------------------------- where a host is named


def add_everywhere(app: click.Group) -> None:
    """Add two commands, also in a group and in a group of the core."""
    add_two(app)
    group = click.Group("gas")
    add_two(group)
    app.add_command(group)
    store = app.commands["store"]
    assert isinstance(store, click.Group)
    add_two(store)


def add_two(group: click.Group) -> None:
    """Add a command that uses the home of this machine, and one that works with a host."""

    @group.command("fill")
    @access_options
    def fill(command_user: CommandUser) -> None:
        click.echo("filled here")

    @works_with_host
    @group.command("order")
    def order() -> None:
        click.echo("ordered anywhere")


@pytest.mark.parametrize(
    "before", [(), ("gas",), ("store",)], ids=["alone", "in a group", "in one of the core"]
)
def test_a_command_of_a_plugin_is_refused_where_a_host_is_named_unless_it_works_with_one(
    command: InProcess, monkeypatch: pytest.MonkeyPatch, before: tuple[str, ...]
) -> None:
    install(monkeypatch, gas=make_command_plugin(add_everywhere))
    assert command.does(*before, "fill") == "filled here\n"
    for name, value in HOST.items():
        monkeypatch.setenv(name, value)
    refused = " ".join(command.run_refused(*before, "fill").split())
    assert f"`qdash {' '.join([*before, 'fill'])}` works on the home of this machine only" in refused
    assert command.does(*before, "order") == "ordered anywhere\n"
    assert command.does(*before, "fill", "--profile", "local") == "filled here\n"
    assert "Options" in command.does(*before, "fill", "--help")


def test_an_option_of_the_plugin_names_no_host(command: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    def add(app: click.Group) -> None:
        @app.group("gas", invoke_without_command=True)
        @click.option("--profile")
        def gas(profile: str) -> None:
            click.echo(f"filled {profile}")

        @gas.command("slow")
        @click.option("--profile")
        def fill(profile: str) -> None:
            click.echo(f"filled {profile}")

    install(monkeypatch, gas=make_command_plugin(add))
    assert command.does("gas", "--profile", "fast") == "filled fast\n"
    assert command.does("gas", "slow", "--profile", "slow") == "filled None\nfilled slow\n"
    for name, value in HOST.items():
        monkeypatch.setenv(name, value)
    assert "`qdash gas` works on the home" in " ".join(
        command.run_refused("gas", "--profile", "local").split()
    )


def test_a_marked_group_works_with_a_host_as_a_whole(
    command: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    def add(app: click.Group) -> None:
        group = works_with_host(click.Group("gas"))
        add_two(group)
        app.add_command(group)

    install(monkeypatch, gas=make_command_plugin(add))
    for name, value in HOST.items():
        monkeypatch.setenv(name, value)
    assert command.does("gas", "order") == "ordered anywhere\n"


def test_an_operation_is_asked_of_the_host_that_is_named(
    lab: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in HOST.items():
        monkeypatch.setenv(name, value)
    assert "the host at http://host.invalid/ cannot be reached" in lab.run_refused("cryo", "heater", "K-101")


def test_a_viewer_may_not_write_on_the_home_either(lab: InProcess) -> None:
    lab.does("user", "create", "viewer")
    lab.does("member", "invite", "viewer", "--role", "viewer")
    lab.does("member", "accept", "--project", "default", "--user", "viewer")
    lab.does("cryo", "heater", "K-101", "--user", "viewer", "--project", "default")
    assert "takes editor" in lab.run_refused(
        "cryo", "heat", "K-101", "--power-mw", "5", "--user", "viewer", "--project", "default"
    )
    assert lab.read_json("cryo", "heater", "K-101")["power_mw"] == 0


@click.command()
def service() -> None:
    """Print the next service."""
    click.echo("in May")


def test_commands_of_a_feature_are_below_its_plugin_beside_those_of_its_operations(
    command: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    cryo = Feature(
        "cold-heads",
        operations=("tests.cryo_plugin:operations",),
        commands={"service": f"{__name__}:service"},
    )
    install(monkeypatch, cryo=cryo)
    listed = command.does("cryo", "--help")
    assert "service  Print the next service." in listed
    assert "heater   Show the heater of a cryostat." in listed
    assert command.does("cryo", "service") == "in May\n"
    for name, value in HOST.items():
        monkeypatch.setenv(name, value)
    assert "cryo service" in command.run_refused("cryo", "service")


def test_a_feature_that_requires_an_absent_one_has_no_commands(
    command: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = {"service": f"{__name__}:service"}
    install(monkeypatch, cryo=Feature("cold-heads", requires=("cold-plates",), commands=commands))
    assert "No such command 'cryo'" in command.run_refused("cryo", "service")
