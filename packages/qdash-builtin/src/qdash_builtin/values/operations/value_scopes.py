"""Operations of value scopes: list, show, commit and discard."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.request_parts.path_parts import ChipId, Name
from qdash_builtin.values.feature import VALUE_SCOPES
from qdash_builtin.values.requests.value_changes import ClosingRequest
from qdash_builtin.values.views.value_scopes import ValueScopeDocument, ValueScopeHeader
from qdash_core.documents.pages import PageOf
from qdash_core.models.pages import Page
from qdash_core.operations.call import Call
from qdash_core.operations.command import Command
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("value-scopes", place=240)
_Scope = Annotated[Name, Field(description="Name of a value scope.")]


@operations.get(
    "/chips/{chip_id}/value-scopes",
    needs=RequiredRole.VIEWER,
    command=Command(
        "scope list",
        empty="no value scopes yet",
        first="`qdash calibrate {chip_id} --flow NAME --scope NAME` creates one",
    ),
    for_assistants=True,
)
def list_value_scopes(call: Call, chip_id: ChipId) -> PageOf[ValueScopeHeader]:
    """List the value scopes of a chip, newest first."""
    found = call.qdash.get(VALUE_SCOPES).list_by_chip(call.access, chip_id)
    page = Page.from_all_items(found, call.page, lambda one: (-one.created_at.timestamp(), one.name))
    return PageOf.from_page(page, ValueScopeHeader.from_record)


@operations.get(
    "/chips/{chip_id}/value-scopes/{name}",
    needs=RequiredRole.VIEWER,
    versioned=True,
    command=Command("scope show"),
    for_assistants=True,
)
def show_value_scope(call: Call, chip_id: ChipId, name: _Scope) -> ValueScopeDocument:
    """Show the values and statuses of a scope compared with those of the chip."""
    view = ValueScopeDocument.from_view(call.qdash.get(VALUE_SCOPES).show(call.access, chip_id, name))
    call.set_version_from(view)
    return view


@operations.post(
    "/chips/{chip_id}/value-scopes/{name}/commit",
    needs=RequiredRole.EDITOR,
    idempotent=True,
    command=Command("scope commit"),
)
def commit_value_scope(call: Call, chip_id: ChipId, name: _Scope, body: ClosingRequest) -> ValueScopeDocument:
    """Make the values and statuses of a scope the chip's, as one value event. Values of the chip that were measured later stay.

    `qdash values undo` undoes it and reopens the scope.
    """
    return ValueScopeDocument.from_view(
        call.qdash.get(VALUE_SCOPES).commit(
            call.access, chip_id, name, reason=body.reason, key=call.idempotency_key
        )
    )


@operations.post(
    "/chips/{chip_id}/value-scopes/{name}/discard",
    needs=RequiredRole.EDITOR,
    idempotent=True,
    command=Command(
        "scope discard", says="value scope {name} of {chip_id} was discarded; the chip keeps its values"
    ),
)
def discard_value_scope(call: Call, chip_id: ChipId, name: _Scope, body: ClosingRequest) -> ValueScopeHeader:
    """Close a scope without changing values of the chip.

    Its results stay in the record.
    """
    return ValueScopeHeader.from_record(
        call.qdash.get(VALUE_SCOPES).discard(
            call.access, chip_id, name, reason=body.reason, key=call.idempotency_key
        )
    )
