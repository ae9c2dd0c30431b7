"""View models of files below roots: lists, previews, versions, and the state of git work trees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import AliasPath, Field

from qdash_core.documents.base import Document, OmitEmpty
from qdash_core.models.base import UtcDatetime

if TYPE_CHECKING:
    from qdash_builtin.files.service import ListedFile, PreviewedFile
    from qdash_builtin.files.validation import CheckedFile


class FileRootDocument(Document):
    """A root of files that the caller may use."""

    name: str
    git: bool = Field(validation_alias=AliasPath("is_git"))
    """True if it is a git work tree."""
    remote: bool = Field(validation_alias=AliasPath("has_remote"))
    """True if it has a git remote, with which administrators pull and push."""
    writable: bool = Field(validation_alias=AliasPath("is_writable"))
    """True if the caller may change its files."""
    available: bool = Field(validation_alias=AliasPath("is_available"))
    """False if its folder is missing, as of a disk that is not mounted."""


class FileEntryDocument(Document):
    """A file or folder in a list."""

    path: str
    """Path below the root, with `/`."""
    name: str
    kind: Literal["file", "folder", "other"]
    """`other`: a link, a device, or a file with several hard links, which is not opened."""
    size: int | None = None
    """Bytes of a file; absent if unknown."""
    changed_at: UtcDatetime | None = None

    @classmethod
    def from_listed(cls, listed: ListedFile) -> Self:
        """Return the view model of a listed file."""
        return cls.from_record(listed, name=listed.path.rpartition("/")[2])


class ArrayPreviewDocument(Document):
    """Description of an array in a NumPy file."""

    name: OmitEmpty[str] = None
    """Absent for the array of a `.npy` file."""
    shape: list[int]
    dtype: str
    unit: str | None = None
    """Unit in raw data of QDash; absent in other files, empty for none."""
    values: list[str]
    """The first values, as text."""


class TablePreviewDocument(Document):
    """First rows of a CSV file."""

    columns: list[str]
    rows: list[list[str]]


class FilePreviewDocument(Document):
    """Preview of a file."""

    path: str
    size: int
    sha256: str | None = None
    """Checksum of the contents, which is also their ETag; absent for files that are too large to be changed."""
    writable: bool
    """True if the caller may change the file."""
    kind: Literal["text", "table", "image", "arrays", "binary"]
    """By the contents. SVG and HTML are text."""
    language: OmitEmpty[str] = None
    """Format of a text by its suffix: `json`, `yaml`, `toml`, `csv`, `python`, `markdown` or `text`."""
    text: str | None = None
    table: TablePreviewDocument | None = None
    media_type: OmitEmpty[str] = None
    """`image/png` or `image/jpeg`, recognised by the contents."""
    arrays: list[ArrayPreviewDocument] | None = None
    truncated: bool
    """True if the file has more than is shown."""

    @classmethod
    def from_preview(cls, found: PreviewedFile) -> Self:
        """Return the view model of a preview."""
        shown = found.preview
        arrays = [ArrayPreviewDocument.from_record(one) for one in shown.arrays]
        return cls.from_record(
            found,
            writable=found.is_writable,
            kind=shown.kind,
            language=shown.language,
            text=shown.text,
            table=None if shown.table is None else TablePreviewDocument.from_record(shown.table),
            media_type=shown.media_type,
            arrays=arrays if shown.kind == "arrays" else None,
            truncated=shown.is_truncated,
        )


class FileProblemDocument(Document):
    """A problem of a file."""

    message: str
    line: int | None = None
    """From 1; absent if unknown."""
    column: int | None = None


class FileCheckDocument(Document):
    """Validation of a file by its format."""

    format: str
    """`json`, `yaml`, `toml`, `csv`, `python`; `topology`, `device-table`, `wiring`, `design`, `metrics`, recognised by the contents; the name
    of a plugin's format that knows the file; else `text` or `binary`, which are always valid."""
    valid: bool
    problem: FileProblemDocument | None = None
    """The first problem; absent if it is valid."""

    @classmethod
    def from_check(cls, checked: CheckedFile) -> Self:
        """Return the view model of a validation."""
        problem = checked.problem
        return cls(
            format=checked.format,
            valid=problem is None,
            problem=None if problem is None else FileProblemDocument.from_record(problem),
        )


class FileVersionDocument(Document):
    """A version of a file."""

    version: str
    """Its number, or a commit."""
    change: Literal["found", "written", "restored", "deleted", "committed"]
    """`found`: contents before the first change through QDash, or after one by another program."""
    username: OmitEmpty[str] = None
    """The author; absent if unknown."""
    reason: OmitEmpty[str] = None
    at: UtcDatetime
    sha256: str | None = None
    """Checksum of the contents; absent for a deletion and a commit."""
    size: int | None = None
    restored_from: OmitEmpty[str] = None
    """The version that was restored."""


class FileDifferenceDocument(Document):
    """Differences between two versions of a file."""

    path: str
    before: str
    after: str
    difference: str
    """In the unified format; empty if the versions are equal."""


class ChangedFileDocument(Document):
    """A file that differs from the newest commit."""

    path: str
    change: Literal["added", "changed", "deleted"]


class WorkTreeDocument(Document):
    """State of a git work tree."""

    branch: str
    commit: str | None = None
    """Newest commit, 40 hexadecimal digits; absent before the first."""
    changed: list[ChangedFileDocument]
    """Files that differ from this commit, without those that `.gitignore` names."""
    unpushed: int | None = None
    """Commits that the remote did not have at the last pull or push; absent if there was none."""


class WorkTreeUpdateDocument(Document):
    """A commit, pull or push of a git work tree."""

    commit: OmitEmpty[str] = None
    """Newest commit of the work tree, 40 hexadecimal digits; absent before the first."""
    files: list[str]
    """The files that were committed, changed by the pull, or pushed; empty if nothing was to be done."""
