"""A plugin whose tasks misbehave on qubit 0 while the file named by `FAULTS_MISBEHAVE` exists."""

from __future__ import annotations

import ctypes
import math
import os
import signal
import sys
import time
from pathlib import Path

import numpy as np

from qdash_core import (
    BackendContext,
    BaseBackend,
    BaseTask,
    OutputParameter,
    Parameter,
    RawData,
    TaskOutput,
    hookimpl,
)
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.hooks.flows import FlowTemplate

FOREVER_S = 600
TIMEOUT_S = float(os.environ.get("FAULTS_TIMEOUT_S", "1"))
MUCH = int(os.environ.get("FAULTS_MUCH", "125000000"))
"""Number of 8-byte floats in a gigabyte."""


class Faulty(BaseBackend):
    """Backend that does nothing."""

    name = "faulty"

    @classmethod
    def instrument(cls, context: BackendContext) -> str:
        """Return one name per chip: sessions on several chips run at once."""
        return f"{cls.name}/{context.chip_id}"

    def connect(self) -> None:
        """Do nothing."""

    def get_instance(self) -> None:
        """Return nothing."""


class Works(BaseTask):
    """Works as it should."""

    name = "Works"
    backend = "faulty"
    timeout_s = TIMEOUT_S
    output_parameters = {"level": OutputParameter(unit="a.u.", description="of nothing")}  # noqa: RUF012

    def run(self, backend: BaseBackend) -> RawData:
        path = os.environ.get("FAULTS_MISBEHAVE")
        if self.context.qid == "0" and path and Path(path).exists():
            return self.misbehave()
        return _raw(8)

    def misbehave(self) -> RawData:
        """Misbehave instead of measuring."""
        return _raw(8)

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:
        return TaskOutput({"level": Parameter(float(result["level"][0]), 0.1, "a.u.")})


class Waits(Works):
    """Waits for ever, but checks whether it should stop."""

    name = "Waits"

    def misbehave(self) -> RawData:
        self.context.partial(_raw(4))
        while not self.context.cancelled:
            time.sleep(0.01)
        return _raw(4)


class Sleeps(Works):
    """Sleeps for ever."""

    name = "Sleeps"

    def misbehave(self) -> RawData:
        self.context.partial(_raw(4))
        time.sleep(FOREVER_S)
        return _raw(4)


class IsDeaf(Works):
    """Blocks for ever in a library that ignores signals."""

    name = "IsDeaf"

    def misbehave(self) -> RawData:
        self.context.partial(_raw(4))
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        ctypes.CDLL(None).sleep(FOREVER_S)
        return _raw(4)


class HoldsEverything(Works):
    """Blocks for ever in a library that ignores signals and lets no other thread run."""

    name = "HoldsEverything"

    def misbehave(self) -> RawData:
        self.context.partial(_raw(4))
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        ctypes.PyDLL(None).sleep(FOREVER_S)
        return _raw(4)


class Raises(Works):
    """Raises."""

    name = "Raises"

    def misbehave(self) -> RawData:
        raise ArithmeticError("the cat is on the keyboard")


class ReturnsNaN(Works):
    """Returns NaN."""

    name = "ReturnsNaN"

    def misbehave(self) -> RawData:
        return RawData({"level": (np.full(8, math.nan), "a.u.")})


class ReturnsMuch(Works):
    """Returns a gigabyte."""

    name = "ReturnsMuch"
    timeout_s = FOREVER_S

    def misbehave(self) -> RawData:
        return _raw(MUCH)


class Exits(Works):
    """Calls `sys.exit`."""

    name = "Exits"

    def misbehave(self) -> RawData:
        sys.exit("had enough")


class Dies(Works):
    """Ends its process with `os._exit`."""

    name = "Dies"

    def misbehave(self) -> RawData:
        os._exit(3)


def _raw(size: int) -> RawData:
    return RawData({"level": (np.ones(size), "a.u.")})


TASKS = [
    Works,
    Waits,
    Sleeps,
    IsDeaf,
    HoldsEverything,
    Raises,
    ReturnsNaN,
    ReturnsMuch,
    Exits,
    Dies,
]


@hookimpl
def qdash_backends() -> list[type[BaseBackend]]:
    """Return the backend."""
    return [Faulty]


@hookimpl
def qdash_tasks() -> list[type[BaseTask]]:
    """Return the tasks."""
    return [*TASKS]


@hookimpl
def qdash_flows() -> list[FlowTemplate]:
    """Return one flow per misbehaving task, followed by a task that works."""
    return [
        FlowTemplate(f"then-{task.name}", str(task.__doc__), [CustomOneQubit(["Works", task.name])])
        for task in TASKS[1:]
    ]
