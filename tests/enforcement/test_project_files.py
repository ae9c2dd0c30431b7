"""Files by which others join the project: hooks of pre-commit, workflow, form for bugs, editor settings."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from .test_checkers import QUICK_CHECKS

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
SCRIPTS = Path(sys.executable).parent
UV_RUN = ["uv", "run", "--frozen", "--group", "dev"]


def read_yaml(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text("utf-8"))


def hooks() -> list[dict[str, Any]]:
    (local,) = read_yaml(".pre-commit-config.yaml")["repos"]
    assert local["repo"] == "local"  # another repository would be downloaded
    found: list[dict[str, Any]] = local["hooks"]
    return found


def test_hooks_run_the_quick_checkers_of_the_lock_file() -> None:
    commands = [shlex.split(hook["entry"]) for hook in hooks()]

    assert {tuple(command[: len(UV_RUN)]) for command in commands} == {tuple(UV_RUN)}
    run = {" ".join(command[len(UV_RUN) :]).replace(" --force-exclude", "") for command in commands}
    checks = [" ".join(command) for _, command in QUICK_CHECKS.values()]
    assert [check for check in checks if not check.startswith(tuple(run))] == []
    assert len(run) == len(checks)


def test_a_hook_passes_a_good_file_and_refuses_a_bad_one(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.py", tmp_path / "bad.py"
    good.write_text('"""Good."""\n', "utf-8")
    misspelt = "".join(("reci", "eve"))
    bad.write_text(f'"""Bad: {misspelt}."""\nimport  os\n', "utf-8")

    refused = {}
    for hook in hooks():
        program, *options = shlex.split(hook["entry"])[len(UV_RUN) :]
        files = [good, bad] if hook.get("pass_filenames", True) else []
        for file in files:
            done = subprocess.run(
                [SCRIPTS / program, *options, file], cwd=ROOT, capture_output=True, check=False
            )
            refused[hook["id"], file.name] = done.returncode != 0

    assert {hook for hook, _ in refused} == {"ruff-check", "ruff-format", "codespell"}
    assert refused == {(hook, file): file == "bad.py" for hook, file in refused}


def test_the_workflow_runs_the_tests_on_each_supported_python() -> None:
    workflow = read_yaml(".github/workflows/tests.yml")
    (job,) = workflow["jobs"].values()
    versions = job["strategy"]["matrix"]["python"]

    assert os.access(ROOT / job["steps"][-1]["run"], os.X_OK)
    assert job["steps"][-1]["run"] == ".ci/run"
    assert job["env"]["UV_PYTHON"] == "${{ matrix.python }}"
    assert workflow["permissions"] == {"contents": "read"}
    assert versions == ["3.11", "3.12", "3.13"]
    assert PYPROJECT["project"]["requires-python"] == f">={versions[0]}"


def test_nothing_of_the_tests_chooses_a_python_beside_the_one_given() -> None:
    assert not (ROOT / ".python-version").exists()
    assert "UV_PYTHON=" not in (ROOT / ".ci/run").read_text("utf-8")
    assert "--python" not in (ROOT / ".ci/run").read_text("utf-8")


def test_the_form_for_bugs_asks_for_the_report_of_the_doctor() -> None:
    form = read_yaml(".github/ISSUE_TEMPLATE/bug.yml")
    asked = {one["id"]: one for one in form["body"] if one["type"] != "markdown"}

    assert {"name", "description", "body"} <= form.keys()
    assert "`qdash doctor --report`" in asked["report"]["attributes"]["label"]
    assert all(one["validations"]["required"] for one in asked.values())


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "SECURITY.md"])
def test_a_page_for_new_people_is_one_screen_without_addresses(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")

    assert len(text.splitlines()) <= 50
    assert re.findall(r"[\w.]+@[\w.]+|https?://", text) == []


def test_the_hook_of_git_names_an_installed_pre_commit() -> None:
    pages = [(ROOT / path).read_text("utf-8") for path in ("CONTRIBUTING.md", ".pre-commit-config.yaml")]

    assert [text.count("uv tool install pre-commit") for text in pages] == [1, 1]
    assert "uvx" not in "".join(pages)  # the environment of uvx may be deleted at any time


def test_the_editor_keeps_the_line_length_of_the_formatter() -> None:
    length = PYPROJECT["tool"]["ruff"]["line-length"]

    assert f"max_line_length = {length}\n" in (ROOT / ".editorconfig").read_text("utf-8")
