"""Configuration of a calibration session, and the flow run to which it belongs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError
from qdash_core.models.strategies import StrategySelection
from qdash_core.models.targets import parse_target_id
from qdash_core.values.scopes import check_scope_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.models.estimates import Parameter
    from qdash_core.models.request import RunRequest

_EXECUTION_ID = re.compile(r"[0-9]{8}-[0-9]{3,}")


@dataclass(frozen=True, slots=True)
class FlowMark:
    """Flow run to which an execution belongs.

    `session` is the number of earlier sessions of the flow run, and `scheduled` the id of the execution that was
    recorded when the run was submitted. `request` is None for a user's own program. `brought_as` is Prefect's id of
    the flow run in which such a program runs, or None.
    """

    flow_run_id: str
    session: int = 0
    request: RunRequest | None = None
    scheduled: str | None = None
    brought_as: str | None = None

    @property
    def noted_id(self) -> str:
        """Id of the flow run in the note of an execution, as in the original: Prefect's if it is known."""
        return self.brought_as or self.flow_run_id


@dataclass(frozen=True, kw_only=True)
class CalibConfig:
    """Configuration of one session. Fields that are not described are as in `CalibService`.

    Parameters
    ----------
    qids : sequence of str
        Qubits or couplings that may be measured; empty for any of the chip. Labels such as `Q07` are normalised.
    name : str
        Name of the execution; the flow's, usually.
    tags : sequence of str
        Stored with the execution and its results.
    run_parameters : mapping
        Overrides for all tasks (`{"shots": 2048}`) and for one task (`{"CheckT1": {"shots": 4096}}`).
    ignore_unused_parameters : bool
        Whether overrides that no task of the run uses are ignored, as in flows of the original.
    scope : str or None
        Value scope whose values are read before the chip's and written instead of them, or None.
    rerun_of : str or None
        Result to rerun, or None. Its recorded inputs replace the latest values; the run has no other task, and its values do not
        become the chip's.
    resume : bool
        Whether to resume the execution `execution_id`, which failed, was cancelled or was interrupted. Completed tasks are
        not repeated.

    Raises
    ------
    InvalidInputError
        If an id or the name of the scope is invalid, the id is missing for a resume, an unsaved run names a scope, or a rerun would
        write to the chip.
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
    inputs: Mapping[str, Parameter] = field(default_factory=dict)
    ignore_unused_parameters: bool = False
    note: Mapping[str, Any] = field(default_factory=dict)
    saved: bool = True
    scope: str | None = None
    repeat: bool = True
    rerun_of: str | None = None
    scheduling: StrategySelection = field(default_factory=StrategySelection)
    resume: bool = False

    def __post_init__(self) -> None:
        if self.execution_id is not None and not _EXECUTION_ID.fullmatch(self.execution_id):
            raise InvalidInputError(
                f"execution id {self.execution_id!r}: YYYYMMDD-NNN is what one looks like"
            )
        if self.resume and self.execution_id is None:
            raise InvalidInputError("resume: give the id of the execution to resume as execution_id")
        if self.scope is not None:
            check_scope_name(self.scope)
            if not self.saved:
                raise InvalidInputError(
                    f"a run in value scope {self.scope} keeps its values there: leave out the scope or that it is not saved"
                )
        if self.rerun_of is not None and self.saved and self.scope is None:
            raise InvalidInputError(
                f"a rerun of result {self.rerun_of} does not write to the chip: name a value scope, or do not save the values"
            )
        normalised = tuple(parse_target_id(qid) for qid in self.qids)
        object.__setattr__(self, "qids", normalised)
