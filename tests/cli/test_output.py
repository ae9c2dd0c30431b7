"""Output for people: tables in a pipe, short values, counts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from qdash_cli.rendering.output import print_message, print_table, require_output_file, write_file
from qdash_core import InvalidInputError
from qdash_core.models.quantities import format_quantity

if TYPE_CHECKING:
    from pathlib import Path


def test_in_a_pipe_a_table_begins_at_once_and_its_lines_end_with_their_text(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)

    print_table(("name", "why"), [("a", "a word " * 60), ("bc", "")], fold=("why",))

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "name  why"
    assert len(lines) == 4
    assert all(line == line.rstrip() for line in lines)


def test_columns_says_how_wide_a_table_may_be(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "50")

    print_table(("name", "why"), [("a", "a word " * 60)], fold=("why",))

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 3
    assert max(map(len, lines)) <= 50


@pytest.mark.parametrize(
    ("value", "error", "said"),
    [
        (5.23657291, 1.9e-7, "5.23657291(19) GHz"),
        (81.5, 1.3, "81.5(13) GHz"),
        (132.2, 2.1, "132(2) GHz"),
        (0.0782461, None, "0.0782461 GHz"),
        (-45.2, 1e-300, "\N{MINUS SIGN}45.2 ± 1e\N{MINUS SIGN}300 GHz"),
        (45.2, 1e300, "45.2 ± 1e+300 GHz"),
        (1e300, 1.0, "1e+300 ± 1 GHz"),
    ],
)
def test_the_error_is_of_the_last_digits(value: float, error: float | None, said: str) -> None:
    assert format_quantity(value, error, "GHz") == said


def test_stored_text_does_not_command_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("reason",), [("red \x1b[31m and \x1b]0;title\x07",)])
    print_message("clear \x1b[2J\r, \x9b2J")
    out = capsys.readouterr().out
    assert not {char for char in out if not char.isprintable() and char not in "\n\N{REPLACEMENT CHARACTER}"}
    assert "clear \N{REPLACEMENT CHARACTER}[2J" in out


def test_a_pipe_or_a_device_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    (tmp_path / "link").symlink_to("/dev/null")
    for path in (pipe, tmp_path / "link"):
        with pytest.raises(InvalidInputError, match="is no regular file: name another file"):
            require_output_file(path, force=True)
        with pytest.raises(InvalidInputError, match="is no regular file"):
            write_file(path, "text")
    assert pipe.is_fifo()
    assert (tmp_path / "link").is_symlink()


def test_the_target_of_a_link_is_written(tmp_path: Path) -> None:
    link, target = tmp_path / "link", tmp_path / "target"
    link.symlink_to(target)
    with pytest.raises(InvalidInputError, match="link is there already: overwrite with --force"):
        require_output_file(link, force=False)
    for text in ("new", "newer"):
        require_output_file(link, force=True)
        write_file(link, text)
        assert link.is_symlink()
        assert target.read_text() == text


def test_names_of_files_are_as_long_as_the_file_system_allows(tmp_path: Path) -> None:
    path = tmp_path / ("r" * 250 + ".html")
    require_output_file(path, force=False)
    write_file(path, "text")
    assert path.read_text() == "text"
    assert [*tmp_path.iterdir()] == [path]


def test_a_path_that_cannot_be_looked_up_is_refused_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    for path in (tmp_path / ("r" * 300), tmp_path / ("r" * 300) / "report.html", tmp_path / "loop"):
        with pytest.raises(InvalidInputError, match=r"cannot be (written|opened): "):
            require_output_file(path, force=True)
