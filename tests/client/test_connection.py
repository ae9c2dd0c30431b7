"""Connections to a host in this process: view models of the core, errors, complete lists."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from qdash_api.problems import STATUSES
from qdash_api.samples import read_samples
from qdash_builtin.chips.operations.chips import list_chips, show_chip
from qdash_builtin.chips.views.chips import ChipDocument
from qdash_builtin.cooldowns.operations.cryostats import (
    CryostatEdit,
    CryostatRequest,
    create_cryostat,
    edit_cryostat,
    list_cryostats,
    show_cryostat,
)
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_builtin.runs.operations.executions import submit_run
from qdash_builtin.tags.operations import add_tag, list_tags
from qdash_builtin.tags.requests import TagRequest
from qdash_core import errors
from qdash_core.documents.events import EventDocument
from qdash_core.models.request import RunRequest
from qdash_remote import Gap, HostError, connect, follow
from qdash_remote.problems import ERRORS, make_error

from .conftest import answering

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_remote import Connection

    from ..api.conftest import Host

EVENT = {
    "seq": 8,
    "at": "2026-11-21T06:14:25Z",
    "kind": "task.completed",
    "project_id": "default",
    "data": {},
}


class InProcess(httpx.BaseTransport):
    """Transport that hands requests to a host in this process."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._host.client.request(
            request.method, str(request.url), headers=dict(request.headers), content=request.read()
        )
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


def connect_as(host: Host, username: str) -> Connection:
    return connect("http://testserver", host.token(username), transport=InProcess(host))


def test_created_and_read_objects_are_view_models_of_the_core(host: Host) -> None:
    connection = connect_as(host, "editor")
    connection.post("/plugins/fake/twins", json={"chip_id": "a", "device": "linear-2"})
    chip = connection.ask(show_chip, "a")
    assert isinstance(chip, ChipDocument)
    assert sorted(chip.qubits) == ["0", "1"]
    submitted = connection.ask(submit_run, RunRequest(chip_id="a", flow="bring-up"))
    assert host.qdash.get(EXECUTIONS).show(host.qdash.access("editor"), submitted.execution_id)


def test_a_refused_request_raises_the_error_of_the_core(host: Host) -> None:
    connection = connect_as(host, "viewer")
    with pytest.raises(errors.NotFoundError, match="there is no chip 'b'") as caught:
        connection.ask(show_chip, "b")
    assert caught.value.__notes__[0].startswith("request ")
    with pytest.raises(errors.AccessDeniedError):
        connection.ask(add_tag, TagRequest(name="x"))
    with pytest.raises(errors.LoginError):
        connect("http://testserver", "nonsense", transport=InProcess(host)).ask(show_chip, "b")


def test_a_list_is_read_page_after_page(host: Host) -> None:
    connection = connect_as(host, "editor")
    names = [f"tag-{number}" for number in range(5)]
    for name in names:
        connection.ask(add_tag, TagRequest(name=name))
    assert sorted(tag.name for tag in connection.every(list_tags.paged(limit=2))) == names
    assert not list(connection.every(list_chips))


def test_operations_of_an_entity_are_performed_on_a_host(host: Host) -> None:
    connection = connect_as(host, "editor")
    for number in range(3):
        connection.ask(create_cryostat, CryostatRequest(cryo_id=f"fridge-{number}"))
    assert len(list(connection.every(list_cryostats.paged(limit=2)))) == 3
    shown, version = connection.ask_versioned(show_cryostat, "fridge-0")
    change = edit_cryostat.at_version(version)
    edited = connection.ask(change, shown.cryo_id, CryostatEdit(location="B12"))
    assert edited.location == "B12"
    with pytest.raises(errors.StaleError):
        connection.ask(change, shown.cryo_id, CryostatEdit(location="B13"))


def test_an_older_client_ignores_unknown_fields() -> None:
    example = read_samples("qdash_builtin")["ChipDocument"]
    (qubit, *_) = example["qubits"].values()
    newer = example | {"colour": "blue"}
    newer["qubits"] = {"0": {**qubit, "colour": "blue"}}
    connection, _ = answering(httpx.Response(200, json=newer))
    assert connection.ask(show_chip, "a").chip_id == example["chip_id"]


def test_every_problem_type_of_the_host_has_an_error() -> None:
    told = {kind: error for error, (_, kind) in STATUSES.items() if error is not errors.QDashError}
    assert {kind: ERRORS[kind] for kind in told} == told


