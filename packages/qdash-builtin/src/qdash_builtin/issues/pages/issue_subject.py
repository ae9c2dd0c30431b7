"""Subject of a new issue: the result, target, execution, cool-down or chip in the URL."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qdash_builtin.issues.operations import issues_similar_to_result, list_issues
from qdash_builtin.issues.pages.issue_display import draw_issue_lines, draw_similar_issues
from qdash_builtin.issues.requests import IssueFilter
from qdash_builtin.results.operations.results import show_result
from qdash_builtin.runs.operations.executions import show_execution
from qdash_builtin.runs.pages.verdicts import list_reasons
from qdash_builtin.text_pages.user_texts import LONGEST_TITLE
from qdash_core.errors import NotOfferedError
from qdash_core.models.task import TaskStatus, Verdict

if TYPE_CHECKING:
    from qdash_builtin.runs.views.executions import ExecutionView
    from qdash_builtin.runs.views.results import RecordedResult
    from qdash_ui_streamlit.view import View

_MOST_EARLIER = 5


@dataclass(frozen=True, slots=True)
class IssueSubject:
    """Initial fields of a new issue; `picture` is the Markdown of the figure of the result, or empty."""

    title: str = ""
    body: str = ""
    links: dict[str, str | list[str]] = field(default_factory=dict)
    picture: str = ""


def load_subject(view: View) -> IssueSubject:
    """Return the subject in the URL. One request for a result or an execution.

    Raises
    ------
    NotFoundError
        If there is no such result or execution.
    """
    if (task_id := view.param("result")) is not None:
        try:
            return make_result_subject(view.ask(show_result, task_id))
        except NotOfferedError:  # the result is linked by its id alone
            return IssueSubject(links={"task_id": task_id})
    links: dict[str, str | list[str]] = {}
    title = ""
    if (execution_id := view.param("execution")) is not None:
        links = {"execution_id": execution_id}
        with suppress(NotOfferedError):
            shown = view.ask(show_execution, execution_id)
            links["chip_id"] = shown.chip_id or ""
            title = _make_execution_title(shown)
    if (chip_id := view.param("chip")) is not None:
        links["chip_id"] = chip_id
    if (target := view.param("target")) is not None:
        links["targets"] = [target]
    if (cooldown_id := view.param("cooldown")) is not None:
        links["cooldown_id"] = cooldown_id
    return IssueSubject(title, links=links)


def make_result_subject(result: RecordedResult) -> IssueSubject:
    """Return the subject of a result, with its message and reasons if it is not accepted."""
    name = describe_result(result)
    message = "; ".join(list_reasons(result)) if is_problem(result) else ""
    title = _shorten(f"{name}: {_take_first_clause(message)}" if message else name)
    links: dict[str, str | list[str]] = {
        "chip_id": result.chip_id,
        "targets": [result.qid] if result.task_type in ("qubit", "coupling") and result.qid else [],
        "task_id": result.task_id,
        "metrics": sorted(result.output_parameter_names or result.output_parameters),
        "execution_id": result.execution_id or "",
        "cooldown_id": result.cooldown_id or "",
    }
    quoted = f"> {' '.join(message.split())}\n\n" if message else ""  # further text is not quoted
    return IssueSubject(title, quoted, links, make_picture(result) if result.raw_data_path else "")


def describe_result(result: RecordedResult) -> str:
    """Return task and target of a result."""
    return f"{result.name} on {result.task_type} {result.qid}" if result.qid else result.name


def make_picture(result: RecordedResult) -> str:
    """Return the Markdown of the figure of a result."""
    return f"![{describe_result(result)}](result:{result.task_id})"


def is_problem(result: RecordedResult) -> bool:
    """Return whether a result failed, or was flagged or rejected."""
    return result.status is TaskStatus.FAILED or result.verdict in (Verdict.FLAGGED, Verdict.REJECTED)


def draw_earlier_issues(view: View, subject: IssueSubject) -> bool:
    """Draw earlier issues of a subject, open or closed, and return whether there are any. One request."""
    if task_id := subject.links.get("task_id"):
        similar = view.ask(issues_similar_to_result, str(task_id), most=_MOST_EARLIER).issues
        draw_similar_issues(view, similar)
        return bool(similar)
    names = {"execution_id", "chip_id", "cooldown_id"}
    filters = {name: value for name, value in subject.links.items() if name in names and value}
    for target in subject.links.get("targets", []):
        filters["target"] = target
    issues = (
        view.ask(list_issues.paged(limit=_MOST_EARLIER), query=IssueFilter(**filters)).items
        if filters
        else []
    )
    draw_issue_lines(view, issues)
    return bool(issues)


def _take_first_clause(message: str) -> str:
    """Return a message up to its first colon or semicolon: the description of the issue has all of it."""
    return re.split(r"[:;]\s", message, maxsplit=1)[0]


def _make_execution_title(shown: ExecutionView) -> str:
    return _shorten(f"Execution {shown.execution_id}: {shown.message}") if shown.message else ""


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_TITLE else f"{line[: LONGEST_TITLE - 2]} …"
