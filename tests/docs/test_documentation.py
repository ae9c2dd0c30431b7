"""Completeness of the documentation: hooks, settings, commands, options, dependencies, and valid links."""

from __future__ import annotations

import re
import runpy
import tomllib
from functools import cache
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import click
import pytest

from docs import (
    make_commands,
    make_evidence,
    make_hooks,
    make_pictures,
    make_settings,
    make_strategies,
    make_twin_faults,
)
from docs.svg_figures import svg_of
from qdash_builtin.task_pages.feature_names import REASONS, RECORD_FEATURES, RESULT_PREFIXES
from qdash_core.hooks.manager import HOOKS
from qdash_core.settings import list_settings
from qdash_fake.fault_kinds import FAULT_KINDS

from .pages import PAGES, ROOT, blocks_of, name_of

if TYPE_CHECKING:
    from pathlib import Path

PYPROJECTS = [ROOT / "pyproject.toml", *sorted((ROOT / "packages").glob("*/pyproject.toml"))]


@cache
def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def all_text() -> str:
    return "\n".join(page.read_text(encoding="utf-8") for page in PAGES)


def test_a_hook_is_documented_with_its_exact_signature() -> None:
    page = make_hooks.make_page()
    wanted = [f"## {hook}\n\n    {make_hooks.signature(hook)}\n" for hook in HOOKS]
    assert [one for one in wanted if one not in page] == []


def test_every_kind_of_timed_faults_has_its_row() -> None:
    page = make_twin_faults.make_page()
    assert [kind.name for kind in FAULT_KINDS.values() if f"| `{kind.name}={kind.form}`" not in page] == []


def test_hooks_that_nothing_calls_are_those_that_the_page_says() -> None:
    """The users of such a hook take it from the list in `docs/make_hooks.py`."""
    methods = {
        "qdash_notifiers": ".notifiers(",
        "qdash_pictures": ".pictures(",
        "qdash_api_routers": ".routers(",
        "qdash_dashboard_pages": ".pages(",
        "qdash_dashboard_sections": ".sections(",
    }
    sources = [path.read_text() for path in (ROOT / "packages").glob("*/src/**/*.py")]
    uncalled = {hook for hook, method in methods.items() if not any(method in source for source in sources)}
    assert make_hooks.NOT_CALLED_YET.keys() == uncalled


def test_a_setting_has_its_row_with_its_default_and_meaning() -> None:
    rows = re.findall(r"^\| `QDASH_(\w+)` \| (.*?) \| (.+) \|$", make_settings.make_page(), re.MULTILINE)
    assert [name.lower() for name, _, _ in rows] == list(list_settings())
    shown = {name.lower(): default for name, default, _ in rows}
    defaults = {name: field.default for name, field in list_settings().items()}
    wanted = {
        name: f"`{default}`" if isinstance(default, str) else f"`{default:g}`"
        for name, default in defaults.items()
        if isinstance(default, (str, float))
    }
    assert {name: shown[name] for name in wanted} == wanted


def test_every_variable_of_the_environment_is_documented() -> None:
    sources = "\n".join(path.read_text() for path in (ROOT / "packages").glob("*/src/**/*.py"))
    read = set(re.findall(r"""environ(?:\.get\(|\[)["'](QDASH_\w+)""", sources))
    assert read
    pages = "".join(map(text_of, ("docs/operator.md", "docs/assistant.md", "docs/features/home.md")))
    assert {name for name in read if f"`{name}" not in pages} == set()


