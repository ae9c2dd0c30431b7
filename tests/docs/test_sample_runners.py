"""Runners on the page about hooks, which keep the contract of runners unchanged."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from .pages import ROOT, blocks_of

_MODULES = ("bench_nice", "bench_plain", "test_runners")


def samples() -> ModuleType:
    """Return the last of the modules on the page; they import each other like files in a folder."""
    texts = {
        block.detail: block.text for block in blocks_of(ROOT / "docs/plugin-hooks.md") if block.kind == "file"
    }
    for name in _MODULES:
        sys.modules[name] = ModuleType(name)
        exec(texts[f"{name}.py"], vars(sys.modules[name]))  # the samples are the subject of the test
    return [sys.modules.pop(name) for name in _MODULES][-1]


_SAMPLES = samples()
# They start processes like the built-in runner, which tests/conformance/test_local_runner.py tests.
TestNiceRunner = pytest.mark.release(_SAMPLES.TestNiceRunner)
TestPlainRunner = pytest.mark.slow(_SAMPLES.TestPlainRunner)
