"""States of flow runs: their mapping from the record, and their delivery to Prefect."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

from qdash_core.errors import NotFoundError, QDashError
from qdash_core.models.execution import EndReason, ExecutionStatus
from qdash_prefect.client import PrefectAwayError

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

_AGAIN_S = 2.0
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

    def document(self) -> dict[str, Any]:
        """Return the state as the server accepts it."""
        return {
            "type": self.kind,
            "name": self.name or self.kind.capitalize(),
            "message": self.message[:_LONGEST] or None,
        }


GOES_ON = "if it goes on, it does so as a new flow run"


def superseded(why: str) -> State:
    """Return the state of a flow run that began nothing and that no user has cancelled."""
    return State("CANCELLED", why, SUPERSEDED)


def state_of(execution: ExecutionHead | RunAttempt) -> State:
    """Return the state in Prefect for the record of an execution or of one of its run attempts."""
    match execution.status:
        case ExecutionStatus.COMPLETED:
            return State("COMPLETED", execution.message)
        case ExecutionStatus.CANCELLED:
            return State("CANCELLED", execution.message)
        case ExecutionStatus.FAILED if execution.reason is EndReason.INTERRUPTED:
            return State("CRASHED", f"{execution.message or 'interrupted'}; {GOES_ON}")
        case ExecutionStatus.FAILED:
            return State("FAILED", execution.message)
        case ExecutionStatus.SCHEDULED:
            return superseded(f"it has not begun; {GOES_ON}")
        case ExecutionStatus.RUNNING:
            return State("RUNNING")


def is_cancelled(state: Document) -> bool:
    """Return whether a state of the server means that a user has cancelled the flow run."""
    return state.get("type") in ("CANCELLING", "CANCELLED") and state.get("name") != SUPERSEDED


def set_state(client: PrefectClient, flow_run_id: str, state: State) -> None:
    """Set the state of a flow run: a final one unconditionally, others unless Prefect refuses.

    Raises as `PrefectClient.ask`.
    """
    body = {"state": state.document(), "force": state.kind in FINAL}
    client.post(f"/flow_runs/{flow_run_id}/set_state", body)


class Reporter:
    """Reporter of states to Prefect, in order, in a thread of its own. A context manager.

    While the server is unavailable, only the last state of each flow run is kept, and reported later. The end
    of the block waits for the pending reports if the server is available.
    """

    def __init__(self, client: PrefectClient) -> None:
        self._client = client
        self._open: dict[str, list[State]] = {}
        self._changed = threading.Condition()
        self._ends = False
        self._thread = threading.Thread(target=self._work, name="qdash-prefect-states", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._ends = True
            self._changed.notify_all()
        self._thread.join()

    def tell(self, flow_run_id: str, state: State) -> None:
        """Report the state of a flow run as soon as possible."""
        with self._changed:
            self._open.setdefault(flow_run_id, []).append(state)
            self._changed.notify_all()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._open or self._ends)
                if not self._open:
                    return
                flow_run_id = next(iter(self._open))
                state = self._open[flow_run_id][0]
            if self._tell(flow_run_id, state):
                self._has_told(flow_run_id)
            elif self._pause():
                logger.warning(
                    "what became of flow runs %s could not be told to Prefect: the next worker tells it",
                    ", ".join(self._open),
                )
                return

    def _tell(self, flow_run_id: str, state: State) -> bool:
        """Report a state; return False if the server is unavailable."""
        try:
            set_state(self._client, flow_run_id, state)
        except PrefectAwayError:
            return False
        except NotFoundError:
            logger.info("flow run %s is not known to Prefect any more", flow_run_id)
        except QDashError as error:
            logger.warning("flow run %s could not be told to be %s: %s", flow_run_id, state.kind, error)
        except Exception:  # other states are reported anyway
            logger.exception("flow run %s could not be told to be %s", flow_run_id, state.kind)
        return True

    def _has_told(self, flow_run_id: str) -> None:
        with self._changed:
            left = self._open[flow_run_id][1:]
            if left:
                self._open[flow_run_id] = left
            else:
                del self._open[flow_run_id]

    def _pause(self) -> bool:
        """Wait before the next attempt, keeping the last state of each flow run; return whether to stop."""
        with self._changed:
            self._open = {flow_run_id: states[-1:] for flow_run_id, states in self._open.items()}
            return self._changed.wait_for(lambda: self._ends, _AGAIN_S)
