"""A process that is killed while it replaces a file leaves a record with its file, and nothing that stays for ever."""

from __future__ import annotations

import signal
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.home.pruning.keep_request import KeepRequest
from qdash_builtin.home.pruning.pruner import Pruner
from qdash_builtin.issues.feature import ISSUE_FILES, ISSUES
from qdash_core.hooks.manager import load_plugins
from qdash_core.process.clock import utc_now
from qdash_core.runtime.application import QDash
from qdash_core.settings import Settings

from ...access import ADMIN
from ...core.forked_programs import ForkedProgram

if TYPE_CHECKING:
    from pathlib import Path

_REPLACE = """
import os, signal, sys
from pathlib import Path
from qdash_builtin.issues.feature import ISSUE_FILES
from qdash_core.hooks.manager import load_plugins
from qdash_core.models.access import Access
from qdash_core.models.project import ProjectRole
from qdash_core.runtime.application import QDash
from qdash_core.settings import Settings
home, module, name = sys.argv[1:]
class_name, _, attribute = name.rpartition(".")
owner = __import__(module, fromlist=["_"])
owner = getattr(owner, class_name) if class_name else owner
setattr(owner, attribute, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
settings = Settings(home=Path(home), store_url=f"sqlite:///{home}/q.db", artifacts_url=f"file://{home}/files")
with QDash.open(settings, load_plugins()) as qdash:
    access = Access("admin", "default", ProjectRole.OWNER)
    qdash.get(ISSUE_FILES).add(access, "1", "data.csv", b"new")
"""


@pytest.mark.parametrize(
    ("module", "name", "kept"),
    [
        ("qdash_builtin.issues.issue_files", "IssueFiles.save", b"old"),  # after the file, before the record
        ("qdash_builtin.attachments.service", "remove_files", b"new"),  # after the record, before the removal
    ],
)
def test_a_killed_process_leaves_a_whole_record_and_a_prune_removes_the_rest(
    tmp_path: Path, module: str, name: str, kept: bytes
) -> None:
    settings = Settings(
        home=tmp_path, store_url=f"sqlite:///{tmp_path}/q.db", artifacts_url=f"file://{tmp_path}/files"
    )
    with QDash.open(settings, load_plugins(), new=True) as qdash:
        qdash.get(ISSUES).open(ADMIN, "Loose cable")
        qdash.get(ISSUE_FILES).add(ADMIN, "1", "data.csv", b"old")
    with ForkedProgram(_REPLACE, tmp_path, module, name) as process:
        assert process.wait(timeout=120) == -signal.SIGKILL
    with QDash.open(settings, load_plugins()) as qdash:
        files = qdash.get(ISSUE_FILES)
        (file,) = files.list_by_record(ADMIN, "1")
        assert b"".join(files.open(ADMIN, "1", file.name)[1]) == kept
        assert len([*qdash.artifacts.paths()]) == 2
        late = Pruner(qdash.store, qdash.artifacts, clock=lambda: utc_now() + timedelta(days=2))
        late.prune(KeepRequest(raw=1))
        assert [*qdash.artifacts.paths()] == [file.path]
