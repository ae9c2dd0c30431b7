"""Request bodies and filters for laboratory issues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field

from qdash_builtin.issues.fields import MOST_ASSIGNEES, MOST_LABELS
from qdash_builtin.issues.links import MOST_METRICS, MOST_TARGETS
from qdash_builtin.issues.model import IssueState
from qdash_builtin.issues.query import IssueQuery
from qdash_builtin.issues.service import MOST_SIMILAR
from qdash_builtin.issues.texts import LONGEST_LABEL, parse_issue_id
from qdash_builtin.record_lookup.call_ids import resolve_execution_id, resolve_result_id
from qdash_builtin.request_parts.option_forms import (
    COOLDOWN,
    EXECUTION,
    METRIC,
    RESULT,
    TARGET,
    TASK,
    USER,
    WORDS,
)
from qdash_builtin.text_pages.user_texts import LONGEST_TEXT, LONGEST_TITLE
from qdash_core.models.fault_limit import ENTRY
from qdash_core.operations.bodies import Body, Filter
from qdash_core.operations.command import OnCommandLine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.operations.call import Call


IssueId = Annotated[
    str,
    Field(min_length=1, max_length=20, description="Number of an issue, such as 12."),
    AfterValidator(parse_issue_id),
]
CommentNumber = Annotated[int, Field(ge=1, lt=2**31, description="Number of a comment.")]
SimilarLimit = Annotated[
    int,
    Field(ge=1, le=MOST_SIMILAR, description="Maximum number of issues."),
    OnCommandLine(name="limit", metavar="NUMBER"),
]
SimilarSubject = Annotated[
    str,
    Field(
        min_length=1,
        max_length=128,
        description="An issue, as #12 or 12, or the id of a result; the beginning of an id is enough.",
    ),
    OnCommandLine(metavar="TASK_ID|ISSUE", is_argument=True),
]

_Id = Annotated[str, Field(max_length=128)]
_Title = Annotated[str, Field(min_length=1, max_length=LONGEST_TITLE)]
_TEXT = (
    "Markdown. A figure of a result is `![caption](result:TASK_ID)`, with the id in the address of its page, and an attached picture "
    "`![caption](file:NAME)`. `@name` mentions a member."
)
_Text = Annotated[str, Field(max_length=LONGEST_TEXT), OnCommandLine(metavar="TEXT", is_long_text=True)]
_Labels = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=LONGEST_LABEL), ENTRY]],
    Field(max_length=MOST_LABELS),
]
_Users = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=64), ENTRY]], Field(max_length=MOST_ASSIGNEES)
]
_Targets = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=64), ENTRY]], Field(max_length=MOST_TARGETS), TARGET
]
_Metrics = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=100), ENTRY]], Field(max_length=MOST_METRICS), METRIC
]
_Names = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=64), ENTRY]], Field(max_length=MOST_LABELS)
]


class _IssueFields(Body):
    body: _Text | None = Field(default=None, title="Description", description=_TEXT)
    labels: _Labels | None = None
    assignees: Annotated[_Users | None, OnCommandLine(name="assign", metavar="USER")] = None
    """Members of the project."""
    chip_id: _Id | None = None
    targets: _Targets | None = Field(default=None, title="Qubits and couplings")
    """Qubits and couplings of the chip."""
    task_id: Annotated[_Id | None, Field(title="Result"), RESULT] = None
    """Result that it is about; it fills the links that are absent."""
    metrics: _Metrics | None = Field(default=None, title="Parameters")
    """Parameters that it is about."""
    execution_id: Annotated[_Id | None, EXECUTION] = None
    cooldown_id: Annotated[_Id | None, Field(title="Cool-down"), COOLDOWN] = None

    def get_fields(self, call: Call) -> Mapping[str, Any]:
        """Return the given fields, with whole ids."""
        whole = {
            "task_id": resolve_result_id(call, self.task_id),
            "execution_id": resolve_execution_id(call, self.execution_id),
        }
        return {name: value for name, value in (dict(self) | whole).items() if value is not None}


class IssueRequest(_IssueFields):
    """Request to open an issue."""

    title: Annotated[_Title, OnCommandLine(metavar="TITLE", is_argument=True)]


class IssueEdit(_IssueFields):
    """Changes of an issue; absent fields are unchanged, empty ones are cleared."""

    title: Annotated[_Title | None, OnCommandLine(metavar="TEXT")] = None
    state: IssueState | None = None


class ListChange(Body):
    """Members to add to a list and to remove from it."""

    add: Annotated[_Names, OnCommandLine(metavar="NAME", is_argument=True)] = []
    remove: Annotated[_Names, OnCommandLine(name="remove", metavar="NAME", help="Name to remove.")] = []


class CommentRequest(Body):
    """Text of a comment in Markdown."""

    text: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT, title="Comment", description=_TEXT)]


class StateRequest(Body):
    """Request to close or reopen an issue."""

    comment: _Text = ""
    """Comment that explains the change; empty for none."""


class IssueFilter(Filter):
    """Filters of a list of issues, which must all hold."""

    state: Annotated[
        tuple[IssueState, ...], Field(max_length=3, description="Only issues in one of these states.")
    ] = ()
    label: Annotated[
        tuple[Annotated[str, Field(max_length=LONGEST_LABEL)], ...],
        Field(max_length=MOST_LABELS, description="Only issues with all of these labels."),
    ] = ()
    assignee: Annotated[
        str | None, Field(max_length=64, description="Only issues of this assignee."), USER
    ] = None
    user: Annotated[
        str | None,
        Field(max_length=64, description="Only issues that this user opened."),
        OnCommandLine(name="author", metavar="USER"),
    ] = None
    chip_id: Annotated[str | None, Field(max_length=128, description="Only issues about this chip.")] = None
    target: Annotated[
        str | None, Field(max_length=64, description="Only issues about this qubit or coupling."), TARGET
    ] = None
    task: Annotated[
        str | None, Field(max_length=128, description="Only issues about results of this task."), TASK
    ] = None
    metric: Annotated[
        str | None, Field(max_length=100, description="Only issues about this parameter."), METRIC
    ] = None
    task_id: Annotated[
        str | None, Field(max_length=128, description="Only issues about this result."), RESULT
    ] = None
    execution_id: Annotated[
        str | None, Field(max_length=128, description="Only issues about this execution."), EXECUTION
    ] = None
    cooldown_id: Annotated[
        str | None, Field(max_length=128, description="Only issues about this cool-down."), COOLDOWN
    ] = None
    q: Annotated[
        str | None,
        Field(
            max_length=200,
            description="Words that the title, description, labels and comments contain, in any order.",
        ),
        WORDS,
    ] = None

    def make_query(self, call: Call) -> IssueQuery:
        """Return the query of the issue service."""
        return IssueQuery(
            states=[str(one) for one in self.state],
            labels=self.label,
            assignee=self.assignee,
            author=self.user,
            chip_id=self.chip_id,
            target=self.target,
            task=self.task,
            metric=self.metric,
            task_id=resolve_result_id(call, self.task_id),
            execution_id=resolve_execution_id(call, self.execution_id),
            cooldown_id=self.cooldown_id,
            text=self.q,
        )
