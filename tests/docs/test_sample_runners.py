"""The runner of the documentation, and one that follows the documented protocol, keep the contract of runners."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from ..conformance.plain_runner import PlainRunner
from ..conformance.test_local_runner import Performing
from .pages import ROOT, blocks_of


def load_sample() -> Any:
    """Return the runner of the page about runners."""
    page = blocks_of(ROOT / "docs/plugins/runners.md")
    (text,) = (block.text for block in page if block.detail == "nice_runner.py")
    module = ModuleType("nice_runner")
    exec(text, vars(module))  # the sample is the subject of the test
    return module.NiceRunner()


# They start processes like the built-in runner, which tests/conformance/test_local_runner.py tests.
@pytest.mark.release
class TestNiceRunner(Performing):
    runner = load_sample()


@pytest.mark.slow
class TestPlainRunner(Performing):
    runner = PlainRunner()
