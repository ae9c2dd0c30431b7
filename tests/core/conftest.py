"""Stores, and the bench on them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Protocol
from unittest import mock
from urllib.parse import urlsplit

import pytest

from qdash_core import load_plugins
from qdash_core.access.enrolment import ensure_default_project

from ..user_settings import remove_settings
from .bench import Bench
from .clock import Clock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core import BaseTask
    from qdash_core.models.health_findings import HealthFinding
    from qdash_core.repositories.store import Store


class MakeBench(Protocol):
    """Creates a bench with these tasks; `backends`, `validators` and settings by keyword."""

    def __call__(self, *tasks: type[BaseTask], **given: Any) -> Bench: ...


@cache
def store_class(scheme: str) -> type[Store]:
    """Return the store class of a URL scheme, cached."""
    return load_plugins(blocked=()).store_class(scheme)


@pytest.fixture
def prepared_store(store_url: str) -> Iterator[Store]:
    """An open store in which user `admin` and project `default` exist."""
    store = store_class(urlsplit(store_url).scheme).open(store_url)
    ensure_default_project(store)
    yield store
    store.close()


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An open empty store."""
    opened = store_class(urlsplit(store_url).scheme).open(store_url)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> Clock:
    """A clock that the test moves."""
    return Clock()


@pytest.fixture
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Environment without the user's settings."""
    remove_settings(monkeypatch, tmp_path)


@pytest.fixture
def make_bench(tmp_path: Path, store_url: str, no_settings: None) -> Iterator[MakeBench]:
    """Function that creates benches, which are closed after the test."""
    made: list[Bench] = []

    def make(*tasks: type[BaseTask], **given: Any) -> Bench:
        made.append(Bench.open(tmp_path, store_url, *tasks, **given))
        return made[-1]

    yield make
    for bench in made:
        bench.qdash.close()


@cache
def check_installation_once() -> HealthFinding:
    """Return what the doctor finds about the installation, which no test changes."""
    from qdash_builtin.home.installation import check_installation

    return check_installation()


@pytest.fixture(scope="module")
def known_installation() -> Iterator[None]:
    """The doctor checks the installation once for all tests: that takes half of its time."""
    with mock.patch("qdash_builtin.home.doctor.check_installation", check_installation_once):
        yield
