"""Operations of plugins at the host: role, version, key, audit log, documentation and calls from Python."""

from __future__ import annotations

import inspect
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import TYPE_CHECKING

import click
import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient
from pydantic import field_serializer
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from qdash_api import create_app
from qdash_builtin.cooldowns.feature import CRYOSTATS
from qdash_builtin.people.feature import AUDIT_LOG
from qdash_builtin.plugins.operations import list_plugins
from qdash_cli import plugin_commands
from qdash_core.documents.base import Document
from qdash_core.errors import AccessDeniedError, PluginFailedError, StaleError
from qdash_core.hooks import specs
from qdash_core.hooks.manager import load_plugins
from qdash_core.hooks.plugin_failures import read_failures
from qdash_core.models.pages import PageRequest
from qdash_core.models.token import TokenScope
from qdash_core.operations.call import Call  # noqa: TC001  the operation's parameters are read
from qdash_core.operations.local_transport import LocalTransport
from qdash_core.operations.plugin_operations import PluginOperations
from qdash_core.operations.required_role import RequiredRole
from qdash_core.operations.transport import list_every
from qdash_core.process.clock import utc_now

from ..client.test_connection import connect_as
from ..cryo_plugin import HeaterPower, make_plugin, set_heater, show_heater
from .conftest import leave_out, run_host
from .test_plugin_routers import make_plugin as make_router_plugin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

    from qdash_builtin.people.models.audit import AuditModel
    from qdash_core.settings import Settings

    from .conftest import Host

HEATER = "/plugins/cryo/heaters/K-101"


@pytest.fixture
def host(settings: Settings, few_routes: None) -> Iterator[Host]:
    """A host with the plugin and a cryostat."""
    with run_host(settings, load_plugins(extra={"cryo": make_plugin()})) as found:
        found.qdash.get(CRYOSTATS).create(found.qdash.access("owner"), "K-101")
        yield found


def list_rows(host: Host) -> list[AuditModel]:
    return list(host.qdash.get(AUDIT_LOG).list_by_project(host.qdash.access("owner"), PageRequest()).items)


