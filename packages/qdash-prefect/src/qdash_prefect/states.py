"""States of flow runs: what our record means to Prefect, and how that is told, as long as it takes to reach the server."""

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
"""Kinds of state in which a flow run has ended."""
ACTIVE = ("SCHEDULED", "PENDING", "RUNNING", "PAUSED", "CANCELLING")
"""Those in which it has not."""

SUPERSEDED = "Superseded"
"""Name of the state Cancelled of a flow run that nobody has cancelled: what it was for has not begun by it."""

_AGAIN_S = 2.0
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class State:
    """The state of a flow run."""

    kind: Kind
    message: str = ""
    name: str = ""
    """What Prefect's page shows; empty: as its kind is called."""

    @property
    def ends_by_cancel(self) -> bool:
        """Whether somebody's cancel has ended what the flow run was for."""
        return self.kind == "CANCELLED" and self.name != SUPERSEDED

    def document(self) -> dict[str, Any]:
        """Return it as the server takes it."""
        return {
            "type": self.kind,
            "name": self.name or self.kind.capitalize(),
            "message": self.message[:_LONGEST] or None,
        }


GOES_ON = "if it goes on, it does so as a new flow run"


def superseded(why: str) -> State:
    """Return the state of a flow run that has begun nothing, and that nobody has cancelled."""
    return State("CANCELLED", why, SUPERSEDED)


def state_of(execution: ExecutionHead | RunAttempt) -> State:
    """Return what our record of an execution, or of one stretch of it, means to Prefect."""
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
    """Return whether a state, as the server has it, means that somebody has cancelled the flow run."""
    return state.get("type") in ("CANCELLING", "CANCELLED") and state.get("name") != SUPERSEDED


def set_state(client: PrefectClient, flow_run_id: str, state: State) -> None:
    """Set the state of a flow run: a final one whatever it is now, another one unless Prefect has a reason against it.

    Raises as `PrefectClient.ask`.
    """
    body = {"state": state.document(), "force": state.kind in FINAL}
    client.post(f"/flow_runs/{flow_run_id}/set_state", body)


class Reporter:
    """Tells Prefect states of flow runs, in order, in a thread of its own. A context manager.

    While the server is away, the last state of each is kept, and told when it is back. When the block is left, what can be
    told has been.
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
        """Tell the state of a flow run as soon as that is possible."""
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
        """Tell a state; returns False while the server is away."""
        try:
            set_state(self._client, flow_run_id, state)
        except PrefectAwayError:
            return False
        except NotFoundError:
            logger.info("flow run %s is not known to Prefect any more", flow_run_id)
        except QDashError as error:
            logger.warning("flow run %s could not be told to be %s: %s", flow_run_id, state.kind, error)
        except Exception:  # the states of others are told all the same
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
        """Wait before it is tried again; returns whether this ends meanwhile. Of each flow run its last state is kept."""
        with self._changed:
            self._open = {flow_run_id: states[-1:] for flow_run_id, states in self._open.items()}
            return self._changed.wait_for(lambda: self._ends, _AGAIN_S)
