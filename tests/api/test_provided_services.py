"""Services, counters, gauges and streams that features give a host."""

from __future__ import annotations

from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient

from qdash_api import create_app
from qdash_core import (
    AUTHENTICATOR,
    REQUEST_AUDIT,
    Access,
    AuditedRequest,
    Document,
    Feature,
    HostCounter,
    HostGauge,
    LoginError,
    MessageStream,
    PluginOperations,
    ProjectRole,
    RequiredRole,
    StreamMessage,
    load_plugins,
)
from qdash_core.models.caller import Caller
from qdash_core.models.token import AccessTokenModel, TokenScope
from qdash_core.operations.call import Call  # noqa: TC001  the operation's parameters are read
from qdash_core.process.clock import machine_now

from .conftest import leave_out, run_host

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from qdash_core.runtime.application import QDash
    from qdash_core.settings import Settings

    from .conftest import Host

ENTRIES: list[Entry] = []
STEPS = ["show your badge"]


class Badges:
    """Authenticator of one person with a badge."""

    def authenticate(
        self, secret: str, project_id: str | None = None, attempt: object = None
    ) -> Caller | None:
        if secret != "badge":
            return None
        token = AccessTokenModel(
            token_hash="badge",
            user_id="admin",
            username="admin",
            name="badge",
            scope=TokenScope.ADMIN,
            created_at=machine_now(),
        )
        return Caller("admin", token, Access("admin", "default", ProjectRole.OWNER), owns_default=True)

    def make_refusal(self) -> LoginError:
        return LoginError(STEPS[0])

    def record_use(self, caller: Caller) -> None:
        pass

    def list_first_steps(self, url: str, dashboard_url: str | None) -> list[str]:
        return STEPS

    def close(self) -> None:
        pass


