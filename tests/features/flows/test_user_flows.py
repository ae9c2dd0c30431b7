"""A flow function in a file: its selection, and its arguments."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.flows.user_flows import UserFlow, check_file
from qdash_core import FlowError, InvalidInputError, NotFoundError
from qdash_core.models.request import RunRequest, TargetSelection

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Path of a flow file; the effects of its import are undone."""
    import sys

    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setitem(sys.modules, "flow_my_flow", sys)
    return tmp_path / "my_flow.py"


def make_request(file: Path, function: str = "", **given: Any) -> RunRequest:
    return RunRequest(username="alice", flow=f"{file}{function}", **given)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("def only(): pass\ndef _other(): pass", "only"),
        ("from os.path import join\nclass Thing: pass\ndef only(): pass", "only"),
        ("def a(): pass\ndef main(): pass", "main"),
    ],
)
def test_without_a_name_it_is_the_only_public_function_or_main(file: Path, text: str, name: str) -> None:
    file.write_text(text)
    assert UserFlow(str(file)).name == f"my_flow.py:{name}"


def test_a_function_may_be_named_even_a_private_one(file: Path) -> None:
    file.write_text("def a(): pass\ndef _b(): pass")
    assert UserFlow(f"{file}:_b").name == "my_flow.py:_b"


def test_its_neighbours_can_be_imported(file: Path) -> None:
    file.write_text("from beside_my_flow import VALUE\ndef main(value=VALUE): pass")
    file.with_name("beside_my_flow.py").write_text("VALUE = 3")
    assert UserFlow(str(file)).name == "my_flow.py:main"


@pytest.mark.parametrize(
    ("signature", "arguments"),
    [
        ("", {}),
        ("username", {"username": "alice"}),
        (
            "username, chip_id, project_id=None",
            {"username": "alice", "chip_id": "c", "project_id": "default"},
        ),
        ("*, flow_name, tags", {"flow_name": "my_flow", "tags": ["night"]}),
        ("qids", {"qids": ["0", "1"]}),
        ("depth", {"depth": 3}),
        ("chip_id, **more", {"chip_id": "c", "depth": 3}),
    ],
)
def test_it_is_called_with_the_arguments_that_it_takes(
    file: Path, signature: str, arguments: dict[str, Any]
) -> None:
    file.write_text(f"def main({signature}): pass")
    given: dict[str, Any] = {"depth": 3} if "depth" in arguments else {}
    selected = TargetSelection(qubits=("0", "1"))
    request = make_request(file, chip_id="c", targets=selected, tags=("night",), parameters=given)
    assert UserFlow(request.flow).select_arguments(request, project_id="default") == arguments


def test_what_was_not_given_is_left_to_its_default(file: Path) -> None:
    file.write_text("def main(chip_id='mine', qids=('3',), depth=1): pass")
    request = make_request(file)
    assert UserFlow(request.flow).select_arguments(request, project_id="default") == {}


@pytest.mark.parametrize(
    ("signature", "given", "message"),
    [
        ("chip_id", {}, "needs 'chip_id': give it with --chip CHIP"),
        ("qids", {}, "needs 'qids': give it with --qids"),
        ("depth", {}, "needs 'depth': give it with --param depth=VALUE"),
        ("depth=1", {"width": 2}, r"no argument 'width' \(it has: depth\)"),
        ("", {"width": 2}, r"no argument 'width' \(it has: none\)"),
    ],
)
def test_what_does_not_fit_the_signature_is_refused(
    file: Path, signature: str, given: dict[str, Any], message: str
) -> None:
    file.write_text(f"def main({signature}): pass")
    request = make_request(file, parameters=given)
    with pytest.raises(InvalidInputError, match=message):
        UserFlow(request.flow).select_arguments(request, project_id="default")


