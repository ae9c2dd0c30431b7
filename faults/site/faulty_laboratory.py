"""A plugin whose tasks misbehave on qubit 0, as long as there is the file that `FAULTS_MISBEHAVE` names."""

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
"""So many numbers of eight bytes are a gigabyte."""


class Faulty(BaseBackend):
    """Does nothing, and that well."""

    name = "faulty"

    @classmethod
    def instrument(cls, context: BackendContext) -> str:
        """Return a name for each chip: sessions on several go on at once."""
        return f"{cls.name}/{context.chip_id}"

    def connect(self) -> None:
        """Do nothing."""

    def get_instance(self) -> None:
        """Return nothing."""


class Works(BaseTask):
    """Does what it should."""

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
        """What it does instead of its work."""
        return _raw(8)

    def postprocess(self, backend: BaseBackend | None, result: RawData) -> TaskOutput:
        return TaskOutput({"level": Parameter(float(result["level"][0]), 0.1, "a.u.")})


class Waits(Works):
    """Waits for ever, but looks whether it is to stop."""

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
    """Is for ever in a library that hears no signal."""

    name = "IsDeaf"

    def misbehave(self) -> RawData:
        self.context.partial(_raw(4))
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        ctypes.CDLL(None).sleep(FOREVER_S)
        return _raw(4)


class HoldsEverything(Works):
    """Is for ever in a library that hears no signal, and lets no other thread run."""

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
    """Returns something that is not a number."""

    name = "ReturnsNaN"

    def misbehave(self) -> RawData:
        return RawData({"level": (np.full(8, math.nan), "a.u.")})


class ReturnsMuch(Works):
    """Returns much."""

    name = "ReturnsMuch"
    timeout_s = FOREVER_S

    def misbehave(self) -> RawData:
        return _raw(MUCH)


class Exits(Works):
    """Ends the program."""

    name = "Exits"

    def misbehave(self) -> RawData:
        sys.exit("had enough")


class Dies(Works):
    """Ends the process, without a word."""

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
    """Give the backend."""
    return [Faulty]


@hookimpl
def qdash_tasks() -> list[type[BaseTask]]:
    """Give the tasks."""
    return [*TASKS]


@hookimpl
def qdash_flows() -> list[FlowTemplate]:
    """Give for each task the flow in which it is followed by one that works."""
    return [
        FlowTemplate(f"then-{task.name}", str(task.__doc__), [CustomOneQubit(["Works", task.name])])
        for task in TASKS[1:]
    ]
