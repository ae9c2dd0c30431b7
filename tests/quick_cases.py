"""Tables of cases: some are quick tests, the others slow ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable


def keep_quick(cases: Iterable[Any], *quick: int) -> list[Any]:
    """Return the cases of `pytest.mark.parametrize`: slow ones, but for those at the places `quick`, and those of before a
    release. A tuple is a value for each of several arguments.
    """
    return [case if at in quick else _mark_slow(case) for at, case in enumerate(cases)]


def _mark_slow(case: Any) -> Any:
    if hasattr(case, "marks"):  # a `pytest.param`
        if any(mark.name in ("slow", "release") for mark in case.marks):
            return case
        return pytest.param(*case.values, id=case.id, marks=[*case.marks, pytest.mark.slow])
    return pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.slow)
