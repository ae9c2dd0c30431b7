"""A root `config` of project `default`, and the service for files on a bench."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ...core.bench import make_task

if TYPE_CHECKING:
    from pathlib import Path

    from ...core.bench import Bench
    from ...core.conftest import MakeBench


@pytest.fixture
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder around root `config`, outside the home."""
    return tmp_path_factory.mktemp("laboratory")


@pytest.fixture
def folder(outside: Path) -> Path:
    """The folder of root `config`."""
    made = outside / "config"
    (made / "params").mkdir(parents=True)
    (made / "params/t1.yaml").write_text("Q00: 31.5\n")
    return made


@pytest.fixture
def bench(make_bench: MakeBench, folder: Path) -> Bench:
    """A bench whose settings have root `config`."""
    return make_bench(make_task(), file_roots={"config": {"path": folder, "projects": ["default"]}})