@pytest.mark.parametrize(
    ("text", "function", "error", "message"),
    [
        ("def a(): pass", ":b", NotFoundError, r"my_flow.py has no function 'b' \(it has: a\)"),
        ("x = 1", ":b", NotFoundError, "it has none"),
        ("from os.path import join", "", NotFoundError, "has no function to run"),
        ("def a(): pass\ndef b(): pass", "", InvalidInputError, r"several functions \(a, b\): name one"),
        ("def a():\n    x = = 1", "", InvalidInputError, "my_flow.py, line 2: invalid syntax"),
        ("async def a(): pass", "", InvalidInputError, "is asynchronous"),
        ("import nowhere", "", FlowError, r"No module named 'nowhere' \(my_flow.py:1\)"),
        ("raise SystemExit(3)", "", FlowError, r"SystemExit: 3 \(my_flow.py:1\)"),
    ],
)
def test_a_file_without_a_flow_is_refused(
    file: Path, text: str, function: str, error: type[Exception], message: str
) -> None:
    file.write_text(text)
    with pytest.raises(error, match=message):
        UserFlow(f"{file}{function}")


@pytest.mark.parametrize("raised", ["ValueError('odd')", "SystemExit('odd')"])
def test_what_it_raises_is_told_with_the_place(file: Path, raised: str) -> None:
    file.write_text(f"def main():\n    raise {raised}")
    with pytest.raises(FlowError, match=r"my_flow.py:main raised \w+: odd \(my_flow.py:2\)"):
        UserFlow(str(file)).call({})


@pytest.mark.parametrize("raised", ["NotFoundError", "KeyboardInterrupt"])
def test_errors_of_qdash_and_interrupts_pass_through(file: Path, raised: str) -> None:
    file.write_text(f"from qdash_core import NotFoundError\ndef main():\n    raise {raised}('x')")
    with pytest.raises((NotFoundError, KeyboardInterrupt), match="x"):
        UserFlow(str(file)).call({})


# ------------------------------------------------------------------------------------------------------------ Prefect flows

STANDS_FOR_PREFECT = """\
import inspect

class Flow:
    def __init__(self, fn):
        self.fn, self.__name__, self.__wrapped__, self.__module__ = fn, fn.__name__, fn, fn.__module__
    def __call__(self, *_, **__):
        raise AssertionError("this asks a server")
Flow.__module__ = "prefect.flows"
flow = Flow
"""


def write_prefect_flow(file: Path, text: str) -> UserFlow:
    file.write_text(f"{STANDS_FOR_PREFECT}\n{text}")
    return UserFlow(str(file))


def test_of_several_functions_the_only_prefect_flow_is_chosen(file: Path) -> None:
    text = "def part(): pass\n@flow\ndef night(chip_id, depth=1): pass\ndef other(): pass"
    found = write_prefect_flow(file, text)
    assert found.name == "my_flow.py:night"
    request = make_request(file, chip_id="c", parameters={"depth": 3})
    assert found.select_arguments(request, project_id="default") == {"chip_id": "c", "depth": 3}


def test_a_prefect_flow_is_called_without_a_server_unless_somebody_calls_it(file: Path) -> None:
    text = "import os\n@flow\ndef night(said):\n    said.append(os.environ['PREFECT__FLOW_RUN_ID'])"
    said: list[object] = []
    found = write_prefect_flow(file, text)
    found.call({"said": said}, flow_run_id="its-own")
    assert said == ["its-own"]
    assert "PREFECT__FLOW_RUN_ID" not in os.environ

    class Caller:
        def call(self, *given: object) -> None:
            said.append(given)

    found.call({"said": said}, flow_run_id="its-own", caller=Caller())
    assert said[1:] == [(found.function, {"said": said}, "its-own")]


def test_an_asynchronous_prefect_flow_is_refused(file: Path) -> None:
    with pytest.raises(InvalidInputError, match="night is asynchronous"):
        write_prefect_flow(file, "@flow\nasync def night(): pass")


def test_a_file_is_checked_without_running_any_of_it(file: Path) -> None:
    file.write_text("raise RuntimeError('this was run')\ndef main(): pass")
    check_file(f"{file}:main")
    file.write_text("def main(:\n  pass")
    with pytest.raises(InvalidInputError, match=r"my_flow\.py, line 1"):
        check_file(str(file))
    file.write_bytes(b"a = 1\0")
    with pytest.raises(InvalidInputError, match=r"my_flow\.py"):
        check_file(str(file))
    file.unlink()
    with pytest.raises(NotFoundError, match="there is no file"):
        check_file(str(file))
