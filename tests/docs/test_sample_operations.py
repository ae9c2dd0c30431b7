"""The tests of operations in the documentation prepare a call of each operation."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

from qdash_core import open_qdash
from qdash_core.settings import Settings

from .pages import ROOT, blocks_of

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_sample_prepares_a_call_of_each_operation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole contract takes half a minute; tests/conformance/test_operations.py tests it with other operations."""
    texts = {block.detail: block.text for block in blocks_of(ROOT / "docs/plugins/operations.md")}
    for name in ("fridge_operations", "test_fridge"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
        exec(texts[f"{name}.py"], vars(sys.modules[name]))  # the samples are the subject of the test
    tests = sys.modules["test_fridge"].TestOperations
    with open_qdash(Settings(home=tmp_path)) as qdash:
        calls = tests.prepare(qdash, qdash.access("admin"))
    assert list(calls) == [one.function.__name__ for one in tests.operations.declared]
