"""Tables of cases.

Many small cases are one test: pytest's own work for a test takes longer than such a case, and so do fixtures. Of dear
cases some are quick tests, the others slow ones.
"""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path


def each_case(
    names: str | tuple[str, ...],
    cases: Iterable[Any],
    ids: Callable[[Any], object] | Iterable[str] | None = None,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Like `pytest.mark.parametrize`, but all cases are one test with a subtest each and share its fixtures: what a case
    changes in one, later cases find. Only the test's own `tmp_path` is a folder for each case.
    """
    names = (names,) if isinstance(names, str) else names
    rows = [_read_case(case, len(names)) for case in cases]
    assert rows, "a table without a case tests nothing"
    labels = None if ids is None or callable(ids) else list(ids)
    assert labels is None or len(labels) == len(rows), "an id for each case"
    show = ids if callable(ids) else _show

    def describe(at: int, label: str | None, values: tuple[Any, ...]) -> str:
        if label is None and labels is not None:
            label = labels[at]
        return label or ", ".join(str(show(value)) for value in values)[:200]

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(test)
        assert {*names} <= signature.parameters.keys(), f"{test.__name__} has no such argument"
        takes_subtests = "subtests" in signature.parameters

        @functools.wraps(test)
        def run_cases(*args: Any, **fixtures: Any) -> None:
            subtests = fixtures["subtests"] if takes_subtests else fixtures.pop("subtests")
            for at, (label, values) in enumerate(rows):
                own = _own_folder(fixtures, at)
                with subtests.test(describe(at, label, values)):
                    test(*args, **{**fixtures, **own}, **dict(zip(names, values, strict=True)))

        kept = [one for name, one in signature.parameters.items() if name not in names]
        more = [] if takes_subtests else [inspect.Parameter("subtests", inspect.Parameter.KEYWORD_ONLY)]
        run_cases.__signature__ = signature.replace(parameters=[*kept, *more])  # type: ignore[attr-defined]
        return run_cases

    return decorate


def keep_quick(cases: Iterable[Any], *quick: int) -> list[Any]:
    """Return the cases of `pytest.mark.parametrize`: slow ones, but for those at the places `quick`, and those of before a
    release. A tuple is a value for each of several arguments; as one value it is a `pytest.param`.
    """
    rows = list(cases)
    assert quick, "a table has a quick case"
    assert {*quick} <= {*range(len(rows))}, "places of cases"
    return [case if at in quick else _mark_slow(case) for at, case in enumerate(rows)]


def _show(value: Any) -> str:
    return getattr(value, "__name__", None) or repr(value)


def _own_folder(fixtures: dict[str, Any], at: int) -> dict[str, Path]:
    if "tmp_path" not in fixtures:
        return {}
    folder: Path = fixtures["tmp_path"] / f"case-{at}"
    folder.mkdir()
    return {"tmp_path": folder}


def _read_case(case: Any, count: int) -> tuple[str | None, tuple[Any, ...]]:
    """Return the name and the values of a row, which may be a `pytest.param`."""
    if hasattr(case, "marks"):
        assert not case.marks, f"{case} has marks: make it a test of its own"
        return case.id, tuple(case.values)
    return None, (case,) if count == 1 else tuple(case)


def _mark_slow(case: Any) -> Any:
    if hasattr(case, "marks"):  # a `pytest.param`
        if any(mark.name in ("slow", "release") for mark in case.marks):
            return case
        return pytest.param(*case.values, id=case.id, marks=[*case.marks, pytest.mark.slow])
    return pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.slow)