def test_a_read_is_answered_below_the_plugin_with_a_version(viewer: TestClient) -> None:
    first = viewer.get(HEATER)
    assert (first.status_code, first.json()["power_mw"]) == (200, 0)
    again = viewer.get(HEATER, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert viewer.get("/plugins/cryo/heaters/K-102").status_code == 404


def test_the_role_is_checked_before_the_body_is_read(
    host: Host, viewer: TestClient, editor: TestClient
) -> None:
    refused = viewer.put(HEATER, content=b"no JSON", headers={"content-type": "application/json"})
    assert (refused.status_code, "takes editor" in refused.json()["detail"]) == (403, True)
    assert host.connect_as("editor", TokenScope.READ).put(HEATER, json={"power_mw": 1}).status_code == 403
    assert host.client.get(HEATER).status_code == 401
    for wrong in ({"power_mw": -1}, {"power_mw": 1, "further": 1}, {}):
        assert editor.put(HEATER, json=wrong).status_code == 422
    assert editor.get(HEATER, params={"further": 1}).status_code == 422
    assert viewer.get(HEATER).json()["power_mw"] == 0


def test_an_old_version_is_refused_and_a_repetition_has_no_effect(editor: TestClient) -> None:
    old = editor.get(HEATER).headers["etag"]
    sent = {"json": {"power_mw": 5}, "headers": {"if-match": old, "idempotency-key": "k"}}
    made = editor.put(HEATER, **sent)
    assert (made.status_code, made.json()["power_mw"]) == (200, 5)
    assert editor.get(HEATER).headers["etag"] == made.headers["etag"] != old
    again = editor.put(HEATER, **sent)
    assert (again.json(), again.headers["idempotency-replayed"]) == (made.json(), "true")
    assert editor.put(HEATER, json={"power_mw": 6}, headers={"if-match": old}).status_code == 412


def test_a_change_is_in_the_audit_log_once_with_its_fields(host: Host, editor: TestClient) -> None:
    editor.put(HEATER, json={"power_mw": 5})
    (row,) = list_rows(host)
    assert (row.operation, row.path, row.username, row.status) == ("cryo_set_heater", HEATER, "editor", 200)
    assert {one.field: (one.before, one.after) for one in row.changes}["power_mw"] == ("0.0", "5.0")


def test_a_program_asks_for_an_operation_by_its_declaration(host: Host) -> None:
    connection = connect_as(host, "editor")
    known, version = connection.ask_versioned(show_heater, "K-101")
    assert (known.cryo_id, known.power_mw) == ("K-101", 0)
    made = connection.ask(set_heater.at_version(version), "K-101", HeaterPower(power_mw=5))
    assert connection.ask(show_heater, cryo_id="K-101") == made
    with pytest.raises(StaleError):
        connection.ask(set_heater.at_version(version), "K-101", HeaterPower(power_mw=6))
    with pytest.raises(AccessDeniedError):
        connect_as(host, "viewer").ask(set_heater, "K-101", HeaterPower(power_mw=6))


def test_operations_are_documented_like_those_of_the_host(host: Host) -> None:
    found = host.client.get("/openapi.json").json()["paths"]["/plugins/cryo/heaters/{cryo_id}"]
    assert (found["get"]["operationId"], found["put"]["operationId"]) == (
        "cryo_show_heater",
        "cryo_set_heater",
    )
    assert (found["get"]["x-needs"], found["put"]["x-needs"]) == ("viewer", "editor")
    assert (found["get"]["summary"], found["get"]["tags"]) == (
        "Show the heater of a cryostat",
        ["plugins-cryo"],
    )
    assert {"304", "404"} < found["get"]["responses"].keys()
    assert {"409", "412", "422"} < found["put"]["responses"].keys()


def test_operations_and_a_router_of_one_plugin_stand_side_by_side(
    settings: Settings, few_routes: None
) -> None:
    router = APIRouter()

    @router.put("/heaters/{cryo_id}/lamp")
    def switch(cryo_id: str) -> str:
        return cryo_id

    plugin = make_plugin()
    plugin.qdash_api_routers = make_router_plugin(router).qdash_api_routers
    with run_host(settings, load_plugins(extra={"cryo": plugin})) as host:
        host.qdash.get(CRYOSTATS).create(host.qdash.access("owner"), "K-101")
        assert host.connect_as("viewer").put(f"{HEATER}/lamp").status_code == 403
        editor = host.connect_as("editor")
        assert editor.put(f"{HEATER}/lamp").json() == "K-101"
        assert editor.put(HEATER, json={"power_mw": 5}).status_code == 200
        operations = [row.operation for row in list_rows(host)]
        assert operations == ["cryo_set_heater", ""]


def test_an_operation_that_the_host_cannot_mount_sets_its_plugin_aside(
    settings: Settings, few_routes: None
) -> None:
    operations = PluginOperations("cryo")

    @operations.get("/odd", needs=RequiredRole.VIEWER)
    def show_odd(_call: Call, odd: PluginOperations) -> None:
        """Show something."""

    registry = load_plugins(extra={"cryo": make_plugin(operations)})
    with TestClient(create_app(settings, registry)) as client:
        assert client.get("/health").status_code == 200
    (record,) = (one for one in registry.plugins if one.name == "cryo")
    assert record.status == "failed"


def test_an_unexpected_error_names_plugin_and_operation_and_is_its_last_failure_until_it_works(
    settings: Settings, few_routes: None, caplog: pytest.LogCaptureFixture
) -> None:
    operations, router, broken = PluginOperations("cryo"), APIRouter(), [True]

    @operations.get("/pump", needs=RequiredRole.VIEWER)
    def show_pump(call: Call) -> None:
        """Show the pump."""
        call.set_changed_at(utc_now())
        if broken:
            raise RuntimeError("secret of the pump")

    @router.get("/valve")
    def show_valve() -> str:
        raise SystemExit("secret of the valve")

    plugin = make_plugin(operations)
    plugin.qdash_api_routers = make_router_plugin(router).qdash_api_routers
    with run_host(settings, load_plugins(extra={"cryo": plugin})) as host:
        viewer = host.connect_as("viewer")
        answer = viewer.get("/plugins/cryo/pump")
        problem = answer.json()
        assert (answer.status_code, problem["type"]) == (500, "/problems/plugin-failed")
        assert "the operation 'show_pump' of the plugin 'cryo' failed with RuntimeError" in problem["detail"]
        assert "secret" not in answer.text
        assert "RuntimeError: secret of the pump" in caplog.text
        assert Path(__file__).name in caplog.text
        with pytest.raises(PluginFailedError, match="show_pump"):
            connect_as(host, "editor").ask(show_pump)
        (failure,) = read_failures(settings.home).values()
        for fully, said in ((True, "RuntimeError: secret of the pump"), (False, "RuntimeError")):
            begin = f"the operation 'show_pump' raised {said} (test_plugin_operations.py:"
            assert failure.describe(fully=fully).startswith(begin)
        broken.clear()
        assert viewer.get("/plugins/cryo/pump").status_code == 204
        assert not read_failures(settings.home)
        answer = viewer.get("/plugins/cryo/valve")
        assert answer.status_code == 500
        assert "the route GET /plugins/cryo/valve of the plugin 'cryo' failed with SystemExit" in answer.text
        (failure,) = read_failures(settings.home).values()
        assert "SystemExit: secret of the valve (test_plugin_operations.py:" in failure.describe(fully=True)
        assert failure.call == "", "no success of a route ends it"


@pytest.mark.slow
def test_only_administrators_read_the_text_of_an_error(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_out(monkeypatch, lambda tag: tag not in ("auth", "documentation", "health", "plugins"))
    registry = load_plugins(extra={"cryo": make_plugin()})
    with run_host(settings, registry) as host:
        registry.report_failure(settings.home, "cryo", "the route GET /x", OSError("secret"), module="")
        listed = {name: host.connect_as(name).get("/plugins") for name in ("viewer", "owner")}
        narrow = host.connect_as("owner", TokenScope.READ).get("/plugins")
        (read,) = (
            one.last_failure
            for one in list_every(connect_as(host, "editor"), list_plugins)
            if one.name == "cryo"
        )
    assert read is not None
    assert read.startswith("the route GET /x raised OSError (20")
    assert "the route GET /x raised OSError: secret" in listed["owner"].text
    for answer in (listed["viewer"], narrow):
        assert "the route GET /x raised OSError (20" in answer.text
        assert "secret" not in answer.text


class Gauge(Document):
    """Pressure of a gauge, which may not be serializable."""

    pressure: float

    @field_serializer("pressure")
    def _serialize(self, pressure: float) -> float:
        return 1 / pressure


def test_an_operation_works_if_its_answer_is_known_and_fails_if_it_cannot_be_serialized(
    settings: Settings, few_routes: None
) -> None:
    operations, pressures = PluginOperations("cryo"), [0.0]

    @operations.get("/gauge", needs=RequiredRole.VIEWER)
    def show_gauge(call: Call) -> Gauge:
        """Show the gauge."""
        call.set_version("1")
        return Gauge(pressure=pressures[0])

    with run_host(settings, load_plugins(extra={"cryo": make_plugin(operations)})) as host:
        viewer = host.connect_as("viewer")
        for headers, status in (({}, 200), ({"if-none-match": '"1"'}, 304)):
            pressures[0] = 0.0
            answer = viewer.get("/plugins/cryo/gauge")
            assert (answer.status_code, "operation 'show_gauge' of the plugin" in answer.text) == (500, True)
            (failure,) = read_failures(settings.home).values()
            assert failure.call == "the operation 'show_gauge'"
            pressures[0] = 1.0
            assert viewer.get("/plugins/cryo/gauge", headers=headers).status_code == status
            assert not read_failures(settings.home)


@pytest.mark.parametrize("reported", [True, False])
def test_an_error_in_an_application_that_a_router_mounts_is_attributed_and_logged(
    settings: Settings,
    few_routes: None,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    *,
    reported: bool,
) -> None:
    def exit_now(_request: Request) -> None:
        raise SystemExit("secret")

    registry = load_plugins(
        extra={
            "cryo": make_router_plugin(
                APIRouter(routes=[Mount("/app", Starlette(routes=[Route("/valve", exit_now)]))])
            )
        }
    )
    if not reported:
        monkeypatch.setattr(registry, "report_failure", lambda *_, **__: 1 / 0)
    with run_host(settings, registry) as host:
        answer = host.connect_as("viewer").get("/plugins/cryo/app/valve")
        failures = [one.describe(fully=True) for one in read_failures(settings.home).values()]
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text
    assert "SystemExit: secret" in caplog.text
    if reported:
        assert "of the plugin 'cryo' failed with SystemExit" in answer.json()["detail"]
        (failure,) = failures
        assert "SystemExit: secret (test_plugin_operations.py:" in failure
    else:
        assert "the failure of the plugin cryo cannot be recorded" in caplog.text


def test_the_twelve_lines_of_the_hook_are_a_route_a_command_and_a_call(
    settings: Settings, few_routes: None
) -> None:
    _, _, example = (inspect.getdoc(specs.qdash_operations) or "").partition("Example\n-------\n::\n")
    plugin = ModuleType("example")
    exec(compile(dedent(example), "example", "exec", dont_inherit=True), vars(plugin))
    registry = load_plugins(extra={"example": plugin})
    with run_host(settings, registry) as host:
        route = host.connect_as("viewer").get("/plugins/example/fridge").json()
        called = connect_as(host, "editor").ask(plugin.show_fridge)
        asked = LocalTransport(host.qdash, "owner").ask(plugin.show_fridge)
    group = click.Group()
    registry.add_commands(group, plugin_commands)
    assert called == asked == plugin.Fridge(**route) == plugin.Fridge(mixing_chamber_mk=9.8)
    assert group.commands["example"].list_commands(click.Context(group)) == ["fridge"]  # type: ignore[attr-defined]
