"""Supported release of qubex: its private parts may change in the next one."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from qdash_core.errors import BackendError
from qdash_qubex.library import experiment_factory

from ..case_tables import each_case

ROOT = Path(__file__).parents[2]


def test_it_is_the_one_that_is_installed_with_the_plugin() -> None:
    project = tomllib.loads((ROOT / "packages/qdash-qubex/pyproject.toml").read_text("utf-8"))["project"]
    assert f"qubex=={experiment_factory.SUPPORTED}" in project["dependencies"]
    experiment_factory.require_library()


@each_case("installed", ["1.5.0", "1.5.0rc5", "2.0"])
def test_another_one_is_refused(monkeypatch: pytest.MonkeyPatch, installed: str) -> None:
    monkeypatch.setattr(experiment_factory, "version", lambda _name: installed)
    with pytest.raises(
        BackendError, match=f"qubex {installed} is installed.*supports {experiment_factory.SUPPORTED}"
    ):
        experiment_factory.require_library()