def test_every_command_and_option_is_described() -> None:
    page = make_commands.make_page()
    assert "## qdash store import-qdash\n" in page, "a plugin's command in a group of the core"
    sections = dict(re.findall(r"^##+ (qdash .*?)\n(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL))
    missing = set()
    for name, command in make_commands.commands():
        if not (command.help or command.short_help):
            missing.add(name)
        for one in command.params:
            if isinstance(one, click.Option) and not one.hidden and not one.help:
                missing.add(f"{name} {one.opts[0]}")
            elif isinstance(one, click.Option) and not one.hidden and one.opts[-1] not in sections[name]:
                missing.add(f"{name} {one.opts[-1]}")
    assert missing == set()


def test_no_command_is_mentioned_that_does_not_exist() -> None:
    known = {name.split()[1] for name, _ in make_commands.commands()} | {"COMMAND", "NAME"}
    of_plugins = {
        "cold-heads",
        "fridge",
        "fridge-reading",
        "my-fridge",
        "sample",
        "wafer-record",
    }
    mentioned = set(re.findall(r"(?:^|`|&& |run )qdash ([a-zA-Z][\w-]*)", all_text(), re.MULTILINE))
    assert mentioned - known - of_plugins == set()


def test_no_message_names_a_command_that_does_not_exist() -> None:
    known = {name.removeprefix("qdash ") for name, _ in make_commands.commands()}
    groups = {name.split()[0] for name in known if " " in name}
    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "packages").glob("*/src/**/*.py"))
    mentioned = set(re.findall(r"`qdash ([a-z][\w-]*)(?: ([a-z][a-z-]*)(?=[ `]))?", sources))
    assert ("store", "backup") in mentioned
    named = {f"{one} {below}" if one in groups and below else one for one, below in mentioned}
    assert named - known == {"cold", "cryo", "sample"}, "examples of plugins"


def test_the_tutorial_shows_the_bench_as_it_is() -> None:
    example = ROOT / "examples/my-bench"
    kept = {
        path.relative_to(example).as_posix(): path.read_text(encoding="utf-8")
        for path in (
            *(example / "pyproject.toml", example / "tests/test_contracts.py"),
            *example.glob("src/**/*.py"),
        )
    }
    blocks = blocks_of(ROOT / "docs/tutorials/plugin-author.md")
    assert {block.detail: block.text for block in blocks if block.kind == "file"} == kept


def test_the_bench_is_under_a_hundred_lines() -> None:
    """This counts laboratory, backend and plugin, without blank lines and the stand-in for the vendor's library."""
    sources = (ROOT / "examples/my-bench/src").glob("**/*.py")
    counted = {
        path.name: sum(bool(line) for line in path.read_text().splitlines())
        for path in sources
        if path.name != "box.py"
    }
    assert counted.keys() == {"__init__.py", "bench.py"}
    assert sum(counted.values()) < 100


def test_every_dependency_has_its_paragraph() -> None:
    missing = [
        f"{name_of(path)}: {name}"
        for path in PYPROJECTS
        for name in dependencies_of(path)
        if not re.search(rf"\*\*{re.escape(name)}\*\*", text_of("docs/decisions.md"), re.IGNORECASE)
    ]
    assert missing == []


def dependencies_of(path: Path) -> list[str]:
    document = tomllib.loads(path.read_text())
    project = document["project"]
    wanted = [
        *project["dependencies"],
        *document["build-system"]["requires"],
        *(one for group in project.get("optional-dependencies", {}).values() for one in group),
        *(one for group in document.get("dependency-groups", {}).values() for one in group),
    ]
    return [re.split(r"[\s\[<>=!~;]", requirement)[0] for requirement in wanted]


def test_every_member_has_its_row() -> None:
    for path in PYPROJECTS[1:]:
        assert f"| [packages/{path.parent.name}](packages/{path.parent.name}) |" in text_of("README.md")


def test_what_is_written_by_hand_stays_short() -> None:
    pages = [page for page in PAGES if name_of(page).startswith(("docs/", "README", "ARCHITECTURE"))]
    words = {name_of(page): len(page.read_text(encoding="utf-8").split()) for page in pages}
    assert sum(words.values()) <= 90_000
    assert words.pop("docs/decisions.md") <= 8_000
    assert {page: count for page, count in words.items() if count > 2_500} == {}


