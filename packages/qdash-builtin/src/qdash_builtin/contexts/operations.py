"""Operations of the contexts of chips, targets and results, for other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from qdash_builtin.contexts.feature import CONTEXTS
from qdash_builtin.contexts.views.context import ContextDocument
from qdash_builtin.contexts.views.context_markdown import ContextMarkdown
from qdash_builtin.contexts.views.context_size import SIZE_RANGE, USUAL_SIZE, fit_context
from qdash_builtin.request_parts.path_parts import ChipId, TaskId
from qdash_core.operations.answers import TextAnswer
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

if TYPE_CHECKING:
    from qdash_builtin.contexts.context import Context

operations = Operations("contexts", place=360)
_Target = Annotated[
    str | None, Field(min_length=1, max_length=64, description="A qubit or coupling; absent: the whole chip.")
]
_Size = Annotated[
    int, Field(ge=SIZE_RANGE[0], le=SIZE_RANGE[1], description="Largest size of the text, in characters.")
]
_Named = Annotated[
    str,
    Field(
        min_length=1,
        max_length=128,
        description="Id of a chip; or the id of a result, or the beginning of one. A chip with this id comes first.",
    ),
]
_MARKDOWN = "text/markdown"


@operations.get("/context", needs=RequiredRole.VIEWER, slow=True)
def show_context(
    call: Call, name: _Named, target: _Target = None, max_size: _Size = USUAL_SIZE
) -> ContextDocument:
    """Show the data about a chip, a target or a result that a user names, in one document of limited size."""
    return _fit(_make_context(call, name, target), max_size)


@operations.get("/context-page", needs=RequiredRole.VIEWER, media_type=_MARKDOWN, slow=True)
def show_context_page(
    call: Call, name: _Named, target: _Target = None, max_size: _Size = USUAL_SIZE
) -> TextAnswer:
    """Show the data about a chip, a target or a result that a user names, as Markdown of limited size."""
    return _write_page(call, _make_context(call, name, target), max_size)


@operations.get("/chips/{chip_id}/context", needs=RequiredRole.VIEWER, slow=True)
def show_chip_context(
    call: Call, chip_id: ChipId, target: _Target = None, max_size: _Size = USUAL_SIZE
) -> ContextDocument:
    """Show the data about a chip or one of its targets in one document of limited size, with ids as paths of the host."""
    return _fit(_make_chip_context(call, chip_id, target), max_size)


@operations.get(
    "/chips/{chip_id}/context-page",
    needs=RequiredRole.VIEWER,
    media_type=_MARKDOWN,
    slow=True,
    for_assistants=True,
)
def show_chip_context_page(
    call: Call, chip_id: ChipId, target: _Target = None, max_size: _Size = USUAL_SIZE
) -> TextAnswer:
    """Show the data about a chip or one of its targets as Markdown of limited size."""
    return _write_page(call, _make_chip_context(call, chip_id, target), max_size)


@operations.get("/task-results/{task_id}/context", needs=RequiredRole.VIEWER, slow=True)
def show_result_context(call: Call, task_id: TaskId, max_size: _Size = USUAL_SIZE) -> ContextDocument:
    """Show the data about a result in one document of limited size, with ids as paths of the host."""
    return _fit(call.qdash.get(CONTEXTS).make_result_context(call.access, task_id), max_size)


@operations.get(
    "/task-results/{task_id}/context-page",
    needs=RequiredRole.VIEWER,
    media_type=_MARKDOWN,
    slow=True,
    for_assistants=True,
)
def show_result_context_page(call: Call, task_id: TaskId, max_size: _Size = USUAL_SIZE) -> TextAnswer:
    """Show the data about a result as Markdown of limited size."""
    return _write_page(call, call.qdash.get(CONTEXTS).make_result_context(call.access, task_id), max_size)


def _make_context(call: Call, name: str, target: str | None) -> Context:
    return call.qdash.get(CONTEXTS).make(
        call.access, call.qdash.get(CONTEXTS).resolve(call.access, name, target)
    )


def _make_chip_context(call: Call, chip_id: str, target: str | None) -> Context:
    if target is None:
        return call.qdash.get(CONTEXTS).make_chip_context(call.access, chip_id)
    return call.qdash.get(CONTEXTS).make_target_context(call.access, chip_id, target)


def _fit(context: Context, max_size: int) -> ContextDocument:
    return fit_context(context, max_size, ContextDocument.as_compact_text)


def _write_page(call: Call, context: Context, max_size: int) -> TextAnswer:
    address = call.qdash.settings.dashboard_url

    def write(document: ContextDocument) -> str:
        return ContextMarkdown(document, address).write()

    text = write(fit_context(context, max_size, write))
    return TextAnswer(text, media_type=_MARKDOWN)
