"""Equivalence of fresh processes and prepared ones, on which other tests rely."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .command_line import CommandLine


@pytest.mark.parametrize(
    "command",
    [
        ("metrics", "bench", "--json"),
        pytest.param(("calibrate", "bench", "--flow", "check", "--qids", "5"), marks=pytest.mark.slow),
        *(
            pytest.param(command, marks=pytest.mark.release)
            for command in (
                (),
                ("--help",),
                ("calibrate", "--help"),
                ("twin", "create", "--help"),
                ("task", "list", "--json"),
                ("plugins", "list"),
                ("calibrate", "bench", "--flow", "check", "--dry-run", "--json"),
            )
        ),
    ],
)
def test_a_prepared_process_is_like_any_other(calibrated: CommandLine, command: tuple[str, ...]) -> None:
    assert calibrated.run_in_new_process(*command) == calibrated(*command)


@pytest.mark.slow
def test_a_prepared_process_tells_the_same_truth(qdash: CommandLine) -> None:
    qdash.does("twin", "create", "few", "--device", "linear-2")
    truth = ("twin", "truth", "few")
    qdash.does(*truth)  # reports progress the first time; afterwards the best gates are cached
    assert qdash.run_in_new_process(*truth) == qdash(*truth)
