"""A command that begins with nothing does the same as one that was prepared; other tests rely on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .command_line import CommandLine


@pytest.mark.parametrize(
    "command",
    [
        ("metrics", "bench", "--json"),
        ("calibrate", "bench", "--flow", "check", "--qids", "5"),
        *(
            pytest.param(command, marks=pytest.mark.slow)
            for command in (
                (),
                ("--help",),
                ("calibrate", "--help"),
                ("twin", "create", "--help"),
                ("task", "list", "--json"),
                ("plugins", "list"),
                ("twin", "truth", "bench"),
                ("calibrate", "bench", "--flow", "check", "--dry-run", "--json"),
            )
        ),
    ],
)
def test_a_prepared_process_is_like_any_other(calibrated: CommandLine, command: tuple[str, ...]) -> None:
    if command[:2] == ("twin", "truth"):
        calibrated(*command)  # tells of its progress the first time; the best gates are kept then
    assert calibrated.anew(*command) == calibrated(*command)
