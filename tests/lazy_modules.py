"""Libraries that few tests need and that are slow to import."""

from __future__ import annotations

import warnings
from functools import cached_property
from importlib import import_module
from typing import Any


class LazyModule:
    """Module that is imported when a name of it is first used, not when tests are collected."""

    def __init__(self, name: str) -> None:
        self._name = name

    @cached_property
    def _module(self) -> Any:
        with (
            warnings.catch_warnings()
        ):  # as in the set-up of tests: QuTiP without matplotlib warns that it cannot draw
            warnings.simplefilter("ignore")
            return import_module(self._name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # the collection looks for marks of mocks and wrappers
            raise AttributeError(name)
        return getattr(self._module, name)
