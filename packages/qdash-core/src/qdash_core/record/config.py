"""Configuration of a calibration session, and its mark of the flow run."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError
from qdash_core.models.targets import target_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.models.request import RunRequest

_EXECUTION_ID = re.compile(r"[0-9]{8}-[0-9]{3,}")


@dataclass(frozen=True, slots=True)
class FlowMark:
    """Mark of the flow run that an execution belongs to.

    Parameters
    ----------
    flow_run_id : str
        UUID of the flow run.
    session : int
        Number of sessions that the flow made before.
    request : RunRequest or None
        The request, or None for a program of a user's own.
    scheduled : str or None
        Id of the execution that was recorded when the run was submitted.
    """

    flow_run_id: str
    session: int = 0
    request: RunRequest | None = None
    scheduled: str | None = None


@dataclass(frozen=True, kw_only=True)
class CalibConfig:
    """Configuration of one session.

    Parameters
    ----------
    username : str
        The user.
    chip_id : str
        The chip.
    qids : sequence of str
        Qubits (or couplings) that will be touched; empty: any of the chip. Labels such as `Q07` are normalised.
    execution_id : str or None
        `YYYYMMDD-NNN`, or None for the next free one.
    project_id : str or None
        None for the user's default project.
    backend_name : str or None
        None for the chip's own.
    name : str
        Name of the execution; the flow's, usually.
    tags : sequence of str
        Kept with the execution and its results.
    run_parameters : mapping
        Overrides for all tasks (`{"shots": 2048}`) and for one task (`{"CheckT1": {"shots": 4096}}`).
    note : mapping
        Kept with the execution.
    saved : bool
        Whether accepted values become the chip's.
    resume : bool
        Whether to go on with the execution `execution_id`, which failed, was cancelled or was interrupted: what it has
        completed is not repeated.

    Raises
    ------
    InvalidInputError
        If an id is not one, or none is given of what is to be resumed.
    """

    username: str
    chip_id: str
    qids: Sequence[str] = ()
    execution_id: str | None = None
    project_id: str | None = None
    backend_name: str | None = None
    name: str = "session"
    tags: Sequence[str] = ()
    run_parameters: Mapping[str, Any] = field(default_factory=dict)
    note: Mapping[str, Any] = field(default_factory=dict)
    saved: bool = True
    resume: bool = False

    def __post_init__(self) -> None:
        if self.execution_id is not None and not _EXECUTION_ID.fullmatch(self.execution_id):
            raise InvalidInputError(
                f"execution id {self.execution_id!r}: YYYYMMDD-NNN is what one looks like"
            )
        if self.resume and self.execution_id is None:
            raise InvalidInputError("resume: give the id of the execution to resume as execution_id")
        normalised = tuple(target_id(qid) for qid in self.qids)
        object.__setattr__(self, "qids", normalised)
