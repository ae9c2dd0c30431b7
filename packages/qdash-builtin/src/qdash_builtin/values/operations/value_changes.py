"""Operations that change values of chips, and the log of the value events."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from qdash_builtin.record_lookup.call_ids import resolve_execution_id, resolve_result_id
from qdash_builtin.request_parts.path_parts import ChipId, ExecutionId, TargetId, TaskId
from qdash_builtin.values.feature import ADOPTIONS, VALUES
from qdash_builtin.values.requests.value_changes import (
    AdoptionRequest,
    DecisionRequest,
    EventNumber,
    ReversionFilter,
    ReversionRequest,
    SettingRequest,
    TrustRequest,
    UndoRequest,
    UnitConversionRequest,
    UseRequest,
    ValueEventFilter,
    ValuesRequest,
)
from qdash_builtin.values.views.adoption import AdoptionDocument
from qdash_builtin.values.views.values import (
    DecisionDocument,
    ReversionDocument,
    UnitConversionDocument,
    ValueEventDocument,
    ValueEventHeader,
)
from qdash_core.documents.pages import PageOf
from qdash_core.models.pages import make_cursor
from qdash_core.models.targets import parse_target_id
from qdash_core.operations.call import Call
from qdash_core.operations.command import Command, OnCommandLine
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("values", place=210)
_EventOrLast = Annotated[
    EventNumber | Literal["last"],
    Field(
        description="Number of a value event, or `last`: the caller's last one in the project. Events of runs and undone events are passed over."
    ),
    OnCommandLine(metavar="EVENT"),
]


@operations.patch(
    "/chips/{chip_id}/{kind}s/{target}",
    needs=RequiredRole.EDITOR,
    edits=True,
    idempotent=True,
    command=Command(
        "values set",
        help="""Set values of a qubit or coupling by hand.

        They are recorded as a result with you as its author, and accepted at once; a value far from the one in use only after
        confirmation, or with --yes. Example: `qdash values set CHIP 3 t1=45.2±0.8 --reason "..."`.""",
    ),
)
def set_values_of_target(
    call: Call, chip_id: ChipId, target: TargetId, body: ValuesRequest
) -> ValueEventDocument:
    """Set values of a qubit or coupling by hand."""
    event = call.qdash.get(VALUES).set(
        call.access,
        chip_id,
        parse_target_id(target),
        body.to_parameters(),
        reason=body.reason,
        confirmed=body.confirmed,
        as_of=call.as_of,
        key=call.idempotency_key,
    )
    call.set_changed_at(event.head.created_at)  # not the present version, which may be another user's change
    return ValueEventDocument.from_event(event)


@operations.post(
    "/chips/{chip_id}/{kind}s/{target}/trust",
    needs=RequiredRole.EDITOR,
    idempotent=True,
    command=Command("values trust"),
)
def trust_values_of_target(
    call: Call, chip_id: ChipId, target: TargetId, body: TrustRequest
) -> ValueEventDocument:
    """Trust doubtful values of a qubit or coupling until a time.

    A newer measurement of a value or the next cool-down ends this earlier. An undo takes it back.
    """
    event = call.qdash.get(VALUES).trust(
        call.access,
        chip_id,
        parse_target_id(target),
        body.metrics,
        until=body.until,
        reason=body.reason,
        key=call.idempotency_key,
    )
    return ValueEventDocument.from_event(event)


@operations.post(
    "/chips/{chip_id}/setting-changes",
    needs=RequiredRole.EDITOR,
    idempotent=True,
    command=Command(
        "values setting",
        help="""Record that a setting of a line or box changed, such as a pump, an oscillator or a firmware.

        RESOURCE is mux:13, line:U10B-5, module:U10B or chip. Values that depend on it are doubtful until they are measured again.""",
    ),
)
def record_setting_change(call: Call, chip_id: ChipId, body: SettingRequest) -> ValueEventDocument:
    """Record that a setting of a line or box changed: values that depend on it are doubtful until they are measured again."""
    event = call.qdash.get(VALUES).record_setting(
        call.access,
        chip_id,
        body.resource,
        body.name,
        before=body.before,
        after=body.after,
        at=body.at,
        reason=body.reason,
        key=call.idempotency_key,
    )
    return ValueEventDocument.from_event(event)


@operations.post(
    "/task-results/{task_id}/acceptance",
    needs=RequiredRole.EDITOR,
    idempotent=True,
    command=Command("values accept"),
    for_assistants=True,
)
def accept_result(call: Call, task_id: TaskId, body: DecisionRequest) -> DecisionDocument:
    """Accept a result. Each of its parameters gets its value from the newest accepted result."""
    return DecisionDocument.from_decision(
        call.qdash.get(VALUES).accept(
            call.access,
            resolve_result_id(call, task_id),
            names=body.metrics,
            reason=body.reason,
            undecided=body.undecided,
            key=call.idempotency_key,
        )
    )


@operations.post(
    "/task-results/{task_id}/rejection",
    needs=RequiredRole.EDITOR,
    idempotent=True,
    command=Command("values reject", marks={"reason": OnCommandLine(metavar="TEXT", is_asked=True)}),
    for_assistants=True,
)
def reject_result(call: Call, task_id: TaskId, body: DecisionRequest) -> DecisionDocument:
    """Reject a result, and list the results that had used its values.

    If one of its values is in use, that of the newest accepted result replaces it.
    """
    return DecisionDocument.from_decision(
        call.qdash.get(VALUES).reject(
            call.access,
            resolve_result_id(call, task_id),
            names=body.metrics,
            reason=body.reason,
            undecided=body.undecided,
            key=call.idempotency_key,
        )
    )


@operations.post(
    "/task-results/{task_id}/use",
    needs=RequiredRole.EDITOR,
    idempotent=True,
    command=Command("values use"),
)
def use_result(call: Call, task_id: TaskId, body: UseRequest) -> DecisionDocument:
    """Make the values of a result the chip's, whatever its age, until a newer result is accepted."""
    return DecisionDocument.from_decision(
        call.qdash.get(VALUES).use(
            call.access,
            resolve_result_id(call, task_id),
            names=body.metrics,
            reason=body.reason,
            key=call.idempotency_key,
        )
    )


