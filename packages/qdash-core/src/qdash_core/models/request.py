"""Requests for runs, stored with their executions."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, JsonValue, model_validator

from qdash_core.errors import AccessDeniedError
from qdash_core.models.access import Access
from qdash_core.models.base import StrictNumber, Value, as_json_text
from qdash_core.models.fault_limit import ENTRY, FewFaults
from qdash_core.models.strategies import StrategySelection

_MANY = Field(max_length=10_000)
_Name = Annotated[str, Field(max_length=256)]
_Names = Annotated[tuple[Annotated[_Name, ENTRY], ...], _MANY]


def _check_plain(values: dict[str, JsonValue]) -> dict[str, JsonValue]:
    as_json_text(values)  # JSON and the stores have neither NaN nor infinities
    return values


_Values = Annotated[dict[str, JsonValue], Field(max_length=1_000), AfterValidator(_check_plain)]


class TargetSelection(FewFaults, Value):
    """Targets by name: qubits, multiplexers or couplings, only one kind; without names, every qubit of the
    chip.
    """

    qubits: _Names | None = None
    """Ids, labels such as `Q07`, and ranges such as `0-3`."""
    muxes: Annotated[tuple[Annotated[int, Field(ge=0, lt=2**31), ENTRY], ...], _MANY] | None = None
    couplings: _Names | None = None
    """Empty: every coupling of the chip."""
    exclude: _Names = ()
    """Qubits that are left out, written as in `qubits`."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if sum(kind is not None for kind in (self.qubits, self.muxes, self.couplings)) > 1:
            raise ValueError("qubits, multiplexers or couplings: one of them at a time")
        if self.couplings is not None and self.exclude:
            raise ValueError("what is left out are qubits: of couplings, name those that are wanted")
        return self


class GivenInput(FewFaults, Value):
    """Input that a run gives its tasks instead of the chip's value."""

    value: StrictNumber
    error: Annotated[StrictNumber, Field(gt=0)] | None = None
    """Standard deviation, or None if it is unknown."""
    unit: Annotated[str, Field(max_length=64)] = ""
    """Unit of the input; empty stands for that of the parameter, in which values are shown, whatever unit a task reads it in."""


_Inputs = Annotated[dict[Annotated[_Name, ENTRY], GivenInput], Field(max_length=100)]


class RunRequest(FewFaults, Value):
    """Requested run, stored with its execution so that any process can perform it. It contains no secrets.

    Tasks and steps are named, and looked up where the run is performed.
    """

    username: _Name = ""
    """User of the run; filled in at submission."""
    chip_id: _Name | None = None
    """The chip, or None for a user's flow that alone knows its chip."""
    flow: str = Field(min_length=1, max_length=4096)
    """Name of a flow or of a task, or `FILE.py[:function]`."""
    flow_version: int | None = Field(default=None, ge=1, lt=2**31)
    """Version of a saved flow; the newest one is filled in at submission. None for other flows."""
    project_id: _Name | None = None
    """Project of the run; filled in at submission."""
    targets: TargetSelection = TargetSelection.model_construct()
    """Qubits, multiplexers or couplings; by default all that the flow measures."""
    single: _Name | None = None
    """The target of a single task, set aside or not; empty for the whole chip, None to use `targets`."""
    saved: bool = True
    """True if accepted values become the chip's, or those of the value scope."""
    scope: _Name | None = None
    """Value scope whose values are read before the chip's and written instead of them, or None. The first run that names it
    creates it."""
    repeat: bool = True
    """True if a result that is flagged only because it is far from the last value is measured once more."""
    tags: _Names = ()
    run_parameters: _Values = {}
    """Run parameters: those of one task under its name, others for every task that has them."""
    inputs: _Inputs = {}
    """Inputs that replace the chip's values in all tasks that read them: by declared name, or by the name of the chip's parameter. The chip's
    values stay."""
    backend_name: _Name | None = None
    """Backend, or None for the chip's own."""
    parameters: _Values = {}
    """Arguments of a user's flow, by name."""
    only: Annotated[tuple[Annotated[_Name, ENTRY], ...], Field(max_length=20)] = ()
    """Conditions: stale, disputed, flagged, failed, out-of-spec. A target must meet one of them at the start of the run. Only metrics that the
    flow measures count. Empty for all targets."""
    scheduling: StrategySelection = StrategySelection.model_construct()
    """Scheduling strategies and limits, which win over those of the steps."""
    since: _Name | None = None
    """Execution whose incomplete tasks are run."""
    rerun_of: _Name | None = None
    """Task result to rerun: its recorded inputs replace the chip's latest values."""
    drafted_by: _Name | None = None
    """Assistant that drafted the request, with its message; None if the user wrote it. Filled in at submission."""

    def with_access(self, access: Access) -> Self:
        """Return the request with the user and project of an access; raise AccessDeniedError if it names another user or project."""
        for requested, given in ((self.username, access.username), (self.project_id, access.project_id)):
            if requested and requested != given:
                raise AccessDeniedError(
                    f"the request is one of {requested!r}: {access.username!r} asks for it, in project {access.project_id!r}; "
                    "leave out who asks and in which project, which `X-Project-Id` or `--project` names"
                )
        return self.model_copy(update={"username": access.username, "project_id": access.project_id})

    @property
    def is_user_flow(self) -> bool:
        """True if the flow is a user's function, in a file or saved, and not provided by a plugin."""
        return self.flow_version is not None or self.names_file

    @property
    def names_file(self) -> bool:
        """True if the flow is a function in a file on the machine that performs it."""
        return self.flow_version is None and is_file(self.flow)


def is_file(flow: str) -> bool:
    """Return whether a flow name has the form `FILE.py` or `FILE.py:function`."""
    path, colon, function = flow.rpartition(":")
    return flow.endswith(".py") or (bool(colon) and path.endswith(".py") and function.isidentifier())


def split_location(flow: str) -> tuple[Path, str | None]:
    """Return the file of `FILE.py[:function]`, and the function or None."""
    if flow.endswith(".py"):
        return Path(flow), None
    path, _, function = flow.rpartition(":")
    return Path(path), function
