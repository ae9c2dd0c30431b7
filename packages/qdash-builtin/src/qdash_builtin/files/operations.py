"""Operations of files below configured roots, and of the files of executions."""

from __future__ import annotations

from qdash_builtin.files.feature import FILES
from qdash_builtin.files.requests import (
    CommitRequest,
    ComparedVersion,
    FilePath,
    Folder,
    Reason,
    RestoreRequest,
    Root,
    Version,
)
from qdash_builtin.files.service import PRESENT
from qdash_builtin.files.versions import ANY, FileVersion
from qdash_builtin.files.views.files import (
    FileCheckDocument,
    FileDifferenceDocument,
    FileEntryDocument,
    FilePreviewDocument,
    FileRootDocument,
    FileVersionDocument,
    WorkTreeDocument,
    WorkTreeUpdateDocument,
)
from qdash_core.documents.pages import PageOf
from qdash_core.models.pages import Page
from qdash_core.operations.answers import FileAnswer
from qdash_core.operations.bodies import RawBody
from qdash_core.operations.call import Call
from qdash_core.operations.command import Command
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole
from qdash_core.parsing.limits import FILE

operations = Operations("files", place=340)
_CHANGED = "{root}:{path}: {change}, version {version}"


@operations.get("/files", needs=RequiredRole.VIEWER, command=Command("file roots"))
def list_file_roots(call: Call) -> PageOf[FileRootDocument]:
    """List the roots of files that the caller may use: those of the project, and `executions` with raw data and exports."""
    page = Page.from_all_items(
        call.qdash.get(FILES).list_roots(call.access), call.page, lambda one: (one.name,)
    )
    return PageOf[FileRootDocument].from_page(page, FileRootDocument.from_record)


@operations.get(
    "/files/{root}/entries",
    needs=RequiredRole.VIEWER,
    slow=True,
    command=Command(
        "file list",
        help="List a folder; of root `executions` the newest first.",
        empty="the folder is empty",
        limit=200,
    ),
)
def list_files(call: Call, root: Root, path: Folder = "") -> PageOf[FileEntryDocument]:
    """List a folder, folders first."""
    page = call.qdash.get(FILES).list_files(call.access, root, path, call.page)
    return PageOf[FileEntryDocument].from_page(page, FileEntryDocument.from_listed)


@operations.get(
    "/files/{root}/preview",
    needs=RequiredRole.VIEWER,
    slow=True,
    versioned=True,
    command=Command(
        "file show",
        help="Show a file: text, the first rows of a table, or the shapes and first values of arrays.",
    ),
)
def preview_file(call: Call, root: Root, path: FilePath) -> FilePreviewDocument:
    """Preview a file: text, the rows of a table, or the shapes and first values of arrays. Its ETag is that of the contents."""
    found = call.qdash.get(FILES).preview(call.access, root, path)
    if found.sha256 is not None:
        call.set_version(found.sha256)
    return FilePreviewDocument.from_preview(found)


@operations.get(
    "/files/{root}/content",
    needs=RequiredRole.VIEWER,
    media_type="application/octet-stream",
    slow=True,
    versioned=True,
    command=Command(
        "file get", help="Copy a file from a root.", says="{root}:{path}: {bytes} bytes in {file}"
    ),
)
def download_file(call: Call, root: Root, path: FilePath, version: Version | None = None) -> FileAnswer:
    """Download a file, or a version of it. The ETag is the SHA-256 of the contents; a file that is too large to be changed has none."""
    found = call.qdash.get(FILES).open(call.access, root, path, version=version)
    if found.sha256 is not None:
        call.set_version(found.sha256)
    return FileAnswer(found.pieces, name=found.name, media_type="application/octet-stream")


@operations.put(
    "/files/{root}/content",
    needs=RequiredRole.EDITOR,
    slow=True,
    edits=True,
    largest_body=FILE.size,
    command=Command(
        "file put",
        help="Copy FILE to a root. Contents that violate their format are refused, with the line.",
        says=_CHANGED,
    ),
)
def write_file(
    call: Call, root: Root, path: FilePath, contents: RawBody, reason: Reason = ""
) -> FileVersionDocument:
    """Write a file as its next version, whose former contents stay in its history.

    Without `If-Match` the file has to be new (409); `*` overwrites any contents. Contents that violate the format of the file are refused with line and
    column (422).
    """
    seen = call.expected_version
    return _respond(
        call, call.qdash.get(FILES).write(call.access, root, path, contents, seen=seen, reason=reason)
    )


