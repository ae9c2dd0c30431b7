"""Direct calls of Prefect flows and tasks, without Prefect's engine and server, and without importing Prefect."""

from __future__ import annotations

import os
import sys
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from inspect import signature
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FLOW_RUN_VARIABLE = "PREFECT__FLOW_RUN_ID"
"""Environment variable with which Prefect passes a process the id of its flow run."""


def is_prefect_flow(flow: object) -> bool:
    """Return whether an object is a Prefect flow, made by `@flow`."""
    return any((kind.__module__, kind.__name__) == ("prefect.flows", "Flow") for kind in type(flow).__mro__)


def unwrap_flow(function: Callable[..., object]) -> Callable[..., object]:
    """Return the function that a Prefect flow wraps; return any other function unchanged."""
    return function.fn if is_prefect_flow(function) else function  # type: ignore[attr-defined]


@contextmanager
def disable_prefect_server(flow_run_id: str) -> Iterator[None]:
    """Open a block in which the function of a Prefect flow can be called without a Prefect server.

    The function can use the logger of its run, which is silent, and `prefect.runtime.flow_run.id`. The Prefect flows and tasks that it
    calls are plain functions; a submitted task is called at once.
    """
    before = os.environ.get(FLOW_RUN_VARIABLE)
    os.environ[FLOW_RUN_VARIABLE] = before or flow_run_id
    replaced: dict[str, dict[str, Callable[..., object]]] = {
        "prefect.flows.Flow": {"__call__": _call},
        "prefect.tasks.Task": {"__call__": _call, "submit": _submit, "map": _map},
    }
    try:
        with ExitStack() as stack:
            for place, methods in replaced.items():
                module, _, kind = place.rpartition(".")
                if module in sys.modules:  # the module of the flow has imported it
                    _replace_methods(getattr(sys.modules[module], kind), methods, stack)
            if logging := sys.modules.get("prefect.logging"):
                stack.enter_context(logging.disable_run_logger())
            yield
    finally:
        if before is None:
            del os.environ[FLOW_RUN_VARIABLE]


def _replace_methods(kind: type, methods: dict[str, Callable[..., object]], stack: ExitStack) -> None:
    """Replace methods of a class until a stack is closed."""
    for name, method in methods.items():
        stack.callback(setattr, kind, name, getattr(kind, name))
        setattr(kind, name, method)


def _call(called: Any, /, *args: Any, return_state: bool = False, wait_for: Any = None, **kwargs: Any) -> Any:
    """Call the function of a flow or task, and return its result or, on request, its final state."""
    if return_state:
        return _submit(called, *args, return_state=True, wait_for=wait_for, **kwargs)
    return called.fn(*_resolve(args), **_resolve(kwargs))


def _submit(
    called: Any, /, *args: Any, return_state: bool = False, wait_for: Any = None, **kwargs: Any
) -> Any:
    """Call the function of a task, and return Prefect's future with its outcome or, on request, its final state."""
    states = sys.modules["prefect.states"]
    done: Future[Any] = Future()
    try:
        result = _call(called, *args, wait_for=wait_for, **kwargs)
        state = states.Completed(data=result)
        # Prefect reads no result from a state without data.
        done.set_result(result if result is None else state)
    except Exception as error:  # noqa: BLE001  the future raises it
        state = states.Failed(data=error, message=str(error))
        done.set_result(state)
    future = sys.modules["prefect.futures"].PrefectConcurrentFuture(uuid4(), done)
    future.wait()
    return state if return_state else future


def _map(task: Any, /, *args: Any, return_state: bool = False, wait_for: Any = None, **kwargs: Any) -> Any:
    """Submit a task for each element of its arguments that are iterable and not marked as unmapped."""
    unmapped = sys.modules["prefect.utilities.annotations"].unmapped
    given = signature(task.fn).bind(*_resolve(args), **_resolve(kwargs)).arguments
    rows = {
        name: list(value)
        for name, value in given.items()
        if hasattr(value, "__iter__") and not isinstance(value, (str, bytes, unmapped))
    }
    fixed = {
        name: value.value if isinstance(value, unmapped) else value
        for name, value in given.items()
        if name not in rows
    }
    submitted = [
        _submit(
            task, **fixed, **dict(zip(rows, row, strict=True)), return_state=return_state, wait_for=wait_for
        )
        for row in zip(*rows.values(), strict=True)
    ]
    return submitted if return_state else sys.modules["prefect.futures"].PrefectFutureList(submitted)


def _resolve(given: Any) -> Any:
    """Return arguments with results in place of futures."""
    if isinstance(given, dict):
        return {name: _resolve(one) for name, one in given.items()}
    if type(given) in (list, tuple):
        return type(given)(_resolve(one) for one in given)
    futures = sys.modules.get("prefect.futures")
    return given.result() if futures and isinstance(given, futures.PrefectFuture) else given
