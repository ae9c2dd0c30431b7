"""User flows: functions in Python files, and the arguments that their signatures accept."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qdash_builtin.flows.source_check import refuse_absent_names
from qdash_core.errors import FlowError, InvalidInputError, NotFoundError, QDashError
from qdash_core.flows.direct_calls import disable_prefect_server, is_prefect_flow, unwrap_flow
from qdash_core.models.request import split_location
from qdash_core.tasks.failures import describe_error, get_location

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from types import ModuleType

    from _typeshed import ReadableBuffer as Buffer

    from qdash_core.hooks.runners import CallsFlows
    from qdash_core.models.request import RunRequest

_OPTIONS = {"chip_id": "--chip CHIP", "qids": "--qids 0,1,..", "project_id": "--project ID"}
"""Command-line options for the parameters that QDash sets."""


class UserFlow:
    """A user's function in a Python file.

    The file is imported as Python runs a script: its folder is first on the module search path.

    Parameters
    ----------
    flow : str
        `FILE.py:function`, or `FILE.py` for its only public function, its only Prefect flow, or its function `main`.
    known_as : str or None
        Name in messages, or None to name file and function.

    Raises
    ------
    NotFoundError
        If there is no such file or function.
    InvalidInputError
        If the file is not valid Python, or no function can be chosen; the message names file and line.
    FlowError
        If the file raises an exception during import.
    """

    def __init__(self, flow: str, *, known_as: str | None = None) -> None:
        self.path, name = split_location(flow)
        if self.path.is_file():
            check_file(flow)
        functions = _list_functions(_import_file(self.path))
        self.function = _choose_function(functions, name, self.path)
        self.name = known_as or f"{self.path.name}:{name or getattr(self.function, '__name__', 'main')}"
        if inspect.iscoroutinefunction(unwrap_flow(self.function)):
            raise InvalidInputError(f"{self.name} is asynchronous: a flow is a plain function, `def`")

    def select_arguments(self, request: RunRequest, *, project_id: str) -> dict[str, Any]:
        """Return the arguments of a request that the function accepts.

        Raises
        ------
        InvalidInputError
            If a required argument is missing, or the request has an unknown parameter.
        """
        taken = inspect.signature(self.function).parameters
        anything = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in taken.values())
        named = {
            name: one
            for name, one in taken.items()
            if one.kind in (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        }
        for name in request.parameters:
            if name not in named and not anything:
                known = ", ".join(named) or "none"
                raise InvalidInputError(f"{self.name} has no argument {name!r} (it has: {known})")
        given = {**_collect_job_arguments(request, self.path, project_id), **request.parameters}
        for name, one in named.items():
            if name not in given and one.default is inspect.Parameter.empty:
                how = _OPTIONS.get(name, f"--param {name}=VALUE")
                raise InvalidInputError(f"{self.name} needs {name!r}: give it with {how}")
        return {name: value for name, value in given.items() if name in named or name in request.parameters}

    def call(
        self, arguments: Mapping[str, Any], *, flow_run_id: str = "", caller: CallsFlows | None = None
    ) -> None:
        """Call the function with `caller` if there is one; otherwise call it directly, or the function that a Prefect flow wraps.

        Raises
        ------
        FlowError
            For an exception that is not QDash's own; the message names it and its place in the file.
        """
        try:
            if caller is not None:
                caller.call(self.function, arguments, flow_run_id)
            elif is_prefect_flow(self.function):
                with disable_prefect_server(flow_run_id):
                    unwrap_flow(self.function)(**arguments)
            else:
                self.function(**arguments)
        except InvalidInputError as error:
            place = get_location(error, _make_module_name(self.path))
            raise type(error)(f"{error} ({place})" if place else str(error)) from error
        except QDashError:
            raise
        except (Exception, SystemExit) as error:
            raise FlowError(
                f"{self.name} raised {describe_error(error, module=_make_module_name(self.path))}"
            ) from error


def check_file(flow: str, *, tasks: Collection[str] | None = None) -> None:
    """Check that a file exists, is valid Python and uses no name of QDash that does not exist, without running it.

    Parameters
    ----------
    tasks : collection of str or None
        Names of installed tasks, which those that the flow runs must be among, or None to check no names of tasks.

    Raises
    ------
    NotFoundError, InvalidInputError
        If it does not exist or is invalid; the message names file and line.
    """
    path, source = read_syntax(flow)
    refuse_absent_names(source, str(path), tasks=tasks)


def read_syntax(flow: str) -> tuple[Path, bytes]:
    """Return the file of `FILE.py[:function]` and its source, which is valid Python.

    Raises
    ------
    NotFoundError, InvalidInputError
        If it does not exist or is invalid; the message names file and line.
    """
    path, _ = split_location(flow)
    if not path.is_file():
        raise NotFoundError(f"there is no file {path}")
    try:
        source = path.read_bytes()
        compile(source, str(path), "exec", dont_inherit=True)
    except SyntaxError as error:
        raise InvalidInputError(f"{path}, line {error.lineno}: {error.msg}") from error
    except ValueError as error:
        raise InvalidInputError(f"{path} is not Python: {error}") from error
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be read: {error.strerror}") from error
    return path, source


def read_source(path: Path) -> str:
    """Return the text of a file; raise NotFoundError or InvalidInputError if it does not exist or cannot be read."""
    if not path.is_file():
        raise NotFoundError(f"there is no file {path}")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInputError(f"{path} is not UTF-8: {error.reason}") from error
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be read: {error.strerror}") from error


def _collect_job_arguments(request: RunRequest, path: Path, project_id: str) -> dict[str, Any]:
    qubits = request.targets.qubits
    known: dict[str, Any] = {
        "username": request.username,
        "chip_id": request.chip_id,
        "project_id": project_id,
        "flow_name": path.stem if request.names_file else request.flow,
        "qids": None if qubits is None else list(qubits),
    }
    return {name: value for name, value in known.items() if value is not None} | {"tags": list(request.tags)}


def _import_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise NotFoundError(f"there is no file {path}")
    path = path.absolute()
    name = _make_module_name(path)
    loader = _FlowLoader(name, str(path))
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, str(path.parent))
    try:
        loader.exec_module(module)
    except SyntaxError as error:
        raise InvalidInputError(f"{error.filename or path}, line {error.lineno}: {error.msg}") from error
    except OSError as error:
        if error.filename is not None and Path(str(error.filename)) == path:
            raise InvalidInputError(f"{path} cannot be read: {error.strerror}") from error
        raise FlowError(f"{path} cannot be imported: {describe_error(error, module=name)}") from error
    except QDashError:
        raise
    except (Exception, SystemExit) as error:
        raise FlowError(f"{path} cannot be imported: {describe_error(error, module=name)}") from error
    return module


class _FlowLoader(SourceFileLoader):
    """Loader without a bytecode cache: a flow is imported once per process, and its folder stays unchanged."""

    def set_data(self, path: str, data: Buffer, *, _mode: int = 0o666) -> None:
        """Write nothing."""


def _make_module_name(path: Path) -> str:
    # Not the bare stem: a flow in random.py must not take the place of the standard library's.
    return f"flow_{path.stem}"


def _list_functions(module: ModuleType) -> dict[str, Callable[..., object]]:
    """Return the public functions that a module defines, without imported ones and classes."""
    return {
        name: value
        for name, value in vars(module).items()
        if callable(value)
        and not isinstance(value, type)
        and getattr(value, "__module__", None) == module.__name__
    }


def _choose_function(
    functions: Mapping[str, Callable[..., object]], name: str | None, path: Path
) -> Callable[..., object]:
    public = [known for known in functions if not known.startswith("_")]
    if name is not None:
        if name not in functions:
            raise NotFoundError(f"{path} has no function {name!r} ({_list_names(public)})")
        return functions[name]
    if len(public) == 1:
        return functions[public[0]]
    flows = [known for known in public if is_prefect_flow(functions[known])]
    if len(flows) == 1:
        return functions[flows[0]]
    if "main" in functions:
        return functions["main"]
    if not public:
        raise NotFoundError(f"{path} has no function to run")
    raise InvalidInputError(
        f"{path} has several functions ({', '.join(public)}): name one, as in {path}:{public[0]}"
    )


def _list_names(public: list[str]) -> str:
    return f"it has: {', '.join(public)}" if public else "it has none"
