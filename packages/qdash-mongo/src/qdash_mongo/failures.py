"""Conversion of the driver's exceptions to store errors."""

from __future__ import annotations

from pymongo.errors import (
    ConnectionFailure,
    DocumentTooLarge,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WTimeoutError,
)

from qdash_core.errors import InvalidInputError, QDashError, StoreError, StoreUnavailableError

NOTHING_WRITTEN = "nothing was written"

_NOT_A_REPLICA_SET = 20
_REFUSED = {
    13: "the user lacks the permission: grant the role readWrite on the database",
    18: "the server refuses the user: check name, password and authSource",
    8000: "the server refuses the user: check name, password and authSource",
    _NOT_A_REPLICA_SET: "the server is not a replica set, and only those have transactions: start mongod with "
    "--replSet NAME, and run rs.initiate() in mongosh once",
}
_TRANSIENT = {
    50: "it takes too long",
    91: "it is shutting down",
    246: "it has just started and has no snapshot yet",
    251: "it has aborted the transaction, as after a restart",
    262: "it takes too long",
    14031: "its disk is full",
}
"""Reasons of failures that pass, by the server's error code."""


def convert_failure(error: PyMongoError, place: str, outcome: str = NOTHING_WRITTEN) -> QDashError:
    """Return the store error for an exception of the driver.

    The message begins with the store or action, and ends with the outcome of the writes; empty if it has none.
    """
    end = f"; {outcome}" if outcome else ""
    if isinstance(error, DocumentTooLarge):
        return InvalidInputError(f"{place}: a document is too large: {error}{end}")
    if isinstance(error, ServerSelectionTimeoutError):
        return StoreUnavailableError(f"{place}: no writable server responds ({_remove_topology(error)}){end}")
    if isinstance(error, (ConnectionFailure, WTimeoutError, ExecutionTimeout)):
        return StoreUnavailableError(
            f"{place}: the connection to the server was lost ({_remove_topology(error)}){end}"
        )
    code = error.code if isinstance(error, OperationFailure) else None
    if code in _REFUSED:
        return StoreError(f"{place}: {_REFUSED[code]}{end}")
    if code in _TRANSIENT or error.has_error_label("TransientTransactionError"):
        reason = _TRANSIENT.get(code or 0, _remove_topology(error))
        return StoreUnavailableError(f"{place}: the server cannot write now ({reason}){end}")
    return StoreError(f"{place}: {_remove_topology(error)}{end}")


def _remove_topology(error: PyMongoError) -> str:
    """Return the message of the driver without its description of the server topology."""
    return str(error).partition(", full error")[0].partition(", Timeout:")[0].partition(" (configured")[0]
