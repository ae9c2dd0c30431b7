"""Temporary plugins, installed as real distributions."""

from __future__ import annotations

import sys
from textwrap import dedent
from typing import TYPE_CHECKING, Protocol

import pytest

from qdash_core.features.discovery import find_installed
from qdash_core.hooks.manager import PluginRecord, Registry, load_plugins

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Install(Protocol):
    """Installs a distribution with one plugin."""

    def __call__(
        self, plugin: str, source: str, *, distribution: str = "", entry: str = "", entry_points: str = ""
    ) -> str:
        """Write the distribution to the test's folder and return its module name."""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    site = tmp_path / "site-packages"
    site.mkdir()
    monkeypatch.syspath_prepend(site)
    modules: list[str] = []

    def install(
        plugin: str, source: str, *, distribution: str = "", entry: str = "", entry_points: str = ""
    ) -> str:
        distribution = distribution or f"{plugin}-distribution"
        module = f"thrown_away_{distribution.replace('-', '_')}"
        info = site / f"{distribution.replace('-', '_')}-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.2\n")
        (info / "entry_points.txt").write_text(
            entry_points or f"[qdash]\n{plugin} = {(entry or '{module}').format(module=module)}\n"
        )
        (site / f"{module}.py").write_text(dedent(source))
        modules.append(module)
        return module

    yield install
    for module in modules:
        sys.modules.pop(module, None)


@pytest.fixture(scope="session")
def others() -> set[str]:
    """Names of the plugins installed in the environment."""
    return {candidate.name for candidate in find_installed()}


@pytest.fixture
def load(others: set[str]) -> Callable[..., Registry]:
    """`load_plugins` restricted to the test's plugins."""

    def load(*, commands_only: bool = False, blocked: tuple[str, ...] = ()) -> Registry:
        return load_plugins(blocked={*others, *blocked}, commands_only=commands_only)

    return load


@pytest.fixture
def records(others: set[str]) -> Callable[[Registry], dict[str, PluginRecord]]:
    """Function that returns the records of the test's plugins by distribution."""

    def records(registry: Registry) -> dict[str, PluginRecord]:
        return {record.distribution: record for record in registry.plugins if record.name not in others}

    return records
