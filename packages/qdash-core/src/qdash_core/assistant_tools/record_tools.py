"""Tools that read the record around results: executions, notes and issues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from qdash_core.assistant_tools.tool import ReadingTool, ToolScope, cite
from qdash_core.assistants.tool_arguments import ChipName, PageArguments, Since, ToolArguments, Until, Words
from qdash_core.documents.executions import ExecutionHeader, ExecutionView
from qdash_core.documents.issues import IssueDocument, IssueHeader
from qdash_core.documents.notes import TimelineNoteDocument
from qdash_core.issues.query import IssueQuery
from qdash_core.models.issue import IssueState  # noqa: TC001  pydantic reads the fields
from qdash_core.models.pages import PageRequest
from qdash_core.models.references import RecordKind
from qdash_core.models.task import Verdict  # noqa: TC001  pydantic reads the fields
from qdash_core.notes.timeline import NoteFilter
from qdash_core.record.execution_lists import ExecutionFilter

if TYPE_CHECKING:
    from collections.abc import Mapping

_Text = Annotated[str | None, Field(default=None, min_length=1, max_length=128)]


class ExecutionsArguments(PageArguments):
    """Conditions on executions."""

    chip_id: ChipName
    user: _Text
    task: _Text
    verdict: Verdict | None = None
    since: Since
    until: Until


def _list_executions(scope: ToolScope, given: ExecutionsArguments) -> Mapping[str, Any]:
    only = ExecutionFilter(
        chip_id=given.chip_id or scope.chip_id,
        username=given.user,
        task=given.task,
        verdict=given.verdict,
        since=given.since,
        until=given.until,
    )
    page = scope.services.executions.page(scope.access, PageRequest(given.limit, given.after), only)
    found = [
        ExecutionHeader.from_execution(one.execution, interrupted=one.interrupted).as_json()
        for one in page.items
    ]
    return {"executions": [_cite_execution(one) for one in found], "next": page.next}


class ExecutionArguments(ToolArguments):
    """An execution."""

    execution_id: Annotated[str, Field(min_length=1, max_length=128, description="Id of an execution.")]


def _read_execution(scope: ToolScope, given: ExecutionArguments) -> Mapping[str, Any]:
    found = scope.services.executions.get_header(scope.access, given.execution_id)
    return _cite_execution(
        ExecutionView.from_execution(found.execution, interrupted=found.interrupted).as_json()
    )


def _cite_execution(execution: dict[str, Any]) -> dict[str, Any]:
    return {"cite": cite(RecordKind.EXECUTION, execution["execution_id"]), **execution}


class NotesArguments(PageArguments):
    """Conditions on notes."""

    chip_id: ChipName
    target: Annotated[
        str | None,
        Field(
            default=None,
            min_length=1,
            max_length=128,
            description="Only notes on this target, or on results of it.",
        ),
    ]
    author: _Text
    text: Words
    since: Since
    until: Until


def _list_notes(scope: ToolScope, given: NotesArguments) -> Mapping[str, Any]:
    wanted = NoteFilter(
        chip_id=given.chip_id or scope.chip_id,
        target_id=given.target,
        author=given.author,
        text=given.text,
        time_range=(given.since, given.until),
        current=True,
    )
    page = scope.services.notes.get_timeline_page(scope.access, PageRequest(given.limit, given.after), wanted)
    found = [TimelineNoteDocument.from_timeline(one).as_json() for one in page.items]
    return {
        "notes": [{"cite": cite(RecordKind.NOTE, one["seq"]), **one} for one in found],
        "next": page.next,
    }


class IssuesArguments(PageArguments):
    """Conditions on issues."""

    state: IssueState | None = None
    chip_id: ChipName
    target: _Text
    task: _Text
    label: _Text
    text: Words


def _list_issues(scope: ToolScope, given: IssuesArguments) -> Mapping[str, Any]:
    query = IssueQuery(
        states=() if given.state is None else (given.state,),
        labels=() if given.label is None else (given.label,),
        chip_id=given.chip_id or scope.chip_id,
        target=given.target,
        task=given.task,
        text=given.text,
    )
    page = scope.services.issues.page(scope.access, query, PageRequest(given.limit, given.after))
    found = [IssueHeader.from_record(one).as_json() for one in page.items]
    return {"issues": [_cite_issue(one) for one in found], "next": page.next}


class IssueArguments(ToolArguments):
    """An issue."""

    issue_id: Annotated[str, Field(min_length=1, max_length=32, description="Number of an issue.")]


def _read_issue(scope: ToolScope, given: IssueArguments) -> Mapping[str, Any]:
    return _cite_issue(
        IssueDocument.from_view(scope.services.issues.show(scope.access, given.issue_id)).as_json()
    )


def _cite_issue(issue: dict[str, Any]) -> dict[str, Any]:
    return {"cite": cite(RecordKind.ISSUE, issue["issue_id"]), **issue}


RECORD_TOOLS = (
    ReadingTool(
        "executions",
        "Lists executions, newest first. Cite one by its `cite`.",
        ExecutionsArguments,
        _list_executions,
    ),
    ReadingTool(
        "execution",
        "Shows one execution: its request, stages, numbers of results and the reason of its end. `results` lists its results.",
        ExecutionArguments,
        _read_execution,
    ),
    ReadingTool(
        "notes",
        "Lists present notes of users on chips, targets, results, cryostats and cool-downs, newest first.",
        NotesArguments,
        _list_notes,
    ),
    ReadingTool("issues", "Lists laboratory issues, newest activity first.", IssuesArguments, _list_issues),
    ReadingTool("issue", "Shows one laboratory issue with its comments.", IssueArguments, _read_issue),
)
"""Tools on executions, notes and issues."""
