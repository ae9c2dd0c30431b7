"""The bench on every store of the core."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from .bench import Bench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core import BaseTask


class MakeBench(Protocol):
    """Makes a bench with these tasks; `backends`, `validators` and settings by keyword."""

    def __call__(self, *tasks: type[BaseTask], **given: Any) -> Bench: ...


@pytest.fixture(params=["memory", "sqlite"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a store that does not exist yet, of each kind in turn."""
    return f"memory://{tmp_path}" if request.param == "memory" else f"sqlite:///{tmp_path}/qdash.db"


@pytest.fixture
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Take away the settings of whoever runs the tests."""
    for name in [name for name in os.environ if name.upper().startswith("QDASH_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def make_bench(tmp_path: Path, store_url: str, no_settings: None) -> Iterator[MakeBench]:
    """Return the maker of a bench; what it made is closed at the end."""
    made: list[Bench] = []

    def make(*tasks: type[BaseTask], **given: Any) -> Bench:
        made.append(Bench.open(tmp_path, store_url, *tasks, **given))
        return made[-1]

    yield make
    for bench in made:
        bench.qdash.close()
