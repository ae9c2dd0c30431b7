"""View models of files below roots: lists, previews, versions, and the state of git work trees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import AliasPath, ConfigDict, Field

from qdash_core.documents.base import Document, OmitEmpty
from qdash_core.models.base import UtcDatetime

if TYPE_CHECKING:
    from qdash_core.files.service import ListedFile, PreviewedFile
    from qdash_core.files.validation import CheckedFile

_SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_COMMIT = "1f8ac10f23c5b5bc1167bda84b833e5c057a77d2"
_PATH = "params/64Qv3/t1.yaml"
_ARRAY: dict[str, Any] = {
    "name": "delay",
    "shape": [51],
    "dtype": "float64",
    "unit": "us",
    "values": ["0.0", "4.0", "8.0"],
}


class FileRootDocument(Document):
    """A root of files that the caller may use."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "config", "git": True, "remote": True, "writable": True, "available": True}]
        }
    )

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

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "path": _PATH,
                    "name": "t1.yaml",
                    "kind": "file",
                    "size": 1289,
                    "changed_at": "2026-11-21T08:30:00Z",
                }
            ]
        }
    )

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

    model_config = ConfigDict(json_schema_extra={"examples": [_ARRAY]})

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

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"columns": ["qid", "t1"], "rows": [["0", "31.5"]]}]}
    )

    columns: list[str]
    rows: list[list[str]]


class FilePreviewDocument(Document):
    """Preview of a file."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "path": _PATH,
                    "size": 11,
                    "sha256": _SHA256,
                    "writable": True,
                    "kind": "text",
                    "language": "yaml",
                    "text": "Q00: 31.5\n",
                    "truncated": False,
                }
            ]
        }
    )

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

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"message": "not JSON: Expecting value: line 2 column 8 (char 9)", "line": 2, "column": 8}
            ]
        }
    )

    message: str
    line: int | None = None
    """From 1; absent if unknown."""
    column: int | None = None


class FileCheckDocument(Document):
    """Validation of a file by its format."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"format": "yaml", "valid": True},
                {
                    "format": "topology",
                    "valid": False,
                    "problem": {"message": "qubits[1].row is -1, not a whole number", "line": 4},
                },
            ]
        }
    )

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

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "version": "3",
                    "change": "written",
                    "username": "alice",
                    "reason": "T1 of the new cool-down",
                    "at": "2026-11-21T08:30:00Z",
                    "sha256": _SHA256,
                    "size": 1289,
                },
                {
                    "version": _COMMIT,
                    "change": "committed",
                    "username": "bob",
                    "reason": "Night 3",
                    "at": "2026-11-20T20:10:00Z",
                },
            ]
        }
    )

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

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "path": _PATH,
                    "before": "2",
                    "after": "present",
                    "difference": "--- params/64Qv3/t1.yaml (2)\n+++ params/64Qv3/t1.yaml (present)\n@@ -1 +1 @@\n-Q00: 31.5\n+Q00: 33.1\n",
                }
            ]
        }
    )

    path: str
    before: str
    after: str
    difference: str
    """In the unified format; empty if the versions are equal."""


class ChangedFileDocument(Document):
    """A file that differs from the newest commit."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"path": _PATH, "change": "changed"}]})

    path: str
    change: Literal["added", "changed", "deleted"]


class WorkTreeDocument(Document):
    """State of a git work tree."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "branch": "main",
                    "commit": _COMMIT,
                    "changed": [{"path": _PATH, "change": "changed"}],
                    "unpushed": 1,
                }
            ]
        }
    )

    branch: str
    commit: str | None = None
    """Newest commit, 40 hexadecimal digits; absent before the first."""
    changed: list[ChangedFileDocument]
    """Files that differ from this commit, without those that `.gitignore` names."""
    unpushed: int | None = None
    """Commits that the remote did not have at the last pull or push; absent if there was none."""


class WorkTreeUpdateDocument(Document):
    """A commit, pull or push of a git work tree."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"commit": _COMMIT, "files": [_PATH]}]})

    commit: OmitEmpty[str] = None
    """Newest commit of the work tree, 40 hexadecimal digits; absent before the first."""
    files: list[str]
    """The files that were committed, changed by the pull, or pushed; empty if nothing was to be done."""
