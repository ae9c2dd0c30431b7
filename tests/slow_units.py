"""Units of the slow tests: each runs in one process, the longest start first.

Tests that share a server, a browser or an import of seconds are one unit, long tests that share nothing are units of
their own, and the other units are files. A process takes the next unit when it has nearly finished the last one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

TOGETHER = ("tests/ui/browser/test_every_page.py", "tests/ui/browser/", "tests/prefect/", "tests/qubex/")
"""Folders whose tests share the dashboard with its browser, Prefect's server and qubex. One file of the first is half of it."""
ALONE = ("tests/docs/test_samples.py", "tests/enforcement/test_checkers.py")
"""Files with tests of a minute."""
LONG_SLOW = (
    *TOGETHER,
    "tests/docs/test_samples.py",
    "tests/enforcement/",
    "tests/faults/",
    "tests/releases/",
    "tests/journeys/",
    "tests/fake/",
    "tests/conformance/",
)
"""Prefixes of the slow tests that start first, in this order. The others stay in theirs."""


def find_unit(nodeid: str) -> str:
    """Return the unit of a test."""
    if nodeid.startswith(ALONE):
        return nodeid
    return next((folder for folder in TOGETHER if nodeid.startswith(folder)), nodeid.partition("::")[0])


def rank(nodeid: str) -> int:
    """Return the place of a test's unit in the order of starts."""
    return next((at for at, prefix in enumerate(LONG_SLOW) if nodeid.startswith(prefix)), len(LONG_SLOW))


def make_scheduler(config: pytest.Config, log: Any) -> object:
    """Return a scheduler that assigns whole units in their order."""
    from xdist.scheduler import LoadScopeScheduling

    config.option.loadscopereorder = False  # by the number of tests
    scheduler = LoadScopeScheduling(config, log)
    scheduler._split_scope = find_unit  # type: ignore[method-assign]
    return scheduler
