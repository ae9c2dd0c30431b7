"""A chip of a host in a notebook: the same as one of a home, with the rights and the author of the token."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest

import qdash
from qdash_builtin.notebooks.chip import NotebookChip
from qdash_builtin.notebooks.home import HomeChip
from qdash_builtin.notebooks.host import HostChip
from qdash_core import (
    AccessDeniedError,
    CalibConfig,
    CalibOrchestrator,
    ConflictError,
    InvalidInputError,
    NotFoundError,
)
from qdash_core.settings import Settings
from qdash_remote import HostError, connect

from ..api.conftest import run_host
from ..lazy_modules import LazyModule
from .test_connection import InProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from qdash_core.hooks.manager import Registry
    from qdash_core.runtime.application import QDash

    from ..api.conftest import Host

testing = LazyModule("pandas.testing")


@pytest.fixture(scope="module")
def measured_home(tmp_path_factory: pytest.TempPathFactory, registry: Registry) -> Path:
    """Home of a host with a twin: two qubits with a resonator, one also with T1, measured twice."""
    home = tmp_path_factory.mktemp("measured") / "home"
    with run_host(Settings(home=home), registry) as host:
        connection = connect("http://testserver", host.token("owner"), transport=InProcess(host))
        connection.post("/plugins/fake/twins", json={"chip_id": "a", "device": "linear-2"})
        _measure(host.qdash)
    return home


@pytest.fixture
def measured(measured_home: Path, settings: Settings, registry: Registry) -> Iterator[Host]:
    """A host with a copy of the home."""
    shutil.copytree(measured_home, settings.home)
    with run_host(settings, registry, has_users=True) as host:
        yield host


def _measure(qdash: QDash) -> None:
    session = CalibOrchestrator(CalibConfig(username="editor", chip_id="a", tags=["night"]), qdash)
    session.initialize()
    for task, qid in (
        ("CheckResonatorSpectroscopy", "0"),
        ("CheckResonatorSpectroscopy", "1"),
        ("CheckQubitSpectroscopy", "0"),
        ("CheckRabi", "0"),
        ("CheckRamsey", "0"),
        ("CreateHPIPulse", "0"),
        ("CreatePIPulse", "0"),
        ("CheckT1", "0"),
        ("CheckT1", "0"),
    ):
        session.run_task(task, qid)
    session.complete()


def on_host(host: Host, username: str) -> NotebookChip:
    connection = connect("http://testserver", host.token(username), transport=InProcess(host))
    return NotebookChip(HostChip(connection, "a"))


def in_home(host: Host, username: str = "editor") -> NotebookChip:
    return NotebookChip(HomeChip(host.qdash, "a", username=username, project=None))


def get_t1(chip: NotebookChip) -> str:
    found: str = chip.results(task="CheckT1", limit=1).task_id[0]
    return found


def test_tables_of_a_host_are_those_of_its_home(measured: Host) -> None:
    remote, home = on_host(measured, "viewer"), in_home(measured, "viewer")
    assert get_t1(remote) == get_t1(home)
    home_editor = in_home(measured)
    home_editor.record_analysis(get_t1(home), {"t1": (9000.0, 0.1)}, "line", quality={"reduced_chi2": 90.0})
    for read in (
        lambda chip: chip.values(),
        lambda chip: chip.values(metrics="coherence", targets="0..1", flagged=True),
        lambda chip: chip.values(mode="median", metrics=["resonator_frequency"], since="12h"),
        lambda chip: chip.values(marks="any"),
        lambda chip: chip.history("0", "t1"),
        lambda chip: chip.history("0", "t1", limit=1),
        lambda chip: chip.history("0", "t1", until="3h"),
        lambda chip: chip.results(),
        lambda chip: chip.results(tags="night", target="0", verdict="accepted", limit=3),
        lambda chip: chip.results(status="failed"),
        lambda chip: chip.results(outcome="accepted", since="1h", user="editor", text=None),
    ):
        testing.assert_frame_equal(read(remote), read(home))
    assert len(remote.history("0", "t1")) == 3


def test_pages_of_a_host_are_read_to_the_end(measured: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = in_home(measured).results()
    for module in ("qdash_builtin.notebooks.host", "qdash_builtin.notebooks.home"):
        monkeypatch.setattr(f"{module}.LARGEST_PAGE", 2)
    for chip in (on_host(measured, "viewer"), in_home(measured)):
        testing.assert_frame_equal(chip.results(), expected)
        assert len(chip.results(limit=3)) == 3


def test_raw_data_figures_and_files_of_a_host_are_those_of_its_home(measured: Host, tmp_path: Path) -> None:
    remote, home = on_host(measured, "viewer"), in_home(measured, "viewer")
    task_id = get_t1(remote)
    ours, theirs = remote.raw_data(task_id), home.raw_data(task_id)
    assert repr(ours) == repr(theirs)
    assert "energy" not in repr(ours)
    assert ours.attributes == theirs.attributes
    for name, array in ours.items():
        np.testing.assert_array_equal(array.values, theirs[name].values, strict=True)
    assert remote.figure(task_id).to_json() == home.figure(task_id).to_json()
    paths = [chip.export(tmp_path / name, "csv") for chip, name in ((remote, "r"), (home, "h"))]
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_refits_and_analyses_of_a_host_are_those_of_the_user_of_the_token(measured: Host) -> None:
    chip = on_host(measured, "editor")
    task_id = get_t1(chip)
    preview = chip.preview_refit(task_id, fit_window="0..200")
    assert preview.n_fitted < preview.n_points
    assert preview.basis == in_home(measured).preview_refit(task_id, fit_window="0..200").basis
    assert chip.refit(task_id, fit_window="0..200").username == "editor"
    value = chip.values(metrics="t1").value[0]
    result, again = (
        chip.record_analysis(task_id, {"t1": (0.9 * value, 1.0)}, "stretched exponential", "by hand", key="k")
        for _ in range(2)
    )
    assert (result.username, result.analysis_model, result.refit_of) == (
        "editor",
        "stretched exponential",
        task_id,
    )
    assert again.task_id == result.task_id
    assert chip.values(metrics="t1").value[0] == pytest.approx(0.9 * value)
    with pytest.raises(ConflictError):
        chip.record_analysis(task_id, {"t1": 1.0}, "line", key="k")
    with pytest.raises(InvalidInputError, match="CheckT1 has no output 't2'"):
        chip.record_analysis(task_id, {"t2": 1.0}, "line")


def test_a_viewer_changes_nothing_through_a_host(measured: Host) -> None:
    chip = on_host(measured, "viewer")
    task_id = get_t1(chip)
    n_results = len(chip.results())
    for call in (lambda: chip.refit(task_id), lambda: chip.record_analysis(task_id, {"t1": 1.0}, "line")):
        with pytest.raises(AccessDeniedError):
            call()
    assert len(chip.results()) == n_results


def test_a_host_is_named_with_its_chip_and_found_with_a_token_only(
    measured: Host, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with on_host(measured, "viewer") as chip:
        assert repr(chip) == "chip a of host http://testserver"
    monkeypatch.setenv("QDASH_HOME", str(tmp_path))
    monkeypatch.delenv("QDASH_TOKEN", raising=False)
    with pytest.raises(InvalidInputError, match="no token: set QDASH_TOKEN"):
        qdash.open_chip("a", host="http://127.0.0.1:1")
    monkeypatch.setenv("QDASH_TOKEN", "secret")
    with pytest.raises(HostError, match="cannot be reached"):
        qdash.open_chip("a", host="http://127.0.0.1:1")
    connection = connect("http://testserver", measured.token("editor"), transport=InProcess(measured))
    with pytest.raises(NotFoundError, match="there is no chip 'b'"):
        HostChip(connection, "b")


@pytest.mark.parametrize("open_chip", [on_host, in_home])
def test_the_curve_of_an_analysis_is_in_the_figure(
    measured: Host, open_chip: Callable[[Host, str], NotebookChip]
) -> None:
    chip = open_chip(measured, "editor")
    task_id = get_t1(chip)
    points = chip.figure(task_id).data[0]
    fitted = np.exp(-np.asarray(points.x, dtype=float) / 20.0)
    result = chip.record_analysis(
        task_id,
        {"t1": 20.0},
        "one decay",
        save=False,
        curve=(np.asarray(points.x) * 1e3, fitted),
        curve_units=("ns", ""),
    )
    (line,) = [one for one in chip.figure(result.task_id).data if one.name == "one decay"]
    np.testing.assert_allclose(line.x, points.x)
    np.testing.assert_allclose(line.y, fitted)
