"""Calls of qubex by native tasks, against the signatures of the installed release; nothing is measured."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest

from qdash_qubex.native.tasks import NATIVE_TASKS

from .stand_in import Backend, StandIn, prepared

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_qubex.native.base import NativeTask

pytestmark = pytest.mark.slow  # qubex is imported

_SETTINGS = {
    "shots": 256,
    "interval": 200_000.0,
    "time_range": [0.0, 100.0, 200.0],
    "frequency_range": [4.9, 4.91],
    "lengths": [1, 2, 4],
    "seed": 7,
}


class _CalledError(Exception):
    """Error raised by a valid call of a procedure, with its arguments."""


class _Signatures(StandIn):
    """Stand-in with every procedure of the library; a call raises an error with its arguments."""

    def __getattr__(self, name: str) -> Any:
        from qubex import Experiment

        if name.startswith("__") or not hasattr(Experiment, name):
            raise AttributeError(name)
        signature = inspect.signature(getattr(Experiment, name))

        def called(*positional: Any, **named: Any) -> Any:
            bound = signature.bind(self, *positional, **named)
            raise _CalledError(name, dict(bound.arguments), set(signature.parameters))

        return called


@pytest.mark.parametrize("task", NATIVE_TASKS, ids=lambda task: task.name)
@pytest.mark.parametrize("asked", [{}, _SETTINGS], ids=["defaults", "named"])
def test_each_is_called_as_the_library_wants_it_and_draws_and_writes_nothing(
    tmp_path: Path, task: type[NativeTask], asked: dict[str, object]
) -> None:
    known = {name: value for name, value in asked.items() if name in task.run_parameters}
    instance = prepared(task, "0-1" if task.task_type == "coupling" else "0", **known)
    library = _Signatures(tmp_path)
    library.classifiers = {"Q0": object(), "Q1": object()}

    (outcome,) = task.run_group(Backend(library), [instance])

    assert isinstance(outcome, _CalledError), outcome
    _, arguments, parameters = outcome.args
    assert arguments["plot"] is False
    assert arguments.get("save_image", True) is False or "save_image" not in parameters
    assert not arguments.get("deprecated_options")
