"""What a runner is asked to do: a flow, on what, for whom, as a value that goes to another process and back as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from typing import Self

    from qdash_core.flows.targets import Targets
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.progress import Progress
    from qdash_core.runtime import Runtime


class TargetSelection(BaseModel):
    """Targets by name: qubits, multiplexers or couplings, one of them; none of them is every qubit of the chip."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    qubits: tuple[str, ...] | None = None
    muxes: tuple[int, ...] | None = None
    couplings: tuple[str, ...] | None = None
    """Empty: every coupling of the chip."""
    exclude: tuple[str, ...] = ()
    """Qubits that are left out."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if sum(kind is not None for kind in (self.qubits, self.muxes, self.couplings)) > 1:
            raise ValueError("qubits, multiplexers or couplings: one of them at a time")
        if self.couplings is not None and self.exclude:
            raise ValueError("what is left out are qubits: of couplings, name those that are wanted")
        return self

    def targets(self) -> Targets:
        """Return them as flows take them."""
        from qdash_core.flows.targets import AllMuxTargets, CouplingTargets, MuxTargets, QubitTargets

        if self.couplings is not None:
            return CouplingTargets(self.couplings)
        if self.muxes is not None:
            return MuxTargets(self.muxes, self.exclude)
        if self.qubits is not None:
            return QubitTargets(self.qubits, self.exclude)
        return AllMuxTargets(self.exclude)


class FlowJob(BaseModel):
    """One run that was asked for. It is kept with its execution, so that it can be resumed: it holds no secrets.

    Tasks and steps are named here, and found by name where the flow is run.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    username: str
    chip_id: str | None = None
    """None: a flow of one's own that knows its chip itself."""
    flow: str = Field(min_length=1)
    """Name of a flow or of a task, or `FILE.py[:function]`."""
    project_id: str | None = None
    """None: the user's default project."""
    targets: TargetSelection = TargetSelection()
    tags: tuple[str, ...] = ()
    run_parameters: dict[str, JsonValue] = {}
    backend_name: str | None = None
    """None: the chip's own."""
    parameters: dict[str, JsonValue] = {}
    """What a flow of one's own is called with, by the names of its arguments."""
    resume: str | None = None
    """The execution that it goes on with."""
    flow_run_id: str = Field(default_factory=lambda: str(uuid4()))
    """A UUID: the name of this run wherever it runs, and when it is resumed."""

    @property
    def of_ones_own(self) -> bool:
        """Whether the flow is a function in a file, and not one that a plugin gives."""
        return is_file(self.flow)

    def as_json(self) -> dict[str, Any]:
        """Return the job as plain JSON values."""
        return self.model_dump(mode="json", exclude_defaults=True) | {"flow_run_id": self.flow_run_id}

    @classmethod
    def from_json(cls, document: object) -> FlowJob:
        """Return a job from what `as_json` gave.

        Raises
        ------
        InvalidInputError
            If it is not one; the message names the field.
        """
        try:
            return cls.model_validate(document)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"])) or "the document"
            raise InvalidInputError(f"this is not a job: {where}: {first['msg']}") from error

    def resuming(self, execution_id: str, *, project_id: str, username: str) -> FlowJob:
        """Return the same job, to go on with an execution; it is still the same run of the flow."""
        return self.model_copy(
            update={"resume": execution_id, "project_id": project_id, "username": username}
        )


def is_file(flow: str) -> bool:
    """Whether a flow is named as `FILE.py` or `FILE.py:function`."""
    path, colon, function = flow.rpartition(":")
    return flow.endswith(".py") or (bool(colon) and path.endswith(".py") and function.isidentifier())


class Runner(Protocol):
    """Sees to it that a flow runs: in a process of its own, on another machine. `QDASH_RUNNER` names the one in use."""

    @property
    def name(self) -> str:
        """Name of the runner."""

    def run(self, qdash: Runtime, job: FlowJob, progress: Progress) -> ExecutionModel:
        """Run a job to its end, and return the ended execution.

        The flow is run with `qdash_core.runs.performing.perform`, in whatever process. Names are looked up there, and what
        is wrong with them comes back as what it would be here.

        Parameters
        ----------
        qdash : Runtime
            Open, on the store that the run writes to.
        job : FlowJob
            What is asked for.
        progress : Progress
            Told of every plan and result.

        Raises
        ------
        KeyboardInterrupt
            After the execution has been recorded as cancelled; says which.
        QDashError
            Whatever stopped it, after it has been recorded as failed, or before anything was written.
        """
