"""The service pushes the note and the values of a chip with the name of the user."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar

import pytest
from dulwich.repo import Repo

from qdash_builtin.files.feature import CONFIGURATION
from qdash_core.errors import AccessDeniedError, InvalidInputError
from qdash_core.hooks.formats import Format
from qdash_core.models.access import Access
from qdash_core.models.project import ProjectRole

from ...core.bench import ADMIN, CHIP, PROJECT, make_backend, make_task
from .remotes import add_commit, make_remote, read_remote

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.chips.chip import Chip

    from ...core.bench import Bench
    from ...core.conftest import MakeBench


class Parameters(Format):
    """Parameter files that keep the comment of the laboratory's file."""

    name = "stub-params"
    title = "parameters of a laboratory"
    config: ClassVar[Path]

    def write(self, chip: Chip, folder: Path) -> list[Path]:
        comment = (self.config / "params/t1.yaml").read_text().splitlines()[0]
        lines = [f"{qid}: {one.data['t1'].value}" for qid, one in chip.qubits.items() if "t1" in one.data]
        path = folder / "params/t1.yaml"
        path.parent.mkdir()
        path.write_text("\n".join([comment, *lines, ""]))
        return [path]


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    return make_remote(tmp_path / "remote.git", {b"params/t1.yaml": b"# cool-down 7\n"})


@pytest.fixture
def bench(make_bench: MakeBench, bare: Path, tmp_path: Path) -> Bench:
    """Return a bench with a measured qubit, a note and parameter files."""
    Parameters.config = tmp_path / "config"
    hardware = make_backend(note={"pulse": 0.5}, config_format=Parameters.name)
    made = make_bench(
        make_task(),
        backends=[hardware],
        formats=[Parameters()],
        config_folder=Parameters.config,
        config_remote_url=bare.as_uri(),
    )
    made.run()
    return made


def test_a_push_has_the_note_and_the_values_in_the_format_of_the_backend(bench: Bench, bare: Path) -> None:
    add_commit(bare, {b"params/t1.yaml": b"# cool-down 8\n"})
    pushed = bench.qdash.get(CONFIGURATION).push(ADMIN, CHIP)
    assert pushed.update is not None
    assert pushed.update.files == (f"{CHIP}/calibration/calib_note.json", "params/t1.yaml")
    assert pushed.left_out == ()
    assert json.loads(read_remote(bare, f"{CHIP}/calibration/calib_note.json")) == {"pulse": 0.5}
    assert read_remote(bare, "params/t1.yaml").splitlines()[0] == b"# cool-down 8"
    with Repo(bare) as repo:
        [entry] = repo.get_walker(max_entries=1)
    assert entry.commit.author == f"{ADMIN.username} <>".encode()


def test_only_named_parameter_files_are_pushed(bench: Bench, bare: Path) -> None:
    pushed = bench.qdash.get(CONFIGURATION).push(ADMIN, CHIP, contents=["parameters"], file_names=["t2.yaml"])
    assert pushed.update is None
    assert pushed.left_out == ("parameters: t2.yaml: no change; changed are params/t1.yaml",)


def test_viewers_neither_pull_nor_push(bench: Bench, bare: Path) -> None:
    viewer = Access(username="eve", project_id=PROJECT, role=ProjectRole.VIEWER)
    with pytest.raises(AccessDeniedError):
        bench.qdash.get(CONFIGURATION).pull(viewer)
    with pytest.raises(AccessDeniedError):
        bench.qdash.get(CONFIGURATION).push(viewer, CHIP)
    assert not Parameters.config.exists()


def test_an_unknown_content_is_refused(bench: Bench) -> None:
    with pytest.raises(InvalidInputError, match=r"'notes' is not a content of a push.*did you mean 'note'"):
        bench.qdash.get(CONFIGURATION).push(ADMIN, CHIP, contents=["notes"])  # type: ignore[list-item]