class Entry:
    """Entry of an audit log in memory."""

    def __init__(self, request: AuditedRequest) -> None:
        self.request, self.is_written, self.status, self.operation = request, False, 0, ""
        self.after: Mapping[str, Any] | None = None

    def begin(self, operation: str = "") -> None:
        self.operation, self.is_written = operation, True
        ENTRIES.append(self)

    def record_versions(self, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> None:
        self.after = after

    def end(self, status: int) -> None:
        self.status = status


class Audit:
    """Audit log in memory."""

    def open_entry(self, request: AuditedRequest) -> Entry:
        return Entry(request)


def open_badges(qdash: QDash) -> Badges:
    return Badges()


def open_audit(qdash: QDash) -> Audit:
    return Audit()


BADGES = Feature("badges", provides={AUTHENTICATOR: f"{__name__}:open_badges"})
BADGES_WITH_AUDIT = Feature("badges", provides={**BADGES.provides, REQUEST_AUDIT: f"{__name__}:open_audit"})


@pytest.mark.usefixtures("few_routes")
def test_without_a_feature_that_authenticates_a_host_performs_open_operations_only(
    settings: Settings,
) -> None:
    with TestClient(create_app(settings, load_plugins(blocked=("people",)))) as client:
        assert client.get("/health").status_code == 200
        client.headers["authorization"] = "Bearer something"
        for refused in (
            client.get("/cryostats"),
            client.post("/cryostats", json={}),
            client.post("/auth/login", json={}),
            client.get("/plugins/nothing"),
        ):
            assert (refused.status_code, refused.json()["type"]) == (403, "/problems/access-denied")
            assert "no active feature provides the authenticator" in refused.json()["detail"]


@pytest.mark.usefixtures("few_routes")
def test_a_plugin_authenticates_callers_and_audits_requests_in_place_of_ours(settings: Settings) -> None:
    registry = load_plugins(blocked=("people",), extra={"badges": BADGES_WITH_AUDIT})
    ENTRIES.clear()
    with TestClient(create_app(settings, registry)) as client:
        refused = client.get("/cryostats")
        assert (refused.status_code, refused.json()["detail"]) == (401, STEPS[0])
        client.headers["authorization"] = "Bearer badge"
        assert client.post("/cryostats", json={"cryo_id": "K-1"}).status_code == 201
        assert len(client.get("/cryostats").json()["items"]) == 1
    (entry,) = ENTRIES
    assert (entry.request.path, entry.operation, entry.status) == ("/cryostats", "create_cryostat", 201)
    assert entry.request.caller is not None
    assert entry.request.caller.username == "admin"


@pytest.mark.usefixtures("few_routes")
def test_without_an_audit_a_host_performs_reads_only(settings: Settings) -> None:
    registry = load_plugins(blocked=("people",), extra={"badges": BADGES})
    with TestClient(create_app(settings, registry)) as client:
        client.headers["authorization"] = "Bearer badge"
        assert client.get("/cryostats").status_code == 200
        refused = client.post("/cryostats", json={"cryo_id": "K-1"})
        assert refused.status_code == 403
        assert "provides the audit of requests" in refused.json()["detail"]


@pytest.mark.usefixtures("few_routes")
def test_a_plugin_does_not_replace_who_authenticates(settings: Settings) -> None:
    registry = load_plugins(extra={"badges": BADGES})
    registry.features()
    (record,) = (one for one in registry.plugins if one.name == "badges")
    assert "the name 'authenticator'" in (record.error or "")
    with run_host(settings, registry) as host:
        assert host.client.get("/cryostats", headers={"authorization": "Bearer badge"}).status_code == 401


operations = PluginOperations("heads")
SERVICES = HostCounter("cold_head_services", "Services of cold heads.", ("head",))


class Step(Document):
    """Step of a service."""

    name: str


@operations.post("/services", needs=RequiredRole.EDITOR, media_type=MessageStream.media_type)
def perform_service(call: Call) -> MessageStream:
    """Service the cold heads, and stream the steps."""
    call.count(SERVICES, "7")
    steps: SimpleQueue[StreamMessage] = SimpleQueue()
    steps.put(StreamMessage("step", Step(name="warm")))
    steps.put(StreamMessage("done", Step(name="cold"), is_last=True))
    return MessageStream(
        StreamMessage("start", Step(name="begin")), lambda _timeout_s: steps.get(), lambda _reason: None
    )


def read_gauges(qdash: QDash, username: str) -> Iterator[HostGauge]:
    yield HostGauge("cold_heads", "Cold heads.", {("new",): 2}, ("state",))


def fail(qdash: QDash, username: str) -> list[HostGauge]:
    raise ValueError(username)


def read_misfit(qdash: QDash, username: str) -> list[HostGauge]:
    return [HostGauge("no name", "Misfit.", {("a", "b"): 1})]


HEADS = Feature(
    "heads",
    operations=(f"{__name__}:operations",),
    counters=(SERVICES,),
    gauges=(f"{__name__}:read_gauges", f"{__name__}:fail", f"{__name__}:read_misfit"),
)


@pytest.fixture
def host(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    leave_out(monkeypatch, lambda tag: tag not in ("auth", "host", "plugins-heads"))
    with run_host(settings, load_plugins(extra={"heads": HEADS})) as found:
        yield found


def test_an_operation_of_a_plugin_streams_and_counts(host: Host) -> None:
    viewer, editor = host.connect_as("viewer"), host.connect_as("editor")
    assert viewer.post("/plugins/heads/services").status_code == 403
    streamed = editor.post("/plugins/heads/services")
    assert (streamed.status_code, streamed.headers["cache-control"]) == (200, "no-store")
    assert streamed.headers["content-type"].startswith(MessageStream.media_type)
    assert [line for line in streamed.text.splitlines() if line.startswith("event:")] == [
        "event: start",
        "event: step",
        "event: done",
    ]
    assert 'qdash_cold_head_services_total{head="7"} 1.0' in viewer.get("/prometheus").text


def test_a_host_shows_the_gauges_of_a_plugin_and_those_that_fail_take_nothing_from_others(
    host: Host,
) -> None:
    shown = host.connect_as("viewer").get("/prometheus")
    assert shown.status_code == 200
    assert 'qdash_cold_heads{state="new"} 2.0' in shown.text
    assert "qdash_workers 0.0" in shown.text
    assert "isfit" not in shown.text
