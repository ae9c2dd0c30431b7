"""The pictures as a plugin: its contributions, and the commands without it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

QDASH = "import sys; from qdash_core.cli.main import main; main(sys.argv[1:])"
MISSING = "qdash-pictures must be installed to draw this: `pip install qdash-pictures`"


def qdash(folder: Path, *arguments: str, blocked: str = "") -> subprocess.CompletedProcess[str]:
    environment = {"QDASH_HOME": str(folder), "QDASH_BLOCK_PLUGINS": blocked, "PATH": "", "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-c", QDASH, *arguments],
        env=environment, cwd=folder, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_it_is_listed_with_what_it_brings(tmp_path: Path) -> None:
    plugins = {one["name"]: one for one in json.loads(qdash(tmp_path, "plugins", "list", "--json").stdout)}

    assert plugins["pictures"]["distribution"] == "qdash-pictures"
    assert plugins["pictures"]["provides"] == {"qdash_pictures": ["plotly"]}


def test_without_it_what_draws_says_what_to_install_and_everything_else_works(tmp_path: Path) -> None:
    made = qdash(tmp_path, "chip", "create", "a", "--topology", "linear-16", blocked="pictures")
    assert made.returncode == 0, made.stderr
    for drawing in (
        ("chip", "picture", "a", "--metric", "t1", "-o", "map.json"),
        ("schedule", "a", "--kind", "qubit", "--picture", "plan.json"),
        ("executions", "timeline", "last", "--picture", "run.json"),
    ):
        refused = qdash(tmp_path, *drawing, blocked="pictures")
        assert refused.returncode == 2, refused.stderr
        assert MISSING in refused.stderr
    assert list(tmp_path.glob("*.json")) == []
    assert qdash(tmp_path, "schedule", "a", "--kind", "qubit", blocked="pictures").returncode == 0
    assert qdash(tmp_path, "schedule", "a", "--kind", "qubit", "--picture", "plan.json").returncode == 0
    assert (tmp_path / "plan.json").exists()
