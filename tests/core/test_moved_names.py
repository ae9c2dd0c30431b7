"""Moved names, importable from their old path with a warning."""

import sys
import warnings
from types import ModuleType

import pytest

from qdash_core.errors import LockedError
from qdash_core.moved_names import moved, moved_methods


@pytest.fixture
def old_path(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("left_behind")
    module.__getattr__ = moved(  # type: ignore[method-assign]
        "left_behind", {"Busy": "qdash_core.errors:LockedError"}
    )
    monkeypatch.setitem(sys.modules, "left_behind", module)
    return module


def test_an_old_name_is_the_new_one_and_says_where_that_is(old_path: ModuleType) -> None:
    with pytest.warns(
        DeprecationWarning, match=r"left_behind\.Busy has moved to qdash_core\.errors\.LockedError"
    ) as told:
        from left_behind import Busy
    assert Busy is LockedError
    assert told[0].filename == __file__


def test_each_name_warns_once(old_path: ModuleType) -> None:
    with pytest.warns(DeprecationWarning, match="has moved"):
        assert old_path.Busy is LockedError
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert old_path.Busy is LockedError


def test_any_other_name_is_an_attribute_error(old_path: ModuleType) -> None:
    with pytest.raises(AttributeError, match=r"module 'left_behind' has no attribute 'Idle'"):
        _ = old_path.Idle
    with pytest.raises(ImportError):
        from left_behind import Idle  # noqa: F401


def test_a_method_that_moved_to_a_part_is_found_and_warned_of_once() -> None:
    class Whole:
        text = "abc"
        __getattr__ = moved_methods("whole", "text", {"upper"})

    with pytest.warns(DeprecationWarning, match=r"^whole\.upper has moved to whole\.text\.upper$") as told:
        assert Whole().upper() == "ABC"
    assert told[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Whole().upper() == "ABC"
    with pytest.raises(AttributeError, match="'Whole' object has no attribute 'lower'"):
        _ = Whole().lower
