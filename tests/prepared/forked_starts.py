"""Processes that `faults` and the contract of runners start, as forks of the prepared process."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from faults import commands
from qdash_testing import runner_processes

from .prepared_commands import PreparedCommand
from .shared_process import Shared

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AT_START = {"FAULTS_HOST", "FAULTS_CLOCK"}
"""Variables that have to be set when Python starts."""


def start(server: Path, arguments: list[str], **given: Any) -> subprocess.Popen[Any]:
    """Start a command or a program, as a fork if that makes no difference."""
    if AT_START & given["env"].keys():
        return subprocess.Popen(arguments, **given)
    if arguments[1] == "-c":  # `qdash` by another name
        arguments = ["qdash", *arguments[3:]]
    return PreparedCommand(server, arguments, **given)


@contextmanager
def start_forks(factory: pytest.TempPathFactory) -> Iterator[None]:
    """Make what these modules start during the block forks of the prepared process."""
    with Shared(factory) as shared, pytest.MonkeyPatch.context() as patched:
        popen = partial(start, shared.path)
        for module in (commands, runner_processes):
            patched.setattr(module, "subprocess", SimpleNamespace(**{**vars(subprocess), "Popen": popen}))
        yield
