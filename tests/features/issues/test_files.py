"""Files of issues: attached by editors, shown by texts, and gone with the last text that names them or with the issue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.issues.feature import ISSUE_FILES, ISSUES
from qdash_builtin.issues.model import IssueEventKind
from qdash_core.errors import AccessDeniedError, InvalidInputError, NotFoundError, StoreUnavailableError
from qdash_core.hooks.manager import load_plugins
from qdash_core.models.project import ProjectRole
from qdash_core.runtime.application import QDash
from qdash_core.settings import Settings

from ...access import ADMIN, access_of
from ...photographs import PLACE, make_photograph, make_picture, open_picture

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EDITOR, OTHER = (access_of(name, role=ProjectRole.EDITOR) for name in ("alice", "bob"))
VIEWER = access_of("viewer", role=ProjectRole.VIEWER)
PICTURE = make_picture()


@pytest.fixture
def lab(tmp_path: Path, store_url: str) -> Iterator[QDash]:
    """A laboratory with the issue 1."""
    settings = Settings(home=tmp_path, store_url=store_url, artifacts_url=f"file://{tmp_path}/files")
    with QDash.open(settings, load_plugins(), new=True) as qdash:
        qdash.get(ISSUES).open(EDITOR, "Loose cable", body="![cable](file:cable.png)")
        yield qdash


def attach(lab: QDash, *names: str, contents: bytes = PICTURE) -> None:
    for name in names:
        lab.get(ISSUE_FILES).add(EDITOR, "1", name, contents)


def list_files(lab: QDash) -> list[str]:
    """Return the names of the files of the issue, which are as many as there are in the storage."""
    found = [one.name for one in lab.get(ISSUE_FILES).list_by_record(VIEWER, "1")]
    assert len([*lab.artifacts.paths()]) == len(found)
    return found


@pytest.mark.every_store
def test_editors_attach_replace_and_remove_files_that_viewers_read(lab: QDash) -> None:
    files = lab.get(ISSUE_FILES)
    made = files.add(EDITOR, "#1", "cable.jpg", make_photograph())
    assert (made.media_type, made.username) == ("image/jpeg", "alice")
    _, pieces = files.open(VIEWER, "1", "cable.jpg")
    stored = b"".join(pieces)
    assert (PLACE in stored, open_picture(stored).size) == (False, (400, 800))
    assert open_picture(files.make_thumbnail(VIEWER, "1", "cable.jpg")).size == (320, 640)
    files.add(OTHER, "1", "data.csv", b"a,b\n")
    files.add(OTHER, "1", "data.csv", b"a,b\n1,2\n")
    assert list_files(lab) == ["cable.jpg", "data.csv"]
    with pytest.raises(NotFoundError, match="is not a picture: it has no thumbnail"):
        files.make_thumbnail(VIEWER, "1", "data.csv")
    files.delete(EDITOR, "1", "data.csv")
    assert list_files(lab) == ["cable.jpg"]
    events = lab.get(ISSUES).list_events(VIEWER, "1")
    changes = [
        (one.username, one.before["file"], one.after["file"])
        for one in events
        if one.kind is IssueEventKind.FILES_CHANGED
    ]
    assert changes == [
        ("alice", "", "cable.jpg"),
        ("bob", "", "data.csv"),
        ("bob", "data.csv", "data.csv"),
        ("alice", "data.csv", ""),
    ]
    assert lab.get(ISSUES).show(VIEWER, "1").issue.n_files == 1


@pytest.mark.every_store
def test_the_files_of_a_removed_comment_go_unless_another_text_names_them(lab: QDash) -> None:
    issues = lab.get(ISSUES)
    attach(lab, "cable.png", "first.png", "second.png", "shared.png", "never named.png")
    view = issues.comment(EDITOR, "1", "![](file:first.png) ![](file:cable.png) [s](file:shared.png)")
    number = view.comments[-1].number
    issues.edit_comment(EDITOR, "1", number, "![](file:second.png)")
    issues.comment(OTHER, "1", "![](file:shared.png)")
    assert len(list_files(lab)) == 5
    left = issues.remove_comment(EDITOR, "1", number)
    assert [one.name for one in left.issue.attachments] == list_files(lab)
    assert list_files(lab) == ["cable.png", "never named.png", "shared.png"]


@pytest.mark.every_store
def test_an_edit_keeps_the_files_of_the_former_text_which_events_still_show(lab: QDash) -> None:
    attach(lab, "cable.png")
    lab.get(ISSUES).edit(EDITOR, "1", body="It was the pump.")
    assert list_files(lab) == ["cable.png"]


@pytest.mark.every_store
def test_all_files_go_with_the_issue_and_their_names_with_its_events(lab: QDash) -> None:
    attach(lab, "cable.png", "other.png")
    lab.get(ISSUES).delete(ADMIN, "1")
    assert [*lab.artifacts.paths()] == []
    assert "cable.png" not in str(lab.get(ISSUES).list_events(VIEWER, "1"))
    with pytest.raises(NotFoundError, match="issue 1 was deleted by admin"):
        attach(lab, "late.png")
    assert [*lab.artifacts.paths()] == []


def test_a_file_makes_no_edit_stale_and_sends_no_notice(lab: QDash, monkeypatch: pytest.MonkeyPatch) -> None:
    announced: list[object] = []
    monkeypatch.setattr(lab.announcers, "announce", announced.append)
    seen = lab.get(ISSUES).show(EDITOR, "1").issue.updated_at
    attach(lab, "cable.png")
    assert announced == []
    lab.get(ISSUES).edit(EDITOR, "1", as_of=seen, title="Broken cable")
    assert len(announced) == 1


def test_viewers_attach_and_remove_nothing(lab: QDash) -> None:
    attach(lab, "cable.png")
    files = lab.get(ISSUE_FILES)
    for refused in (
        lambda: files.add(VIEWER, "1", "a.png", PICTURE),
        lambda: files.delete(VIEWER, "1", "cable.png"),
    ):
        with pytest.raises(AccessDeniedError):
            refused()
    assert list_files(lab) == ["cable.png"]


def test_an_issue_has_twenty_files_at_most(lab: QDash) -> None:
    attach(lab, *(f"{number}.csv" for number in range(20)), contents=b"a")
    with pytest.raises(InvalidInputError, match="the issue already has 20 files: delete one"):
        attach(lab, "more.csv", contents=b"a")
    attach(lab, "3.csv", contents=b"b")
    assert len(list_files(lab)) == 20


def test_a_file_whose_record_cannot_be_written_is_removed(
    lab: QDash, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StoreUnavailableError("the disk is full")

    monkeypatch.setattr("qdash_builtin.issues.issue_files.IssueFiles.save", fail)
    with pytest.raises(StoreUnavailableError):
        attach(lab, "cable.png")
    assert list_files(lab) == []
