"""Operations for the preview of a run, and for the measurement schedule of a chip."""

from __future__ import annotations

from typing import Annotated, get_args

from pydantic import Field

from qdash_core.documents.pages import PageOf
from qdash_core.documents.previews import PreviewDocument
from qdash_core.documents.schedules import ScheduleDocument
from qdash_core.documents.strategies import StrategyDocument
from qdash_core.models.pages import Page
from qdash_core.models.request import RunRequest
from qdash_core.models.target_lists import parse_couplings, parse_qubits
from qdash_core.models.targets import TargetKind
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.path_parts import ChipId
from qdash_core.operations.required_role import RequiredRole
from qdash_core.runs.chip_schedules import ScheduleRequest

operations = Operations("plans")

_Id = Annotated[str, Field(max_length=64)]
_Targets = Annotated[
    tuple[_Id, ...],
    Field(
        max_length=2_000,
        description="Qubits, also as ranges such as `0-3`, or couplings, of this kind; absent: all of the chip.",
    ),
]
_Exclude = Annotated[
    tuple[_Id, ...], Field(max_length=2_000, description="Qubits to exclude, also as ranges such as `0-3`.")
]
_Strategy = Annotated[
    str | None, Field(max_length=128, description="Scheduling strategy; absent: that of flows.")
]
_Flow = Annotated[
    str | None,
    Field(
        max_length=128,
        description="Flow whose tasks are scheduled; absent: `two-qubit` or `bring-up`, by kind.",
    ),
]
_MaxParallel = Annotated[
    int | None,
    Field(ge=1, lt=2**31, description="Maximum number of targets that are measured at the same time."),
]
_OneOfEachMux = Annotated[
    bool, Field(description="True: one qubit of each multiplexer is measured at a time.")
]
_Wiring = Annotated[
    bool | None,
    Field(
        description="True: targets on one module exclude each other; absent: as the backend declares, if the wiring is known."
    ),
]


@operations.post(
    "/plans", needs=RequiredRole.VIEWER, answers=PreviewDocument, slow=True, reads=True, for_assistants=True
)
def preview_run(call: Call, body: RunRequest) -> PreviewDocument:
    """Preview a run: its tasks, targets and the expected duration of each stage; nothing is written."""
    return PreviewDocument.from_preview(call.qdash.runs.preview(call.access, body, trusted_files=False))


@operations.get("/strategies", needs=RequiredRole.VIEWER, answers=PageOf[StrategyDocument])
def list_strategies(call: Call) -> PageOf[StrategyDocument]:
    """List the scheduling strategies that runs and schedules can select, by kind and name."""
    registry = call.qdash.registry
    found = [
        StrategyDocument.from_scheduler(one)
        for kind in get_args(TargetKind)
        for one in registry.schedulers(kind).values()
    ]
    page = Page.from_all_items(found, call.page, lambda one: (one.kind, one.name))
    return PageOf[StrategyDocument].from_page(page, lambda one: one)


@operations.get("/chips/{chip_id}/schedule", needs=RequiredRole.VIEWER, answers=ScheduleDocument, slow=True)
def chip_schedule(
    call: Call,
    chip_id: ChipId,
    kind: Annotated[TargetKind, Field(description="Kind of the targets.")],
    target: _Targets = (),
    exclude: _Exclude = (),
    strategy: _Strategy = None,
    flow: _Flow = None,
    max_parallel: _MaxParallel = None,
    one_of_each_mux: _OneOfEachMux = False,
    wiring: _Wiring = None,
) -> ScheduleDocument:
    """Return the measurement schedule of a chip, with a lower bound on the number of groups."""
    parse = parse_qubits if kind == "qubit" else parse_couplings
    request = ScheduleRequest(
        kind,
        targets=parse(target) if target else None,
        exclude=parse_qubits(exclude) if exclude else (),
        strategy=strategy,
        flow=flow,
        max_parallel=max_parallel,
        one_of_each_mux=one_of_each_mux,
        wiring=wiring,
    )
    found = call.qdash.runs.schedule(call.access, chip_id, request)
    return ScheduleDocument.from_schedule(found.schedule, seconds=found.seconds)
