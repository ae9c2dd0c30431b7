"""The star of members, held by the same checkers that a developer runs."""

from __future__ import annotations

import subprocess
import sysconfig
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(sysconfig.get_path("scripts"))
MEMBERS = [
    ROOT,
    *(
        ROOT / member
        for member in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["uv"]["workspace"][
            "members"
        ]
    ),
]


def passes(folder: Path, *command: str | Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_member_imports_another_beyond_the_table() -> None:
    passes(ROOT, SCRIPTS / "lint-imports", "--no-cache")


@pytest.mark.parametrize("member", MEMBERS, ids=[member.name for member in MEMBERS])
def test_a_member_declares_what_it_imports_and_imports_what_it_declares(member: Path) -> None:
    # The root only brings the members together: these it depends on so that `qdash` is whole, and imports neither.
    brought = ["--per-rule-ignores", "DEP002=qdash-analysis|qdash-fake|qdash-mongo"] if member == ROOT else []
    passes(member, SCRIPTS / "deptry", "src", *brought)


def test_every_folder_of_packages_is_a_member() -> None:
    assert {path.parent for path in (ROOT / "packages").glob("*/pyproject.toml")} == set(MEMBERS[1:])
