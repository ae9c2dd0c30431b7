"""Text about a task, in a file beside its module, for every author."""

from __future__ import annotations

import importlib
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.runs.views.tasks import TaskDocument
from qdash_builtin.task_pages.page import Failure, TaskPage, get_page
from qdash_core import PluginError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core import BaseTask

MODULE = """
from qdash_core import BaseTask
class CheckGate(BaseTask):
    name = "CheckGate"
"""
TEXT = """
measures: >
  A pulse, then a readout.
failures:
  - title: A dead line
    seen: Nothing.
    do: Look at the cable.
    row: {t1_us: 1.0}
    settings: {pi_amplitude: {factor: 0.5}}
    parameters: {shots: 10}
  - {title: A short one, seen: Little., do: Wait.}
"""
PAGE = TaskPage(
    measures="A pulse, then a readout.",
    failures=(
        Failure(
            title="A dead line",
            seen="Nothing.",
            do="Look at the cable.",
            row={"t1_us": 1.0},
            settings={"pi_amplitude": {"factor": 0.5}},
            parameters={"shots": 10},
        ),
        Failure(title="A short one", seen="Little.", do="Wait."),
    ),
)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the module path; its modules are unloaded afterwards, and others that a test imports first
    stay.
    """
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None) or "").startswith(str(tmp_path)):
            del sys.modules[name]


def get_task(module: str) -> type[BaseTask]:
    found: type[BaseTask] = importlib.import_module(module).CheckGate
    return found


def write_package(site: Path, text: str | None = TEXT) -> type[BaseTask]:
    folder = site / "my_lab" / "gates"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    (folder / "__init__.py").touch()
    (folder / "check.py").write_text(MODULE)
    if text is not None:
        (folder / "CheckGate.yaml").write_text(text)
    return get_task("my_lab.gates.check")


def test_the_text_lies_in_the_package_of_the_task(site: Path) -> None:
    assert get_page(write_package(site)) == PAGE


def test_of_a_plugin_of_one_module_it_lies_beside_that(site: Path) -> None:
    (site / "lonely_gates.py").write_text(MODULE)
    (site / "CheckGate.yaml").write_text(TEXT)
    assert get_page(get_task("lonely_gates")) == PAGE


def test_it_is_found_in_an_archive(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(site / "plugin.zip", "w") as archive:
        archive.writestr("zipped_lab/__init__.py", MODULE)
        archive.writestr("zipped_lab/CheckGate.yaml", TEXT)
    monkeypatch.syspath_prepend(str(site / "plugin.zip"))
    assert get_page(get_task("zipped_lab")) == PAGE


def test_a_task_without_a_text_has_no_page(site: Path) -> None:
    task = write_package(site, None)
    assert get_page(task) is None
    assert get_page(type("MadeUp", (task,), {"name": "MadeUp", "__module__": "nowhere"})) is None


def test_failures_may_be_left_out(site: Path) -> None:
    assert get_page(write_package(site, "measures: A pulse.\n")) == TaskPage(measures="A pulse.")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("measures: [", "not YAML"),
        ("- measures", "it has to be names with values"),
        ("failures: []", "measures: it is missing"),
        ("measures: ''", "measures: it has to have at least 1 character"),
        ("measures: A.\nfigure: x", "figure: there is no such field"),
        ("measures: A.\nfailures: {a: b}", "failures: it has to be a list"),
        ("measures: A.\nfailures: [{title: T, seen: S}]", "failures.0.do: it is missing"),
        ("measures: A.\nfailures: [{title: 3, seen: S, do: D}]", "failures.0.title: it has to be text"),
        ("measures: A.\nfailures: [{title: T, seen: S, do: D, row: 3}]", "failures.0.row: it has to be names with values"),
        ("measures: A.\nmeasures: B.", "'measures' is there 2 times"),
    ],
)  # fmt: skip
def test_a_text_that_is_broken_is_told_with_its_place(site: Path, text: str, message: str) -> None:
    with pytest.raises(
        PluginError,
        match=rf"CheckGate.yaml, the text on task CheckGate beside my_lab.gates.check: .*{message}",
    ):
        get_page(write_package(site, text))


def test_the_document_of_a_task_has_what_its_author_tells(site: Path) -> None:
    task = write_package(site)
    told = TaskDocument.from_task(task).with_text(task).as_json()
    assert told["measures"] == "A pulse, then a readout."
    assert told["failures"][1] == {"title": "A short one", "seen": "Little.", "do": "Wait."}
    assert "text_error" not in told


def test_a_broken_text_is_told_and_hides_nothing_else(site: Path) -> None:
    task = write_package(site, "- measures")
    told = TaskDocument.from_task(task).with_text(task).as_json()
    assert told["name"] == "CheckGate"
    assert told["text_error"].startswith("CheckGate.yaml, the text on task CheckGate")
    assert not {"measures", "failures"} & set(told)
