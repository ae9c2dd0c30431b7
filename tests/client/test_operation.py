"""Requests and responses of operations, as the host gets and sends them."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import httpx
import pytest
from pydantic import ValidationError

from qdash_core import errors
from qdash_core.models.timetable import Cron
from qdash_core.resources.requests.accounts import UserEdit
from qdash_core.resources.requests.notes import NoteRequest
from qdash_core.resources.requests.timetables import TimetableRequest
from qdash_remote.generated.api.chips import show_chip
from qdash_remote.generated.api.executions import list_executions
from qdash_remote.generated.api.exports import import_values
from qdash_remote.generated.api.host import prometheus
from qdash_remote.generated.api.notes import note_qubit
from qdash_remote.generated.api.timetables import create_timetable
from qdash_remote.generated.api.users import edit_user
from qdash_remote.generated.errors import UnexpectedStatus
from qdash_remote.generated.types import File

from .conftest import answering


def test_path_query_and_headers_are_encoded() -> None:
    client, asked = answering(*2 * [httpx.Response(200, json={"items": []})])
    since = datetime(2026, 11, 21, 6, 14, tzinfo=UTC)
    assert not list_executions.sync(client=client, tag=["a b", "c"], since=since, chip_id="q&a").items
    assert dict(asked[0].url.params) | {"tag": asked[0].url.params.get_list("tag")} == {
        "chip_id": "q&a",
        "tag": ["a b", "c"],
        "since": "2026-11-21T06:14:00+00:00",
        "limit": "50",
    }
    with pytest.raises(ValidationError):  # not a note
        note_qubit.sync("a/b", "0", client=client, body=NoteRequest(content="cold"), if_match='"7"')
    assert asked[1].url.raw_path == b"/chips/a%2Fb/qubits/0/note"
    assert asked[1].headers["if-match"] == '"7"'
    assert json.loads(asked[1].content) == {"content": "cold"}


def test_fields_that_are_not_given_are_not_sent() -> None:
    """An edit changes nothing else; a creation leaves the defaults to the host."""
    client, asked = answering(*2 * [httpx.Response(418, json={"type": "/problems/invalid-input"})])
    with pytest.raises(errors.InvalidInputError):
        edit_user.sync("alice", client=client, body=UserEdit(full_name=None))
    assert json.loads(asked[0].content) == {"full_name": None}
    body = TimetableRequest(
        name="night",
        when=Cron(expression="0 2 * * *"),
        keep={"raw": 90.0},  # type: ignore[arg-type]
        until=datetime(2027, 1, 1, tzinfo=UTC),
    )
    with pytest.raises(errors.InvalidInputError):
        create_timetable.sync(client=client, body=body)
    assert json.loads(asked[1].content) == {
        "name": "night",
        "when": {"kind": "cron", "expression": "0 2 * * *"},
        "keep": {"raw": 90.0},
        "until": "2027-01-01T00:00:00+00:00",
    }


def test_a_file_is_sent_as_it_is() -> None:
    client, asked = answering(httpx.Response(418, json={"type": "/problems/invalid-input"}))
    with pytest.raises(errors.InvalidInputError):
        import_values.sync("a", client=client, name="values.csv", body=File(io.BytesIO(b"qid,t1")))
    assert asked[0].content == b"qid,t1"
    assert asked[0].headers["content-type"] == "application/octet-stream"


def test_a_response_that_is_not_json_is_returned_with_its_headers() -> None:
    client, _ = answering(httpx.Response(200, text="up 1", headers={"etag": '"3"'}))
    response = prometheus.sync_detailed(client=client)
    assert (response.parsed, response.content, response.headers["etag"]) == (None, b"up 1", '"3"')


def test_another_status_than_the_declared_one_is_an_error() -> None:
    client, _ = answering(httpx.Response(202, json={}))
    with pytest.raises(UnexpectedStatus, match="202"):
        show_chip.sync("a", client=client)
