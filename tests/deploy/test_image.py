"""Image of containers: the files that its Dockerfile copies install by its own command, and start."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from release.environments import Environment
from release.members import read_version

from ..journeys.test_distribution import list_clone, list_image_files
from ..releases.dashboard_start import require_dashboard
from .server_files import ROOT

if TYPE_CHECKING:
    from pathlib import Path

DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
BUILD = "0123456789abcdef0123456789abcdef01234567 2026-01-02"


(COMMAND,) = re.findall(r"^RUN (uv sync .+?) &&", DOCKERFILE, re.MULTILINE)


def test_compose_passes_revision_and_extras_to_the_build() -> None:
    before = DOCKERFILE.partition("\nRUN uv sync")[0]
    assert "\nARG QDASH_BUILD\n" in before
    assert "\nARG QDASH_EXTRAS=all\n" in before
    arguments = 'args: {QDASH_BUILD: "${QDASH_BUILD:-}", QDASH_EXTRAS: "${QDASH_EXTRAS:-all}"}'
    assert arguments in (ROOT / "compose.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("extras", "installed", "missing"),
    [
        ("all", {"qdash-api", "qdash-prefect", "qdash-qubex", "qctrl-visualizer"}, set()),
        ("api ui mongo prefect", {"qdash-api", "qdash-prefect"}, {"qdash-qubex", "qctrl-visualizer"}),
        ("", {"qdash-core", "qdash-remote"}, {"qdash-api", "qctrl-visualizer"}),
    ],
)
def test_the_image_has_the_chosen_extras(
    tmp_path: Path, extras: str, installed: set[str], missing: set[str]
) -> None:
    variables = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(tmp_path / "qdash"), "QDASH_EXTRAS": extras}
    dry = COMMAND.replace("uv sync", "uv sync --dry-run")
    ran = subprocess.run(
        ["sh", "-c", dry], cwd=ROOT, env=variables, capture_output=True, text=True, check=True
    )
    found = {*re.findall(r"^ \+ ([\w-]+)(?:==| @ )", ran.stderr, re.MULTILINE)}
    assert installed <= found
    assert not missing & found


@pytest.mark.slow
def test_the_files_of_the_image_install_and_start(tmp_path: Path) -> None:
    source, environment = tmp_path / "source", Environment(tmp_path / "qdash")
    for path in list_image_files(list_clone()):
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, source / path)
    # It takes a minute of CPU time and changes nothing but the time of the first start.
    command = COMMAND.replace(" --compile-bytecode", "")
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("QDASH_", "UV_PROJECT"))
    }
    variables = {
        "UV_PROJECT_ENVIRONMENT": str(environment.folder),
        "QDASH_BUILD": BUILD,
        "QDASH_EXTRAS": "all",
    }
    subprocess.run(["sh", "-c", command], cwd=source, env={**kept, **variables}, check=True)
    shutil.rmtree(source)

    revision, _, date = BUILD.partition(" ")
    assert (
        environment.run("qdash", "--version").strip() == f"qdash {read_version()} ({revision[:12]}, {date})"
    )
    require_dashboard(environment)