def test_the_error_has_the_retry_delay() -> None:
    said = {"type": "/problems/too-many", "detail": "later", "retry_after_s": 7.5}
    request = httpx.Request("GET", "http://host/chips")
    error = make_error(httpx.Response(429, json=said, request=request))
    assert isinstance(error, errors.TooManyError)
    assert error.retry_after_s == 7.5


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx.ConnectError("refused"), "http://host/ cannot be reached"),
        (httpx.Response(502, text="<h1>Bad gateway</h1>"), "GET http://host/chips/a: 502"),
        (httpx.Response(418, json={"type": "/problems/of-the-future", "detail": "a teapot"}), "a teapot"),
    ],
    ids=["no host", "a proxy", "a later host"],
)
def test_any_other_response_is_a_host_error(answer: httpx.Response | Exception, said: str) -> None:
    connection, asked = answering(answer)
    with pytest.raises(HostError, match=said):
        connection.ask(show_chip, "a")
    assert (asked[0].headers["authorization"], asked[0].headers["x-project-id"]) == ("Bearer secret", "q")


def test_a_token_file_that_other_users_can_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QDASH_HOME", str(tmp_path))
    monkeypatch.delenv("QDASH_TOKEN", raising=False)
    with pytest.raises(errors.InvalidInputError, match="no token"):
        connect()
    kept = tmp_path / "token"
    kept.write_text("secret\n")
    kept.chmod(0o644)
    with pytest.raises(errors.InvalidInputError, match="other users can read"):
        connect()
    kept.chmod(0o600)
    assert connect().headers["authorization"] == "Bearer secret"
    monkeypatch.setenv("QDASH_TOKEN", "another")
    assert connect().headers["authorization"] == "Bearer another"


def message(**said: Any) -> str:
    return "".join(f"{name}: {value}\n" for name, value in said.items()) + "\n"


def streamed(*messages: str) -> httpx.Response:
    return httpx.Response(200, text="".join(messages), headers={"content-type": "text/event-stream"})


def test_a_broken_stream_resumes_after_the_last_event() -> None:
    first = streamed(
        message(id=7, retry=250),
        ": heartbeat\n\n",
        message(id=8, event=EVENT["kind"], data=json.dumps(EVENT)),
    )
    lost = message(id=30, event="gap", data=json.dumps({"after": 8, "goes_on_behind": 30}))
    end = message(event="end", data=json.dumps({"reason": "the token is no longer valid"}))
    connection, asked = answering(first, httpx.ConnectError("refused"), streamed(lost, end))
    waited: list[float] = []
    events: Iterator[EventDocument | Gap] = follow(
        connection, chip_id="a", kinds=["task.*"], pause=waited.append
    )
    assert next(events) == EventDocument.model_validate(EVENT)
    assert next(events) == Gap(8, 30)
    with pytest.raises(errors.AccessDeniedError, match="no longer valid"):
        next(events)
    assert [one.headers.get("last-event-id") for one in asked] == [None, "8", "8"]
    assert asked[0].url.params.get_list("kind") == ["task.*"]
    assert waited == [0.25, 0.25]


@pytest.mark.parametrize("kept", range(1, 4))
def test_an_event_interrupted_by_a_lost_connection_is_received_once(kept: int) -> None:
    whole = message(event=EVENT["kind"], data=json.dumps(EVENT), id=8)
    lines = whole.splitlines(keepends=True)
    connection, asked = answering(
        streamed(message(id=7, retry=250), *lines[:kept]), streamed(message(id=7), whole, ": heartbeat\n\n")
    )
    events = follow(connection, pause=lambda _: None)
    assert next(events) == EventDocument.model_validate(EVENT)
    with pytest.raises(RuntimeError):  # requested once more: there is no other response
        next(events)
    assert [one.headers.get("last-event-id") for one in asked] == [None, "7", "8"]


def test_an_incomplete_line_at_the_end_of_a_connection_is_ignored() -> None:
    whole = message(event=EVENT["kind"], data=json.dumps(EVENT), id=8)
    connection, _ = answering(
        streamed(whole[: whole.index("project_id")]), streamed(": heartbeat\n\n", whole)
    )
    assert next(follow(connection, pause=lambda _: None)) == EventDocument.model_validate(EVENT)


def test_a_host_with_too_many_listeners_is_retried_after_its_delay() -> None:
    said = {"type": "/problems/too-many", "detail": "500 listeners", "retry_after_s": 30}
    connection, _ = answering(
        httpx.Response(429, json=said), streamed(message(data=json.dumps(EVENT), event=EVENT["kind"]))
    )
    waited: list[float] = []
    next(follow(connection, pause=waited.append))
    assert waited == [30.0]


def test_a_refused_stream_is_not_retried() -> None:
    connection, asked = answering(
        httpx.Response(403, json={"type": "/problems/access-denied", "detail": "no"})
    )
    with pytest.raises(errors.AccessDeniedError):
        next(follow(connection, pause=lambda _: None))
    assert len(asked) == 1