def test_a_cell_of_a_table_is_read_at_a_glance() -> None:
    rows = [
        (name_of(page), line)
        for page in PAGES
        for line in page.read_text(encoding="utf-8").splitlines()
        if line.startswith("|")
    ]
    cells = [(page, cell) for page, row in rows for cell in re.split(r"(?<!\\)\|", row)]
    assert [(page, cell) for page, cell in cells if len(cell.split()) > 40] == []


def test_every_feature_has_its_page() -> None:
    folder = ROOT / "packages/qdash-builtin/src/qdash_builtin"
    features = {path.parent.name for path in folder.glob("*/feature.py")}
    features.add("notebooks")  # which has names for Python alone
    assert {page.stem for page in (ROOT / "docs/features").glob("*.md")} == features | {"README"}
    listed = re.findall(r"^\| \[.+?\]\((\w+)\.md\) \|", text_of("docs/features/README.md"), re.MULTILINE)
    assert listed == sorted(features)


def test_the_two_commands_of_the_readme_are_what_is_run_elsewhere() -> None:
    readme = text_of("README.md")
    quick, slow = re.findall(r"^uv run .*$", text_of(".ci/run"), re.MULTILINE)
    assert slow == f"{quick} -m slow"
    assert "```bash\n.ci/run quick\n```" in readme
    assert f"```bash\n{quick}\n```" in text_of("docs/contributor.md")
    assert f"```bash\n{slow}\n```" in text_of("docs/contributor.md")
    assert "```bash\npip install uv && uv run qdash demo\n```" in readme
    assert (ROOT / ".ci/run").stat().st_mode & 0o111


@pytest.mark.release
def test_the_small_pictures_are_drawn_by_their_script(tmp_path: Path) -> None:
    tmp_path.joinpath("t1.svg").write_text(svg_of(make_pictures.t1_figure()))
    tmp_path.joinpath("bench-rabi.svg").write_text(svg_of(make_pictures.bench_figure()))
    tmp_path.joinpath("demo.svg").write_text(
        make_pictures.demo_picture("qdash demo", "Twin of", str(tmp_path))
    )
    for picture in tmp_path.glob("*.svg"):
        assert elements_of(picture) == elements_of(ROOT / "docs/images" / picture.name)


@pytest.mark.release
def test_the_picture_of_strategies_is_drawn_by_its_script(tmp_path: Path) -> None:
    picture = tmp_path / "strategies.svg"
    make_strategies.main(picture)
    assert elements_of(picture) == elements_of(ROOT / "docs/images/strategies.svg")
    names = [
        strategy for strategy in make_strategies.STRATEGIES if f"{strategy}: " in picture.read_text("utf-8")
    ]
    assert names == list(make_strategies.STRATEGIES)


def elements_of(picture: Path) -> set[str]:
    return {element.tag for element in ET.parse(picture).getroot().iter()}


def test_the_first_flow_runs_on_a_twin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from qdash_cli.main import run

    monkeypatch.setenv("QDASH_HOME", str(tmp_path))
    assert run(["twin", "create", "64Qv3", "--device", "brooklyn"]) == 0
    runpy.run_path(str(ROOT / "examples/first_flow.py"), run_name="__main__")
    printed = capsys.readouterr().out
    assert printed.count(": completed\n") == 3
    assert re.search(r"^\d{8}-\d{3} completed$", printed, re.MULTILINE)


def test_every_feature_of_results_is_documented() -> None:
    page = make_evidence.make_page()
    for name, meaning in RECORD_FEATURES.items():
        assert f"| `{name}` | {meaning} |" in page
    for prefix, meaning in RESULT_PREFIXES.items():
        assert re.search(rf"\| `{prefix}\.[A-Z]+` \| {re.escape(meaning)} \|", page), prefix
    for reason, meaning in REASONS.items():
        assert f"| `{reason}` | {meaning} |" in page