@operations.delete(
    "/files/{root}/content",
    needs=RequiredRole.EDITOR,
    edits=True,
    command=Command("file delete", says=_CHANGED),
)
def delete_file(call: Call, root: Root, path: FilePath, reason: Reason = "") -> FileVersionDocument:
    """Delete a file; its contents stay in its history."""
    seen = call.expected_version or ANY
    return _respond(call, call.qdash.get(FILES).delete(call.access, root, path, seen=seen, reason=reason))


@operations.post(
    "/files/{root}/check", needs=RequiredRole.VIEWER, slow=True, reads=True, largest_body=FILE.size
)
def check_file(call: Call, root: Root, path: FilePath, contents: RawBody) -> FileCheckDocument:
    """Validate contents by the format of a file, without writing them."""
    return FileCheckDocument.from_check(call.qdash.get(FILES).check(call.access, root, path, contents))


@operations.get(
    "/files/{root}/versions",
    needs=RequiredRole.VIEWER,
    slow=True,
    command=Command("file history", empty="{root}:{path} was not changed through QDash", limit=50),
)
def list_file_versions(call: Call, root: Root, path: FilePath) -> PageOf[FileVersionDocument]:
    """List the versions of a file, even if it was deleted, newest first; in a git work tree with the commits that changed it."""
    page = call.qdash.get(FILES).list_versions(call.access, root, path, call.page)
    return PageOf[FileVersionDocument].from_page(page, FileVersionDocument.from_record)


@operations.get(
    "/files/{root}/difference", needs=RequiredRole.VIEWER, slow=True, command=Command("file diff")
)
def compare_file_versions(
    call: Call, root: Root, path: FilePath, before: ComparedVersion, after: ComparedVersion = PRESENT
) -> FileDifferenceDocument:
    """Compare two versions of a text file."""
    found = call.qdash.get(FILES).compare(call.access, root, path, before, after)
    return FileDifferenceDocument(path=path, before=before, after=after, difference=found)


@operations.post(
    "/files/{root}/restore",
    needs=RequiredRole.EDITOR,
    slow=True,
    edits=True,
    command=Command("file restore", says="{root}:{body.path}: {change}, version {version}"),
)
def restore_file(call: Call, root: Root, body: RestoreRequest) -> FileVersionDocument:
    """Restore a version of a file as its next version."""
    seen = call.expected_version or ANY
    restored = call.qdash.get(FILES).restore(
        call.access, root, body.path, body.version, seen=seen, reason=body.reason
    )
    return _respond(call, restored)


@operations.get("/files/{root}/status", needs=RequiredRole.VIEWER, slow=True, command=Command("file status"))
def show_work_tree(call: Call, root: Root) -> WorkTreeDocument:
    """Show the branch of a root that is a git work tree, its newest commit and the files that differ from it."""
    return WorkTreeDocument.from_record(call.qdash.get(FILES).get_status(call.access, root))


@operations.post(
    "/files/{root}/commit",
    needs=RequiredRole.EDITOR,
    slow=True,
    command=Command("file commit", help="Commit changed files of a root, by default all."),
)
def commit_files(call: Call, root: Root, body: CommitRequest) -> WorkTreeUpdateDocument:
    """Commit changed files in the name of the caller."""
    made = call.qdash.get(FILES).commit(call.access, root, reason=body.reason, paths=body.paths)
    return WorkTreeUpdateDocument.from_record(made)


@operations.post(
    "/files/{root}/pull",
    needs=RequiredRole.ADMINISTRATOR,
    slow=True,
    command=Command(
        "file pull",
        help="Update a root from its git remote. Files that were changed on both sides are refused.",
        in_project=True,
    ),
)
def pull_files(call: Call, root: Root) -> WorkTreeUpdateDocument:
    """Update a root from its git remote. Files that were changed on both sides are refused (409), and nothing is changed."""
    return WorkTreeUpdateDocument.from_record(call.qdash.get(FILES).pull(call.access, root))


@operations.post(
    "/files/{root}/push",
    needs=RequiredRole.ADMINISTRATOR,
    slow=True,
    command=Command(
        "file push", help="Push the commits of a root to its git remote, never forced.", in_project=True
    ),
)
def push_files(call: Call, root: Root) -> WorkTreeUpdateDocument:
    """Push the commits of a root to its git remote, never forced; 409 if the remote has other commits."""
    return WorkTreeUpdateDocument.from_record(call.qdash.get(FILES).push(call.access, root))


def _respond(call: Call, version: FileVersion) -> FileVersionDocument:
    if version.sha256 is not None:
        call.set_version(version.sha256)
    return FileVersionDocument.from_record(version)
