"""Flow of the original on a chip of qubex, which pulls the configuration folder before and pushes parameter files after."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from qdash.workflow.service.calib_service import CalibService
from qdash.workflow.service.github import ConfigFileType, GitHubPushConfig
from qdash.workflow.service.steps import CustomOneQubit
from qdash.workflow.service.targets import QubitTargets
from qdash_builtin.exchange.feature import EXCHANGE
from qdash_builtin.files.feature import CONFIGURATION
from qdash_core import load_plugins
from qdash_core.models.project import DEFAULT_USER
from qdash_core.runtime.application import open_qdash
from qdash_core.settings import load_settings

from ..access import ADMIN
from ..features.files.remotes import make_remote, read_remote
from .conftest import CHIP

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core.runtime.application import QDash

    from .conftest import QubexBench

pytestmark = pytest.mark.slow


@pytest.fixture
def bare(bench: QubexBench, tmp_path: Path) -> Path:
    """Return a bare repository with the configuration folder."""
    files = [path for path in bench.config.rglob("*") if path.is_file()]
    contents = {str(path.relative_to(bench.config)).encode(): path.read_bytes() for path in files}
    return make_remote(tmp_path / "remote.git", contents)


@pytest.fixture
def qdash(bench: QubexBench, bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[QDash]:
    """Return a home with the chip, whose folder is one that is pulled from the bare repository."""
    folder = tmp_path / "folder"
    for name, value in bench.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("QDASH_QUBEX_CONFIG", str(folder))
    settings = load_settings(
        home=bench.home, store_url="memory://", config_folder=folder, config_remote_url=bare.as_uri()
    )
    with open_qdash(settings, load_plugins()) as opened:
        opened.get(CONFIGURATION).pull(ADMIN)
        opened.get(EXCHANGE).perform_import(ADMIN, opened.get(EXCHANGE).compare(ADMIN, folder))
        yield opened


def run_flow(qdash: QDash, **options: Any) -> float:
    """Measure a resonator in a flow, and return its frequency in GHz."""
    push = GitHubPushConfig(enabled=True, **options)
    cal = CalibService(DEFAULT_USER, CHIP, enable_github_pull=True, github_push_config=push, qdash=qdash)
    cal.run(QubitTargets(["0"]), [CustomOneQubit(tasks=["CheckResonatorSpectroscopy"])])
    value = cal.read_chip().qubits["0"].data["resonator_frequency"].value
    return float(value)


def test_the_end_of_a_flow_pushes_its_values_as_parameter_files_and_the_note(
    qdash: QDash, bare: Path
) -> None:
    before = yaml.safe_load(read_remote(bare, f"params/{CHIP}/resonator_frequency.yaml"))
    found_ghz = run_flow(qdash)
    after = yaml.safe_load(read_remote(bare, f"params/{CHIP}/resonator_frequency.yaml"))
    assert after == {**before, "data": {**before["data"], 0: found_ghz}}
    assert found_ghz != before["data"][0]
    assert "settings" in json.loads(read_remote(bare, f"{CHIP}/calibration/calib_note.json"))


def test_only_named_parameter_files_are_pushed_and_an_absent_one_is_a_warning(
    qdash: QDash, bare: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = f"params/{CHIP}/resonator_frequency.yaml"
    before = read_remote(bare, path)
    run_flow(qdash, file_types=[ConfigFileType.ALL_PARAMS], params_file_names=["t1.yaml"])
    assert read_remote(bare, path) == before
    assert any(
        "not pushed: parameters: t1.yaml: no change" in record.getMessage() for record in caplog.records
    )
    run_flow(qdash, file_types=[ConfigFileType.ALL_PARAMS], params_file_names=["resonator_frequency.yaml"])
    assert read_remote(bare, path) != before
