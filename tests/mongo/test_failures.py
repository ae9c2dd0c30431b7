"""What the server answers, as what the caller can do about it."""

from __future__ import annotations

import pytest
from pymongo.errors import OperationFailure

from qdash_core.errors import StoreError, StoreUnavailableError
from qdash_mongo.failures import failure


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        (91, "interrupted at shutdown"),
        (246, "No committed OpTime for snapshot read"),
        (251, "Given transaction number does not match any in-progress transactions"),
    ],
)
def test_a_server_that_stops_or_has_just_started_is_worth_waiting_for(code: int, answer: str) -> None:
    assert isinstance(failure(OperationFailure(answer, code), "here"), StoreUnavailableError)


def test_a_server_that_refuses_is_not() -> None:
    refused = failure(OperationFailure("not authorized on qdash to execute command", 13), "here")

    assert isinstance(refused, StoreError)
    assert not isinstance(refused, StoreUnavailableError)
