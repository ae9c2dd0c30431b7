"""Errors of the server, with advice for the user."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import pytest
from pymongo.errors import AutoReconnect, OperationFailure, PyMongoError

from qdash_core.errors import StoreError, StoreUnavailableError
from qdash_mongo.failures import convert_failure
from qdash_mongo.write_turn import commit

if TYPE_CHECKING:
    from pymongo.asynchronous.client_session import AsyncClientSession


class FakeSession:
    """A session whose commits return these responses in order."""

    def __init__(self, *answers: PyMongoError | None) -> None:
        self.left = list(answers)

    async def commit_transaction(self) -> None:
        if (answer := self.left.pop(0)) is not None:
            raise answer

    def commit(self) -> None:
        asyncio.run(commit(cast("AsyncClientSession", self)))


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        (91, "interrupted at shutdown"),
        (246, "No committed OpTime for snapshot read"),
        (251, "Given transaction number does not match any in-progress transactions"),
    ],
)
def test_errors_of_a_stopping_or_starting_server_are_transient(code: int, answer: str) -> None:
    assert isinstance(convert_failure(OperationFailure(answer, code), "here"), StoreUnavailableError)


def test_refusals_of_the_server_are_permanent() -> None:
    refused = convert_failure(OperationFailure("not authorized on qdash to execute command", 13), "here")

    assert isinstance(refused, StoreError)
    assert not isinstance(refused, StoreUnavailableError)


def test_a_commit_is_repeated_until_its_response_arrives() -> None:
    unknown = OperationFailure("not enough data nodes", 64)
    unknown._add_error_label("UnknownTransactionCommitResult")
    session = FakeSession(AutoReconnect("connection closed"), unknown, None)

    session.commit()

    assert session.left == []


def test_a_refused_commit_is_not_repeated() -> None:
    session = FakeSession(OperationFailure("write conflict", 112), None)

    with pytest.raises(OperationFailure, match="write conflict"):
        session.commit()

    assert session.left == [None]
