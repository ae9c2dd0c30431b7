"""The page and the Markdown of a report: one file, no outside address, every text of users as text."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import TARGETS
from qdash_builtin.exchange.feature import RELEASES
from qdash_builtin.reports.feature import REPORTS
from qdash_builtin.reports.report_formats import ReportFormat, render_report
from qdash_core import Parameter, RawData, TaskOutput
from qdash_core.models.chip import TargetStatus
from qdash_core.tasks.run_parameters import RunParameter

from ...access import ADMIN
from ...core.bench import CHIP, Bench, make_task

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.importorskip("qdash_pictures")  # the tests of the core run without it

ATTACK = "</script></noscript><img src=//evil.example onerror=alert(1)>[x](javascript:alert(1))|\"'`"
VALUES = {"t1": Parameter(80.0, 1.0, "us")}


def fail(_task: object, _raw: RawData) -> TaskOutput:
    raise ValueError(ATTACK)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A chip with values, a failure, and an attack in every text that users write."""
    drawn = {"data": [{"mode": "lines", "name": ATTACK, "y": [0, 1]}], "layout": {"title": ATTACK}}
    tasks = (
        make_task("T1", VALUES, parameters={"label": RunParameter(value=ATTACK, value_type="str")}),
        make_task("Broken", {"rabi_frequency": Parameter(1.0, None, "MHz")}, analyse=fail),
        make_task("Drawn", {"t2_echo": Parameter(1.0, None, "us")}, figure=classmethod(lambda *_: drawn)),
    )
    made = Bench.open(tmp_path_factory.mktemp("home"), "memory://", *tasks)
    for qid in ("0", "1"):
        made.run("T1", qid, tags=["a"])
    made.run("Broken", "2")
    gone = made.run("Drawn", "0")
    made.run("Drawn", "1")
    (made.qdash.settings.home / "artifacts" / gone.raw_data_path[0]).unlink()
    made.qdash.get(TARGETS).set_aside(ADMIN, CHIP, "4", TargetStatus.DEAD, ATTACK)
    made.qdash.get(RELEASES).create(ADMIN, CHIP, "friday", note=ATTACK)
    yield made
    made.qdash.close()


def render(bench: Bench, text: str = CHIP, name: ReportFormat = ReportFormat.HTML) -> str:
    subject = bench.qdash.get(REPORTS).resolve(ADMIN, text)
    made = bench.qdash.get(REPORTS).make(ADMIN, subject, with_figures=name is ReportFormat.HTML)
    return b"".join(render_report(made, name)).decode()


class Page(HTMLParser):
    """Elements and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("subject", [CHIP, "last", "release:friday"])
def test_the_page_asks_for_nothing_outside_and_runs_only_its_own_script(bench: Bench, subject: str) -> None:
    text = render(bench, subject)
    page = Page(text)
    addresses = [
        value for name, value in page.attributes if name in ("href", "src", "action", "data", "srcset")
    ]
    assert all(value.startswith("#") for value in addresses)
    assert not re.search(r"url\(|@import", text)
    assert page.tags.count("script") == page.tags.count("style") == 1
    assert not {"img", "iframe", "object", "embed", "link", "base"} & {*page.tags}
    assert not [name for name, _ in page.attributes if name.startswith("on") or name == "style"]
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_texts_of_users_stay_texts_in_both_formats(bench: Bench) -> None:
    for subject in (CHIP, "release:friday"):
        page = Page(render(bench, subject))
        assert ATTACK in page.text
    text = render(bench, name=ReportFormat.MARKDOWN)
    assert "<img" not in text
    assert not re.search(r"(?<!\\)\[x", text)
    assert all(line.endswith(" |") or not line.startswith("| ") for line in text.splitlines())


def test_the_page_has_every_part(bench: Bench) -> None:
    text = render(bench)
    for part in ("summary", "yield", "maps", "distributions", "failures", "changes", "figures", "measured"):
        assert f'<section id="{part}">' in text
    assert text.count('<svg class="map"') == 2
    assert 'class="g t0"' in text
    assert "the raw data no longer exist" in text
    assert "2 of 5" in text


def test_figures_are_in_the_layout_of_the_chip(bench: Bench) -> None:
    text = render(bench)
    assert ".t3{grid-area:1/4}" in text
    assert 'class="tiles layout"' in text


def test_markdown_has_the_tables_without_figures(bench: Bench) -> None:
    text = render(bench, name=ReportFormat.MARKDOWN)
    assert text.startswith(f"# Chip {CHIP}\n")
    assert "| T1 | 2 of 5 |" in text
    assert "| 4 | dead |" in text
    assert "svg" not in text
    tables = re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE)
    cells = re.compile(r"(?<!\\)\|")
    assert all(len({len(cells.findall(line)) for line in table.splitlines()}) == 1 for table in tables)


def test_an_empty_chip_has_a_page(bench: Bench) -> None:
    bench.add_chip("empty")
    text = render(bench, "empty")
    assert "There are no values." in text
    assert "There are no results with figures." in text
