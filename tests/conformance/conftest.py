"""Fixtures of tests with code for the original system."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_core import CalibService, open_qdash
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets
from qdash_fake.chips import create_twin_chip
from qdash_fake.devices import load_device

from ..access import access_of
from ..prepared.shared_files import fill_once
from ..user_settings import remove_settings

if TYPE_CHECKING:
    from pathlib import Path


SLOW = (
    "TestFileStorage::test_a_process_killed_while_writing_leaves_the_old_data[write_and_be_killed]",
    "TestFileStorage::test_a_process_killed_while_writing_leaves_the_old_data[save_and_be_killed]",
    "TestPulseTwin::test_every_request_is_answered_as_it_was_asked",
    "TestPulseTwin::test_recipes_are_met",
    "TestPulseTwin::test_answers_are_in_the_order_of_the_sweep_and_of_the_batch",
    "TestPulseTwin::test_equal_measurements_scatter_by_the_errors_that_they_give",
)
"""Tests of other contracts whose siblings are the same tests of cheaper subclasses, or an interrupted write."""


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark slow tests of contracts, which a subclass of the contract cannot do."""
    if item.nodeid.endswith(SLOW):
        item.add_marker(pytest.mark.slow)


@pytest.fixture
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of the settings, which does not exist yet."""
    remove_settings(monkeypatch, tmp_path)
    monkeypatch.setenv("QDASH_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def home(
    empty_home: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A home with the user `alice` and the chip `64Qv3`, a twin of seven qubits with frequencies of 0 and 1.

    A test may ask for a store in memory by `indirect` parameters.
    """
    if getattr(request, "param", "sqlite") == "memory":
        monkeypatch.setenv("QDASH_STORE_URL", f"memory://{empty_home}")
        fill_home()
        return empty_home
    return fill_once(tmp_path_factory, "64Qv3", empty_home, lambda _: fill_home())


def fill_home() -> None:
    """Fill the home of the settings."""
    with open_qdash() as qdash:
        qdash.enroll("alice")
        create_twin_chip(qdash, access_of("alice"), "64Qv3", load_device("jakarta"), seed=1)
        cal = CalibService("alice", "64Qv3", qdash=qdash)
        cal.run(
            QubitTargets(["0", "1"]),
            [CustomOneQubit(["CheckResonatorSpectroscopy", "CheckQubitSpectroscopy"])],
        )
        cal.finish_calibration()
