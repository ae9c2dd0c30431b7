"""A plugin with records of its own: backed up, restored, migrated and recovered while it is not installed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from .command_line import CommandLine

COLLECTIONS = """
from qdash_core import Collection

SAMPLE = Collection(
    "sample",
    ("project_id", "sample_id"),
    indexes=(("project_id", "chip_id"),),
    lists=("materials",),
    list_indexes=(("project_id", "materials"),),
    model="lab_samples.records:SampleModel",
    noun="sample",
    plural="samples",
    with_chip="removed",
)
"""
RECORDS = """
from qdash_core.models.base import Record
from qdash_core.repositories.keyed_repository import KeyedRepository


class SampleModel(Record):
    project_id: str
    sample_id: str
    chip_id: str
    materials: tuple[str, ...] = ()


class SampleRepository(KeyedRepository[SampleModel]):
    collection, model, noun = "sample", SampleModel, "sample"
"""
FEATURE = """
from qdash_core import Feature

FEATURE = Feature("samples", collections=("lab_samples.collections:SAMPLE",))
"""
SCRIPT = """
import json, sys
from lab_samples.records import SampleModel, SampleRepository
from qdash_core.runtime.application import open_qdash

with open_qdash() as qdash:
    samples = qdash.repositories.of(SampleRepository)
    for name in sys.argv[1:]:
        samples.add(SampleModel(project_id="default", sample_id=name, chip_id="64Q", materials=("tin",)))
    print(json.dumps([one.sample_id for one in samples.list_by_project("default")]))
"""


@dataclass(frozen=True)
class Laboratory:
    """A home, and a folder on the path for the plugin."""

    site: Path
    qdash: CommandLine

    def install(self) -> None:
        """Write the distribution as pip does."""
        metadata = self.site / "lab_samples-1.0.dist-info"
        metadata.mkdir(parents=True)
        (metadata / "METADATA").write_text(
            "Metadata-Version: 2.1\nName: lab-samples\nVersion: 1.0\n", "utf-8"
        )
        (metadata / "entry_points.txt").write_text(
            "[qdash]\nsamples = lab_samples.feature:FEATURE\n", "utf-8"
        )
        package = self.site / "lab_samples"
        package.mkdir()
        for name, source in {
            "__init__": "",
            "collections": COLLECTIONS,
            "records": RECORDS,
            "feature": FEATURE,
        }.items():
            (package / f"{name}.py").write_text(source, "utf-8")

    def uninstall(self) -> None:
        """Remove the distribution."""
        shutil.rmtree(self.site)

    def samples(self, *new: str, home: Path | None = None) -> list[str]:
        """Add samples in a script, and return all of them."""
        environment = {**self.qdash.environment, **({"QDASH_HOME": str(home)} if home else {})}
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, *new],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        found: list[str] = json.loads(done.stdout)
        return found


@pytest.fixture
def laboratory(qdash: CommandLine) -> Laboratory:
    site = qdash.folder / "site"
    found = Laboratory(site, qdash.with_settings(PYTHONPATH=str(site), PYTHONDONTWRITEBYTECODE="1"))
    found.install()
    found.qdash.does("init")
    return found


def find_check(qdash: CommandLine, name: str) -> Any:
    return next((one for one in qdash("doctor", "--json").document["checks"] if one["name"] == name), None)


@pytest.mark.slow
def test_records_survive_without_the_plugin_in_backups_migrations_and_recoveries(
    laboratory: Laboratory,
) -> None:
    qdash, folder = laboratory.qdash, laboratory.qdash.folder
    assert laboratory.samples("a", "b") == ["a", "b"]
    assert find_check(qdash, "features") is None
    laboratory.uninstall()

    assert (
        "the feature 'samples' is not installed, its records are kept: 2 samples"
        in find_check(qdash, "features")["detail"]
    )
    backup, migrated, recovered = folder / "kept.tar", folder / "migrated.db", folder / "recovered.db"
    qdash.does("store", "backup", backup)
    qdash.does("store", "migrate", f"sqlite:///{laboratory.qdash.home}/qdash.db", f"sqlite:///{migrated}")
    qdash.does("store", "recover", recovered)
    other = qdash.with_settings(QDASH_HOME=str(folder / "other"))
    other.does("store", "restore", backup)

    laboratory.install()
    assert laboratory.samples(home=folder / "other") == ["a", "b"]
    for file in (migrated, recovered):
        home = folder / file.stem
        home.mkdir()
        shutil.copy(file, home / "qdash.db")
        assert laboratory.samples(home=home) == ["a", "b"]
    assert laboratory.samples("c") == ["a", "b", "c"]
