"""Requests and answers of operations, as the host gets and sends them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx
import pytest

from qdash_builtin.contexts.operations import show_chip_context_page
from qdash_builtin.conversations.operations import delete_conversation
from qdash_builtin.exchange.operations.exports import compare_import, export_chip
from qdash_builtin.exchange.requests.exports import ExportQuery, ImportQuery
from qdash_builtin.issues.operations import close_issue, list_issues
from qdash_builtin.issues.requests import IssueFilter
from qdash_builtin.notes.operations.notes import note_target
from qdash_builtin.notes.requests import NoteRequest
from qdash_builtin.people.operations.users import edit_user
from qdash_builtin.people.requests import UserEdit
from qdash_builtin.review.operations import list_review
from qdash_builtin.runs.operations.executions import list_executions
from qdash_builtin.tags.operations import list_tags
from qdash_builtin.timetables.models.timetable import Cron
from qdash_builtin.timetables.operations import create_timetable
from qdash_builtin.timetables.requests import TimetableRequest
from qdash_core import errors
from qdash_core.operations.answers import FileAnswer, TextAnswer
from qdash_remote import HostError

from .conftest import answering

if TYPE_CHECKING:
    from qdash_remote import Connection

SINCE = datetime(2026, 11, 21, 6, 14, tzinfo=UTC)
EMPTY = {"items": []}
REFUSED = {"type": "/problems/invalid-input"}


def refused() -> tuple[Connection, list[httpx.Request]]:
    return answering(httpx.Response(418, json=REFUSED))


def test_path_query_and_headers_are_encoded() -> None:
    connection, asked = answering(httpx.Response(200, json=EMPTY), httpx.Response(418, json=REFUSED))
    page = list_executions.paged(limit=5, after="b")
    assert not connection.ask(page, tag=("a b", "c"), since=SINCE, chip_id="q&a", user=None).items
    params = asked[0].url.params
    assert dict(params) | {"tag": params.get_list("tag")} == {
        "chip_id": "q&a",
        "tag": ["a b", "c"],
        "since": "2026-11-21T06:14:00Z",
        "limit": "5",
        "after": "b",
    }
    with pytest.raises(errors.InvalidInputError):
        connection.ask(note_target.at_version('"7"'), "a/b", "0", NoteRequest(content="cold"))
    assert asked[1].url.raw_path == b"/chips/a%2Fb/qubits/0/note"
    assert asked[1].headers["if-match"] == '"7"'
    assert json.loads(asked[1].content) == {"content": "cold"}


@pytest.mark.parametrize(
    ("target", "path"), [("Q03", "/chips/a/qubits/Q03/note"), ("3-4", "/chips/a/couplings/3-4/note")]
)
def test_a_target_is_named_below_the_targets_of_its_kind(target: str, path: str) -> None:
    connection, asked = refused()
    with pytest.raises(errors.InvalidInputError):
        connection.ask(note_target, "a", target, NoteRequest(content="cold"))
    assert asked[0].url.path == path


@pytest.mark.parametrize(
    ("target", "path"), [("Q03", "/chips/a/qubits/Q03/note"), ("3-4", "/chips/a/couplings/3-4/note")]
)
def test_a_target_is_asked_for_below_the_targets_of_its_kind(target: str, path: str) -> None:
    connection, asked = refused()
    with pytest.raises(errors.InvalidInputError):
        connection.ask(note_target, "a", target, NoteRequest(content="cold"))
    assert asked[0].url.path == path


def test_filters_and_renamed_parameters_are_query_parameters() -> None:
    connection, asked = answering(*2 * [httpx.Response(200, json=EMPTY)])
    connection.ask(list_issues, query=IssueFilter(state=("open",), chip_id="a", user=None))
    connection.ask(list_review, "a", every_state=True)
    assert [dict(one.url.params) for one in asked] == [{"state": "open", "chip_id": "a"}, {"all": "true"}]


def test_filters_with_invalid_values_are_refused_before_the_request() -> None:
    with pytest.raises(errors.InvalidInputError, match="state"):
        IssueFilter(state=("lost",))  # type: ignore[arg-type]


def test_an_empty_version_is_sent_so_that_the_host_refuses_it() -> None:
    connection, asked = refused()
    with pytest.raises(errors.InvalidInputError):
        connection.ask(edit_user.at_version(""), "alice", UserEdit(full_name="Alice"))
    assert asked[0].headers["if-match"] == ""


def test_fields_that_are_not_given_are_not_sent() -> None:
    """An edit changes nothing else; a creation leaves the defaults to the host."""
    connection, asked = refused()
    with pytest.raises(errors.InvalidInputError):
        connection.ask(edit_user, "alice", body=UserEdit(full_name=None))
    assert json.loads(asked[0].content) == {"full_name": None}
    connection, asked = refused()
    body = TimetableRequest(
        name="night",
        when=Cron(expression="0 2 * * *"),
        keep={"raw": 90.0},  # type: ignore[arg-type]
        until=datetime(2027, 1, 1, tzinfo=UTC),
    )
    with pytest.raises(errors.InvalidInputError):
        connection.ask(create_timetable, body)
    assert json.loads(asked[0].content) == {
        "name": "night",
        "when": {"kind": "cron", "expression": "0 2 * * *"},
        "keep": {"raw": 90.0},
        "until": "2027-01-01T00:00:00Z",
    }


def test_a_body_that_is_not_given_is_not_sent() -> None:
    for given in ((), (None,)):
        connection, asked = refused()
        with pytest.raises(errors.InvalidInputError):
            connection.ask(close_issue, "7", *given)
        assert asked[0].content == b""


def test_a_file_is_sent_as_it_is() -> None:
    connection, asked = refused()
    with pytest.raises(errors.InvalidInputError):
        connection.ask(compare_import, b"qid,t1", ImportQuery(name="values.csv", chip_id="a"))
    assert asked[0].content == b"qid,t1"
    assert asked[0].headers["content-type"] == "application/octet-stream"


def test_files_and_texts_are_returned_with_their_names_and_types() -> None:
    headers = {"content-type": "application/zip", "content-disposition": 'attachment; filename="a.zip"'}
    connection, _ = answering(
        httpx.Response(200, content=b"PK", headers=headers),
        httpx.Response(200, text="# Chip a", headers={"content-type": "text/markdown; charset=utf-8"}),
        httpx.Response(204),
    )
    assert connection.ask(export_chip, "a", ExportQuery(format="zip")) == FileAnswer(
        [b"PK"], "a.zip", "application/zip"
    )
    assert connection.ask(show_chip_context_page, "a") == TextAnswer("# Chip a", "text/markdown")
    connection.ask(delete_conversation, "night")


def test_the_answer_has_its_version() -> None:
    connection, _ = answering(httpx.Response(200, json=EMPTY, headers={"etag": '"3"'}))
    page, version = connection.ask_versioned(list_tags)
    assert (page.items, version) == ([], '"3"')


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx.Response(302, headers={"location": "/login"}), "GET http://host/tags: the response 302"),
        (httpx.Response(200, text="<h1>Log in</h1>"), "GET http://host/tags: the response 200"),
        (httpx.Response(200, json={"items": [{}]}), "fields are not valid"),
    ],
    ids=["a redirect", "a page of a proxy", "another document"],
)
def test_a_response_that_is_no_answer_is_an_error(answer: httpx.Response, said: str) -> None:
    connection, _ = answering(answer)
    with pytest.raises(HostError, match=said):
        connection.ask(list_tags)


def test_unknown_arguments_are_refused() -> None:
    connection, asked = answering()
    with pytest.raises(TypeError, match="colour"):
        connection.ask(list_tags, colour="red")  # type: ignore[call-arg]
    assert not asked