@operations.get(
    "/chips/{chip_id}/value-events",
    needs=RequiredRole.VIEWER,
    command=Command("values log", limit=50, more="--before {number}", empty="no value events"),
    for_assistants=True,
    for_answers=True,
)
def list_value_events(
    call: Call,
    chip_id: ChipId,
    query: ValueEventFilter,
) -> PageOf[ValueEventHeader]:
    """List the value events of a chip, newest first."""
    asked = call.page
    if query.before is not None and asked.after is None:
        asked = replace(asked, after=make_cursor((query.before,)))
    page = call.qdash.get(VALUES).list_events(
        call.access,
        chip_id,
        asked,
        targets=query.to_choice(),
        name=query.metric,
        since=query.since,
        username=query.user,
        by_hand=query.by_hand,
    )
    return PageOf.from_page(page, ValueEventHeader.from_event)


@operations.get(
    "/value-events/{number}",
    needs=RequiredRole.VIEWER,
    command=Command("values show"),
    for_assistants=True,
)
def show_value_event(call: Call, number: EventNumber) -> ValueEventDocument:
    """Show a value event with the values before and after it."""
    return ValueEventDocument.from_event(call.qdash.get(VALUES).show_event(call.access, number))


@operations.post(
    "/value-events/{number}/undo",
    needs=RequiredRole.EDITOR,
    idempotent=True,
    command=Command(
        "values undo",
        help="""Undo a value event, by default your last one in the project.

        Events of runs and undone events are passed over for this default. An undo can be undone.""",
    ),
)
def undo_value_event(call: Call, number: _EventOrLast, body: UndoRequest) -> ValueEventDocument:
    """Undo a value event; 409 with the later events if one of its values has changed since."""
    event = call.qdash.get(VALUES).undo(
        call.access,
        None if number == "last" else number,
        reason=body.reason,
        dry_run=body.dry_run,
        key=call.idempotency_key,
    )
    return ValueEventDocument.from_event(event)


@operations.get(
    "/chips/{chip_id}/values/reversion",
    needs=RequiredRole.VIEWER,
    slow=True,
    for_assistants=True,
)
def preview_reversion(call: Call, chip_id: ChipId, query: ReversionFilter) -> ReversionDocument:
    """Show the values that a reversion would restore, and those that it would keep."""
    return ReversionDocument.from_record(
        call.qdash.get(VALUES).revert(
            call.access,
            chip_id,
            query.to,
            targets=query.to_choice(),
            names=query.metric or None,
            dry_run=True,
        )
    )


@operations.post(
    "/chips/{chip_id}/values/reversion",
    needs=RequiredRole.EDITOR,
    slow=True,
    idempotent=True,
)
def revert_values(call: Call, chip_id: ChipId, body: ReversionRequest) -> ReversionDocument:
    """Restore the values of an earlier time, of the end of an execution, or of a release."""
    return ReversionDocument.from_record(
        call.qdash.get(VALUES).revert(
            call.access,
            chip_id,
            body.to,
            targets=body.to_choice(),
            names=body.metrics,
            reason=body.reason,
            key=call.idempotency_key,
        )
    )


@operations.get("/chips/{chip_id}/values/unit-conversion", needs=RequiredRole.VIEWER)
def preview_unit_conversion(call: Call, chip_id: ChipId) -> UnitConversionDocument:
    """Show the values that are stored in another unit than tasks declare."""
    return UnitConversionDocument.from_record(
        call.qdash.get(VALUES).convert(call.access, chip_id, dry_run=True)
    )


@operations.post(
    "/chips/{chip_id}/values/unit-conversion",
    needs=RequiredRole.EDITOR,
    idempotent=True,
)
def convert_units(call: Call, chip_id: ChipId, body: UnitConversionRequest) -> UnitConversionDocument:
    """Convert values that are stored in another unit than tasks declare, as one event."""
    return UnitConversionDocument.from_record(
        call.qdash.get(VALUES).convert(call.access, chip_id, reason=body.reason, key=call.idempotency_key)
    )


@operations.post("/executions/{execution_id}/adoption", needs=RequiredRole.EDITOR)
def adopt_values(call: Call, execution_id: ExecutionId, asked: AdoptionRequest) -> AdoptionDocument:
    """Make the accepted values of a simulated execution the values of its chip."""
    resolved_id = resolve_execution_id(call, execution_id)
    return AdoptionDocument.from_adoption(
        call.qdash.get(ADOPTIONS).adopt(call.access, resolved_id, chip_id=asked.chip_id)
    )
