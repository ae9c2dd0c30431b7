"""The doctor names roots of files that are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.files.root_check import check_file_roots
from qdash_builtin.files.settings import FileSettings
from qdash_core.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


def test_a_missing_root_is_a_warning(tmp_path: Path) -> None:
    roots = {"config": {"path": tmp_path / "config"}, "notes": {"path": tmp_path / "notes"}}
    settings = Settings(home=tmp_path / "home", file_roots=roots).of(FileSettings)
    (tmp_path / "config").mkdir()
    found = check_file_roots(settings.file_roots)
    assert (found.status, found.detail) == ("warning", f"root notes: {tmp_path}/notes is not a folder here")
    (tmp_path / "notes").mkdir()
    found = check_file_roots(settings.file_roots)
    assert (found.status, found.detail) == ("ok", "2 roots")
