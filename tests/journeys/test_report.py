"""Command `qdash report` on a calibrated chip."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .command_line import CommandLine


def test_a_report_is_one_page_with_the_figures_of_the_chip(bench: CommandLine) -> None:
    file = bench.folder / "bench.html"

    told = bench.read_json("report", "bench", "-o", file)

    text = file.read_text("utf-8")
    assert told["file"] == str(file)
    assert told["bytes"] == len(text.encode())
    figures = text.partition('<section id="figures">')[2].partition("</section>")[0]
    assert told["figures"] == figures.count('viewBox="0 0 900 600"')
    assert told["figures"] > 20
    assert "CheckT1" in text
    assert 'title="0 CheckRabi: accepted' in text


def test_the_suffix_chooses_markdown_and_a_file_is_not_overwritten(bench: CommandLine) -> None:
    file = bench.folder / "last.md"

    said = bench.does("report", "last", "-o", file)

    assert said.startswith("Execution ")
    assert file.read_text("utf-8").startswith("# Execution ")
    assert "is there already: overwrite with --force" in bench.run_refused("report", "last", "-o", file)
    bench.does("report", "bench", "-o", file, "--force", "--format", "html")
    assert file.read_text("utf-8").startswith("<!doctype html>")


def test_an_unknown_subject_is_refused_in_one_line(bench: CommandLine) -> None:
    line = bench.run_refused("report", "bensh", "-o", "r.html")

    assert "neither a chip nor an execution 'bensh'" in line
    assert "did you mean 'bench'?" in line
    assert not (bench.folder / "r.html").exists()
