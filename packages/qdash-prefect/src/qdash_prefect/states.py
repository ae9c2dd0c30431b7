"""States of flow runs: mapping from the record, and delivery to Prefect."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

from qdash_core.errors import NotFoundError, QDashError
from qdash_core.models.execution import EndReason, ExecutionStatus
from qdash_prefect.client import PrefectUnavailableError

if TYPE_CHECKING:
    from types import TracebackType

    from qdash_core.models.execution import ExecutionHead, RunAttempt
    from qdash_prefect.client import Document, PrefectClient

logger = logging.getLogger(__name__)

Kind = Literal["SCHEDULED", "RUNNING", "COMPLETED", "FAILED", "CANCELLED", "CRASHED", "CANCELLING"]

FINAL = frozenset({"COMPLETED", "FAILED", "CANCELLED", "CRASHED"})
"""Types of final states."""
ACTIVE = ("SCHEDULED", "PENDING", "RUNNING", "PAUSED", "CANCELLING")
"""Types of states that are not final."""

SUPERSEDED = "Superseded"
"""Name of the Cancelled state of a flow run that began nothing and that no user has cancelled."""

_RETRY_S = 2.0
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class State:
    """State of a flow run."""

    kind: Kind
    message: str = ""
    name: str = ""
    """Name in Prefect's interface; empty for that of its type."""

    @property
    def ends_by_cancel(self) -> bool:
        """True if a user's cancel has ended the run."""
        return self.kind == "CANCELLED" and self.name != SUPERSEDED

    def to_document(self) -> dict[str, Any]:
        """Return the state as the server accepts it."""
        return {
            "type": self.kind,
            "name": self.name or self.kind.capitalize(),
            "message": self.message[:_LONGEST] or None,
        }


RESUME_REMARK = "if the run is resumed, it has a new flow run"


def make_superseded(why: str) -> State:
    """Return the state of a flow run that began nothing and was not cancelled by a user."""
    return State("CANCELLED", why, SUPERSEDED)


def map_to_state(execution: ExecutionHead | RunAttempt) -> State:
    """Return the state in Prefect for the record of an execution or of one of its run attempts."""
    match execution.status:
        case ExecutionStatus.COMPLETED:
            return State("COMPLETED", execution.message)
        case ExecutionStatus.CANCELLED:
            return State("CANCELLED", execution.message)
        case ExecutionStatus.FAILED if execution.reason is EndReason.INTERRUPTED:
            return State("CRASHED", f"{execution.message or 'interrupted'}; {RESUME_REMARK}")
        case ExecutionStatus.FAILED:
            return State("FAILED", execution.message)
        case ExecutionStatus.SCHEDULED:
            return make_superseded(f"the run has not started; {RESUME_REMARK}")
        case ExecutionStatus.RUNNING:
            return State("RUNNING")


def is_cancelled(state: Document) -> bool:
    """Return whether a state of the server means a user's cancel."""
    return state.get("type") in ("CANCELLING", "CANCELLED") and state.get("name") != SUPERSEDED


def set_state(client: PrefectClient, flow_run_id: str, state: State) -> None:
    """Set the state of a flow run; a final one unconditionally, others unless Prefect refuses.

    Raises as `PrefectClient.request`.
    """
    body = {"state": state.to_document(), "force": state.kind in FINAL}
    client.post(f"/flow_runs/{flow_run_id}/set_state", body)


class Reporter:
    """Reporter of states to Prefect, in order, with its own thread. A context manager.

    While the server is unavailable, only the last state of each flow run is kept, and reported later. The end
    of the block waits for the pending reports if the server is available.
    """

    def __init__(self, client: PrefectClient) -> None:
        self._client = client
        self._pending: dict[str, list[State]] = {}
        self._changed = threading.Condition()
        self._is_closing = False
        self._thread = threading.Thread(target=self._send_all, name="qdash-prefect-states", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        self._thread.join()

    def report(self, flow_run_id: str, state: State) -> None:
        """Report the state of a flow run as soon as possible."""
        with self._changed:
            self._pending.setdefault(flow_run_id, []).append(state)
            self._changed.notify_all()

    def _send_all(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._pending or self._is_closing)
                if not self._pending:
                    return
                flow_run_id = next(iter(self._pending))
                state = self._pending[flow_run_id][0]
            if self._send(flow_run_id, state):
                self._remove_sent(flow_run_id)
            elif self._pause():
                logger.warning(
                    "cannot report the states of flow runs %s to Prefect: the next worker will report them",
                    ", ".join(self._pending),
                )
                return

    def _send(self, flow_run_id: str, state: State) -> bool:
        """Report a state; return False if the server is unavailable."""
        try:
            set_state(self._client, flow_run_id, state)
        except PrefectUnavailableError:
            return False
        except NotFoundError:
            logger.info("flow run %s no longer exists in Prefect", flow_run_id)
        except QDashError as error:
            logger.warning("cannot report flow run %s as %s: %s", flow_run_id, state.kind, error)
        except Exception:  # other states are reported anyway
            logger.exception("cannot report flow run %s as %s", flow_run_id, state.kind)
        return True

    def _remove_sent(self, flow_run_id: str) -> None:
        with self._changed:
            remaining = self._pending[flow_run_id][1:]
            if remaining:
                self._pending[flow_run_id] = remaining
            else:
                del self._pending[flow_run_id]

    def _pause(self) -> bool:
        """Wait before the next attempt, keeping the last state of each flow run; return whether to stop."""
        with self._changed:
            self._pending = {flow_run_id: states[-1:] for flow_run_id, states in self._pending.items()}
            return self._changed.wait_for(lambda: self._is_closing, _RETRY_S)
