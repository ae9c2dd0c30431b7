"""Operations of laboratory issues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.attachments.accepted_files import TEXT_FILES
from qdash_builtin.attachments.answers import FILE_TYPE, list_attachments, send_attachment, send_thumbnail
from qdash_builtin.attachments.pictures import THUMBNAIL_TYPE
from qdash_builtin.attachments.requests import FileName
from qdash_builtin.attachments.views import AttachmentDocument
from qdash_builtin.issues.feature import ISSUE_FILES, ISSUES
from qdash_builtin.issues.model import UNSOLVED
from qdash_builtin.issues.requests import (
    CommentNumber,
    CommentRequest,
    IssueEdit,
    IssueFilter,
    IssueId,
    IssueRequest,
    ListChange,
    SimilarLimit,
    SimilarSubject,
    StateRequest,
)
from qdash_builtin.issues.texts import is_issue_id, parse_issue_id
from qdash_builtin.issues.views import (
    IssueDocument,
    IssueEventDocument,
    IssueHeader,
    OpenIssuesDocument,
    SimilarIssuesDocument,
)
from qdash_builtin.record_lookup.call_ids import resolve_result_id
from qdash_builtin.request_parts.path_parts import ChipId, TaskId
from qdash_core.documents.pages import PageOf
from qdash_core.models.pages import USUAL_PAGE
from qdash_core.operations.answers import FileAnswer
from qdash_core.operations.bodies import RawBody
from qdash_core.operations.call import Call
from qdash_core.operations.command import Command
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

if TYPE_CHECKING:
    from qdash_builtin.issues.view import IssueView

operations = Operations("issues", place=300)


@operations.get(
    "/issues",
    needs=RequiredRole.VIEWER,
    command=Command(
        "issue list",
        empty="no issues yet",
        first="`qdash issue open TITLE` opens one",
        limit=USUAL_PAGE,
        usual={"state": UNSOLVED},
    ),
    for_assistants=True,
    for_answers=True,
)
def list_issues(call: Call, query: IssueFilter) -> PageOf[IssueHeader]:
    """List the issues of the project that match all filters, newest activity first."""
    return PageOf.from_page(
        call.qdash.get(ISSUES).page(call.access, query.make_query(call), call.page), IssueHeader.from_record
    )


@operations.post(
    "/issues",
    needs=RequiredRole.EDITOR,
    status=201,
    idempotent=True,
    command=Command("issue open"),
    for_assistants=True,
)
def open_issue(call: Call, body: IssueRequest) -> IssueDocument:
    """Open an issue. A result fills the links to its chip, target, execution and cool-down."""
    view = call.qdash.get(ISSUES).open(call.access, key=call.idempotency_key, **body.get_fields(call))
    return _respond(call, view)


@operations.get(
    "/issues/{issue_id}",
    needs=RequiredRole.VIEWER,
    versioned=True,
    command=Command("issue show"),
    for_assistants=True,
    for_answers=True,
)
def show_issue(call: Call, issue_id: IssueId) -> IssueDocument:
    """Show an issue with its comments and pictures."""
    return _respond(call, call.qdash.get(ISSUES).show(call.access, issue_id))


@operations.patch(
    "/issues/{issue_id}",
    needs=RequiredRole.EDITOR,
    edits=True,
    command=Command("issue edit"),
    for_assistants=True,
)
def edit_issue(call: Call, issue_id: IssueId, body: IssueEdit) -> IssueDocument:
    """Change fields of an issue; absent fields are unchanged. Its events keep the former values."""
    service = call.qdash.get(ISSUES)
    return _respond(call, service.edit(call.access, issue_id, as_of=call.as_of, **body.get_fields(call)))


@operations.delete(
    "/issues/{issue_id}",
    needs=RequiredRole.OWNER,
    command=Command(
        "issue delete", says="issue {issue_id} was deleted: `qdash issue events {issue_id}` shows its trace"
    ),
)
def delete_issue(call: Call, issue_id: IssueId) -> IssueEventDocument:
    """Delete an issue with all its texts. Its events stay, with users and times."""
    return IssueEventDocument.from_event(call.qdash.get(ISSUES).delete(call.access, issue_id))


@operations.post(
    "/issues/{issue_id}/assignees",
    needs=RequiredRole.EDITOR,
    command=Command("issue assign"),
)
def assign_issue(call: Call, issue_id: IssueId, body: ListChange) -> IssueDocument:
    """Add and remove assignees of an issue."""
    return _respond(
        call, call.qdash.get(ISSUES).assign(call.access, issue_id, add=body.add, remove=body.remove)
    )


@operations.post(
    "/issues/{issue_id}/labels",
    needs=RequiredRole.EDITOR,
    command=Command("issue label"),
)
def label_issue(call: Call, issue_id: IssueId, body: ListChange) -> IssueDocument:
    """Add and remove labels of an issue."""
    return _respond(
        call, call.qdash.get(ISSUES).label(call.access, issue_id, add=body.add, remove=body.remove)
    )


@operations.post(
    "/issues/{issue_id}/close",
    needs=RequiredRole.EDITOR,
    edits=True,
    command=Command("issue close"),
    for_assistants=True,
)
def close_issue(call: Call, issue_id: IssueId, body: StateRequest | None = None) -> IssueDocument:
    """Close an issue, with a comment that says how it was solved."""
    comment = "" if body is None else body.comment
    return _respond(
        call, call.qdash.get(ISSUES).close(call.access, issue_id, comment=comment, as_of=call.as_of)
    )


@operations.post(
    "/issues/{issue_id}/reopen",
    needs=RequiredRole.EDITOR,
    edits=True,
    command=Command("issue reopen"),
    for_assistants=True,
)
def reopen_issue(call: Call, issue_id: IssueId, body: StateRequest | None = None) -> IssueDocument:
    """Open a closed issue again."""
    comment = "" if body is None else body.comment
    return _respond(
        call, call.qdash.get(ISSUES).reopen(call.access, issue_id, comment=comment, as_of=call.as_of)
    )


@operations.post(
    "/issues/{issue_id}/comments",
    needs=RequiredRole.EDITOR,
    status=201,
    idempotent=True,
    for_assistants=True,
)
def comment_issue(call: Call, issue_id: IssueId, body: CommentRequest) -> IssueDocument:
    """Add a comment to an issue."""
    return _respond(
        call, call.qdash.get(ISSUES).comment(call.access, issue_id, body.text, key=call.idempotency_key)
    )


@operations.patch("/issues/{issue_id}/comments/{number}", needs=RequiredRole.EDITOR)
def edit_issue_comment(
    call: Call, issue_id: IssueId, number: CommentNumber, body: CommentRequest
) -> IssueDocument:
    """Replace the text of a comment, as its author or an owner. The events keep the former text."""
    return _respond(call, call.qdash.get(ISSUES).edit_comment(call.access, issue_id, number, body.text))


@operations.delete("/issues/{issue_id}/comments/{number}", needs=RequiredRole.EDITOR)
def remove_issue_comment(call: Call, issue_id: IssueId, number: CommentNumber) -> IssueDocument:
    """Remove a comment, as its author or an owner. Its events stay without texts."""
    return _respond(call, call.qdash.get(ISSUES).remove_comment(call.access, issue_id, number))


@operations.get(
    "/issues/{issue_id}/events",
    needs=RequiredRole.VIEWER,
    command=Command("issue events"),
)
def list_issue_events(call: Call, issue_id: IssueId) -> PageOf[IssueEventDocument]:
    """List the events of an issue, oldest first, also of a deleted one."""
    page = call.qdash.get(ISSUES).page_events(call.access, issue_id, call.page)
    return PageOf.from_page(page, IssueEventDocument.from_event)


@operations.put(
    "/issues/{issue_id}/files/{name}", needs=RequiredRole.EDITOR, slow=True, largest_body=TEXT_FILES.size
)
def attach_to_issue(call: Call, issue_id: IssueId, name: FileName, contents: RawBody) -> AttachmentDocument:
    """Attach a file to an issue, in place of one of the same name. Pictures lose their metadata."""
    made = call.qdash.get(ISSUE_FILES).add(call.access, issue_id, name, contents)
    return AttachmentDocument.from_record(made)


@operations.get(
    "/issues/{issue_id}/files",
    needs=RequiredRole.VIEWER,
    command=Command(
        "issue files",
        empty="issue {issue_id} has no files",
        first="`qdash issue attach {issue_id} FILE` adds one",
    ),
)
def list_files_of_issue(call: Call, issue_id: IssueId) -> PageOf[AttachmentDocument]:
    """List the files of an issue, by name."""
    return list_attachments(call, call.qdash.get(ISSUE_FILES), issue_id)


@operations.get(
    "/issues/{issue_id}/files/{name}",
    needs=RequiredRole.VIEWER,
    slow=True,
    versioned=True,
    media_type=FILE_TYPE,
    command=Command("issue download", says="{bytes} bytes in {file}"),
)
def download_from_issue(call: Call, issue_id: IssueId, name: FileName) -> FileAnswer:
    """Download a file of an issue."""
    return send_attachment(call, call.qdash.get(ISSUE_FILES), issue_id, name)


@operations.get(
    "/issues/{issue_id}/files/{name}/thumbnail",
    needs=RequiredRole.VIEWER,
    slow=True,
    versioned=True,
    media_type=THUMBNAIL_TYPE,
)
def show_thumbnail_of_issue(call: Call, issue_id: IssueId, name: FileName) -> FileAnswer:
    """Return the thumbnail of a picture that is attached to an issue."""
    return send_thumbnail(call, call.qdash.get(ISSUE_FILES), issue_id, name)


@operations.delete(
    "/issues/{issue_id}/files/{name}",
    needs=RequiredRole.EDITOR,
    command=Command("issue detach", says="file {name} of issue {issue_id} was deleted"),
)
def delete_file_of_issue(call: Call, issue_id: IssueId, name: FileName) -> AttachmentDocument:
    """Delete a file of an issue."""
    return AttachmentDocument.from_record(call.qdash.get(ISSUE_FILES).delete(call.access, issue_id, name))


@operations.get(
    "/issues/{issue_id}/similar",
    needs=RequiredRole.VIEWER,
    for_assistants=True,
)
def similar_issues(call: Call, issue_id: IssueId, most: SimilarLimit = 5) -> SimilarIssuesDocument:
    """List earlier issues that are similar to an issue, with the reasons and how they were closed."""
    return SimilarIssuesDocument.from_similar(
        call.qdash.get(ISSUES).find_similar(call.access, issue_id, limit=most)
    )


@operations.get(
    "/task-results/{task_id}/similar-issues",
    needs=RequiredRole.VIEWER,
    for_assistants=True,
)
def issues_similar_to_result(call: Call, task_id: TaskId, most: SimilarLimit = 5) -> SimilarIssuesDocument:
    """List issues that are similar to the failure of a result, with the reasons and how they were closed."""
    return SimilarIssuesDocument.from_similar(
        call.qdash.get(ISSUES).find_similar_to_result(
            call.access, resolve_result_id(call, task_id), limit=most
        )
    )


@operations.get(
    "/similar-issues",
    needs=RequiredRole.VIEWER,
    command=Command(
        "issue similar",
        help="Show earlier issues that are similar to a failed result or an issue, and how they were closed.\n\n"
        "They have the same target, a target nearby, the same task, metric or words. An issue is written as #12 or 12; everything "
        "else is a task id or the beginning of one.",
        empty="no similar issues: `qdash issue list --all --search WORDS` searches their texts",
    ),
)
def find_similar_issues(call: Call, subject: SimilarSubject, most: SimilarLimit = 5) -> SimilarIssuesDocument:
    """List earlier issues that are similar to an issue or a failed result that a user names."""
    if is_issue_id(subject):
        return similar_issues(call, parse_issue_id(subject), most)
    return issues_similar_to_result(call, subject, most)


@operations.get("/chips/{chip_id}/open-issues", needs=RequiredRole.VIEWER)
def open_issues_of_chip(call: Call, chip_id: ChipId) -> OpenIssuesDocument:
    """List the issues of a chip that are not closed, and those of each target."""
    return OpenIssuesDocument.from_issues(
        chip_id, call.qdash.get(ISSUES).list_open_by_chip(call.access, chip_id)
    )


def _respond(call: Call, view: IssueView) -> IssueDocument:
    call.set_changed_at(view.issue.updated_at)
    return IssueDocument.from_view(view)
