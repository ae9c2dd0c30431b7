"""View models of laboratory issues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import AliasPath, Field

from qdash_builtin.attachments.views import AttachmentDocument
from qdash_builtin.issues.model import IssueEventKind, IssueState, ReasonKind
from qdash_builtin.text_pages.text_pictures import Drawing
from qdash_core.documents.base import Document, OmitEmpty
from qdash_core.models.base import UtcDatetime

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.issues.model import IssueEventModel, IssueModel
    from qdash_builtin.issues.similar import SimilarIssue
    from qdash_builtin.issues.view import IssueView


class IssueHeader(Document):
    """An issue without its texts, as in lists."""

    issue_id: str
    """Number of the issue in the project."""
    title: str
    state: IssueState
    username: str
    """Author."""
    labels: list[str]
    assignees: list[str]
    chip_id: OmitEmpty[str] = None
    targets: list[str]
    task_id: OmitEmpty[str] = None
    """The result that it is about."""
    task: OmitEmpty[str] = None
    """Task of this result."""
    metrics: list[str]
    """Parameters that it is about."""
    execution_id: OmitEmpty[str] = None
    cooldown_id: OmitEmpty[str] = None
    n_comments: int
    n_files: int
    """Number of its files."""
    closed_by: OmitEmpty[str] = None
    closed_at: UtcDatetime | None = None
    closing_comment: int | None = None
    """Number of the comment with which it was closed."""
    created_at: UtcDatetime
    updated_at: UtcDatetime
    """Time of the last change or comment."""


class IssueCommentDocument(Document):
    """A comment as it is now."""

    number: int
    """Number of the event that added it."""
    username: str
    created_at: UtcDatetime
    text: str
    """Text in Markdown."""
    edited_by: OmitEmpty[str] = None
    edited_at: UtcDatetime | None = None


class IssuePictureDocument(Document):
    """A picture in the texts of an issue, which is drawn from a result."""

    address: str
    """Address of the image in the Markdown text."""
    task_id: str
    drawing: Drawing
    """Route of the result that draws it."""
    exists: bool
    """False if there is no such result with raw data."""
    chip_id: OmitEmpty[str] = None
    task: OmitEmpty[str] = None
    qid: OmitEmpty[str] = None
    """Target of the result."""


class IssueDocument(IssueHeader):
    """An issue with its description, comments, pictures and files."""

    body: OmitEmpty[str] = None
    """Description in Markdown."""
    comments: list[IssueCommentDocument]
    """Oldest first."""
    pictures: list[IssuePictureDocument]
    """Pictures of the description and the comments that are from results, each once."""
    attachments: list[AttachmentDocument]
    """Files of the issue, by name. `![text](file:NAME)` in a text shows a picture, `[text](file:NAME)` links to a file."""

    @classmethod
    def from_view(cls, view: IssueView) -> Self:
        """Return the view model of an issue."""
        pictures = [
            IssuePictureDocument(
                address=one.address.text,
                task_id=one.address.task_id,
                drawing=one.address.drawing,
                exists=one.result is not None,
                chip_id=None if one.result is None else one.result.chip_id,
                task=None if one.result is None else one.result.name,
                qid=None if one.result is None else one.result.qid,
            )
            for one in view.pictures
        ]
        return cls.from_record(view.issue, comments=view.comments, pictures=pictures)


class IssueEventDocument(Document):
    """An event of an issue. It has no texts if its comment was removed or the issue was deleted."""

    number: int
    kind: IssueEventKind
    username: str
    at: UtcDatetime = Field(validation_alias=AliasPath("created_at"))
    text: OmitEmpty[str] = None
    """Text of a comment."""
    comment: int | None = None
    """Number of the edited or removed comment, or of the comment that explains a change of state."""
    before: OmitEmpty[dict[str, str | list[str]]] = None
    """Former values of the changed fields."""
    after: OmitEmpty[dict[str, str | list[str]]] = None
    """New values of the changed fields."""

    @classmethod
    def from_event(cls, event: IssueEventModel) -> Self:
        """Return the view model of an event."""
        return cls.from_record(event)


class SimilarityReasonDocument(Document):
    """A reason why an issue is similar, with the common names or words."""

    kind: ReasonKind
    """`neighbour`: a target with a common qubit; `multiplexer`: a target on the same multiplexer."""
    common: list[str]


class SimilarIssueDocument(Document):
    """An earlier, similar issue, and how it was closed."""

    issue: IssueHeader
    score: float
    """Sum of the scores of the reasons; larger is more similar."""
    reasons: list[SimilarityReasonDocument]
    closing: IssueCommentDocument | None = None
    """Comment with which it was closed."""
    last_comment: IssueCommentDocument | None = None

    @classmethod
    def from_similar(cls, similar: SimilarIssue) -> Self:
        """Return the view model of a similar issue."""
        return cls.from_record(similar)


class SimilarIssuesDocument(Document):
    """Earlier, similar issues, most similar first."""

    issues: list[SimilarIssueDocument]

    @classmethod
    def from_similar(cls, similar: Sequence[SimilarIssue]) -> Self:
        """Return the view model of a list of similar issues."""
        return cls(issues=[SimilarIssueDocument.from_similar(one) for one in similar])

    @property
    def printed(self) -> Sequence[Document]:
        """The issues."""
        return self.issues


class OpenIssueDocument(Document):
    """An issue that is not closed, for a symbol beside its targets."""

    issue_id: str
    title: str
    state: IssueState
    assignees: list[str]
    targets: list[str]


class OpenIssuesDocument(Document):
    """Issues of a chip that are not closed, newest activity first, and those of each target."""

    chip_id: str
    issues: list[OpenIssueDocument]
    """At most 1,000."""
    by_target: dict[str, list[str]]
    """Ids of the issues of each qubit and coupling with any."""

    @classmethod
    def from_issues(cls, chip_id: str, issues: Sequence[IssueModel]) -> Self:
        """Return the view model of the open issues of a chip."""
        by_target: dict[str, list[str]] = {}
        for issue in issues:
            for target in issue.targets:
                by_target.setdefault(target, []).append(issue.issue_id)
        shown = [OpenIssueDocument.from_record(one) for one in issues]
        return cls(chip_id=chip_id, issues=shown, by_target=by_target)
