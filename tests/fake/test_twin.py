"""Twins on disk: creation, loading, unique session numbers, and errors for broken files."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_core.errors import ConflictError, InvalidInputError, NotFoundError
from qdash_fake.devices import load_device
from qdash_fake.twin import create_twin, load_twin
from qdash_tasks.laboratory.requests import Relaxation
from qdash_tasks.laboratory.shots import Shots

from ..case_tables import each_case
from .twin_requests import asked

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    create_twin(tmp_path / "twin", load_device("jakarta"), 5)
    return tmp_path / "twin"


def test_a_twin_is_read_back_as_it_was_made(folder: Path) -> None:
    twin = load_twin(folder)
    assert (twin.table, twin.seed, twin.options.slow, twin.sessions) == (load_device("jakarta"), 5, 0.0, 0)
    assert twin.truth() == load_twin(folder).truth()


def test_a_chip_is_drawn_once_for_all_that_look_at_it(folder: Path) -> None:
    assert load_twin(folder).truth() is load_twin(folder).truth()


def test_a_second_twin_in_one_place_is_refused(folder: Path) -> None:
    with pytest.raises(ConflictError, match="already"):
        create_twin(folder, load_device("jakarta"), 6)
    assert load_twin(folder).seed == 5


def test_where_no_twin_is_the_command_that_makes_one_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="qdash twin create"):
        load_twin(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_every_session_has_a_number_of_its_own(folder: Path) -> None:
    twin = load_twin(folder)
    first, second = twin.open(), twin.open()
    assert repr(first) != repr(second)
    assert load_twin(folder).sessions == 2


def test_threads_never_get_the_same_session_number(folder: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        numbers = list(pool.map(lambda _: load_twin(folder).reserve_session(), range(20)))
    assert sorted(numbers) == list(range(1, 21))


@pytest.mark.slow
def test_processes_never_get_the_same_session_number(folder: Path) -> None:
    script = (
        "import sys, pathlib; from qdash_fake.twin import load_twin; twin = load_twin(pathlib.Path(sys.argv[1]));"
        "print(*(twin.reserve_session() for _ in range(20)))"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", script, str(folder)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    numbers = [number for process in running for number in process.communicate()[0].split()]
    assert sorted(map(int, numbers)) == list(range(1, 41))


def test_sessions_side_by_side_have_their_own_noise_and_never_turn_back_the_clock(folder: Path) -> None:
    """Open the twin as two processes on two multiplexers do, each measuring its own qubit."""
    sessions = [load_twin(folder).open() for _ in range(2)]
    shots = Shots(count=100)
    answers = [asked(one, {"0": Relaxation(np.array([1.0]))}, shots)["0"] for one in sessions]
    assert not np.array_equal(answers[0].iq, answers[1].iq)
    asked(sessions[0], {"1": Relaxation(np.array([1.0]))}, shots)
    ends = [one.clock.latest_s for one in sessions]
    sessions[0].close()
    third = load_twin(folder).open()
    assert third.clock.now_s("0") == ends[0], "a session begins after the end of all that have ended"
    sessions[1].close()
    assert load_twin(folder).clock_s == max(ends), "the shorter one does not turn it back"


def test_a_slow_twin_takes_its_time(tmp_path: Path) -> None:
    laboratory = create_twin(tmp_path / "slow", load_device("jakarta"), 1, {"slow": 0.05}).open()
    before = time.monotonic()
    asked(laboratory, {"0": Relaxation(np.array([1.0]))}, Shots(count=1))
    assert time.monotonic() - before >= 0.05


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"fast": 1}, "'fast' is not an option"),
        ({"slow": -1}, "slow"),
        ({"slow": "much"}, "slow"),
        ({"slow": float("nan")}, "slow"),
    ],
)
def test_impossible_options_are_refused_in_one_line(
    tmp_path: Path, options: dict[str, object], complaint: str
) -> None:
    with pytest.raises(InvalidInputError, match=complaint) as caught:
        create_twin(tmp_path / "twin", load_device("jakarta"), 1, options)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "twin").exists()


def test_an_option_may_come_as_text_from_a_command_line(tmp_path: Path) -> None:
    assert create_twin(tmp_path / "twin", load_device("jakarta"), 1, {"slow": "0.5"}).options.slow == 0.5


@each_case(
    "text",
    ["", "{", "[]", "{}", '{"table": {}, "seed": 1, "options": {}, "sessions": 0}', "\x00\x01"],
)
def test_a_broken_file_is_refused_in_one_line(folder: Path, text: str) -> None:
    (folder / "twin.json").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInputError, match="broken") as caught:
        load_twin(folder)
    assert "\n" not in str(caught.value)


@each_case(
    ("change", "named"),
    [
        ({"seed": "x"}, "seed"),
        ({"sessions": -1}, "sessions"),
        ({"sessions": 0.5}, "sessions"),
        ({"options": {"fast": 1}}, "'fast'"),
    ],
)
def test_a_file_with_impossible_values_is_refused(
    tmp_path: Path, change: dict[str, object], named: str
) -> None:
    folder = tmp_path / "twin"
    create_twin(folder, load_device("jakarta"), 1)
    path = folder / "twin.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **change}), encoding="utf-8")
    with pytest.raises(InvalidInputError, match=f"is broken: .*{named}"):
        load_twin(folder)
