"""Stores, and the bench on them."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import pytest

from qdash_core import load_plugins
from qdash_core.projects.projects import ProjectService

from .bench import Bench
from .clock import Clock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core import BaseTask
    from qdash_core.repositories.store import Store


class MakeBench(Protocol):
    """Makes a bench with these tasks; `backends`, `validators` and settings by keyword."""

    def __call__(self, *tasks: type[BaseTask], **given: Any) -> Bench: ...


@cache
def store_class(scheme: str) -> type[Store]:
    """Return the class of the stores of a scheme, looked for once."""
    return load_plugins(blocked=()).store_class(scheme)


@pytest.fixture
def prepared_store(store_url: str) -> Iterator[Store]:
    """An open store in which user `admin` and project `default` exist."""
    store = store_class(urlsplit(store_url).scheme).open(store_url)
    ProjectService(store).ensure_defaults()
    yield store
    store.close()


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An open store that holds nothing."""
    opened = store_class(urlsplit(store_url).scheme).open(store_url)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still, and is moved by who holds it."""
    return Clock()


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
