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
    13: "the user may not do this: give it the role readWrite on the database",
    18: "the server refuses the user: look at name, password and authSource",
    8000: "the server refuses the user: look at name, password and authSource",
    _NOT_A_REPLICA_SET: "it is not a replica set, and only those have transactions: start mongod with "
    "--replSet NAME, and run rs.initiate() in mongosh once",
}
_PASSES = {
    50: "it takes too long",
    91: "it is shutting down",
    246: "it has just started, and knows of no snapshot yet",
    251: "it has given the transaction up, as after a restart",
    262: "it takes too long",
    14031: "its disk is full",
}


def failure(error: PyMongoError, place: str, outcome: str = NOTHING_WRITTEN) -> QDashError:
    """Return the error that says what happened at a place, and what has become of what was to be written."""
    end = f"; {outcome}" if outcome else ""
    if isinstance(error, DocumentTooLarge):
        return InvalidInputError(f"{place}: a document is too large: {error}{end}")
    if isinstance(error, ServerSelectionTimeoutError):
        return StoreUnavailableError(
            f"{place}: no server answers that can be written to ({_short(error)}){end}"
        )
    if isinstance(error, (ConnectionFailure, WTimeoutError, ExecutionTimeout)):
        return StoreUnavailableError(f"{place}: the connection to the server was lost ({_short(error)}){end}")
    code = error.code if isinstance(error, OperationFailure) else None
    if code in _REFUSED:
        return StoreError(f"{place}: {_REFUSED[code]}{end}")
    if code in _PASSES or error.has_error_label("TransientTransactionError"):
        reason = _PASSES.get(code or 0, _short(error))
        return StoreUnavailableError(f"{place}: the server cannot write now ({reason}){end}")
    return StoreError(f"{place}: {_short(error)}{end}")


def _short(error: PyMongoError) -> str:
    """Return the first sentence; what follows describes the whole topology."""
    return str(error).partition(", full error")[0].partition(", Timeout:")[0].partition(" (configured")[0]
