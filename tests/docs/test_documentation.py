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

from qdash_core.cli.app import app
from qdash_core.hooks.manager import HOOKS
from qdash_core.settings import Settings
from qdash_core.tasks.feature_names import REASONS, RECORD_FEATURES, RESULT_PREFIXES

from .pages import PAGES, ROOT, blocks_of, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PYPROJECTS = [ROOT / "pyproject.toml", *sorted((ROOT / "packages").glob("*/pyproject.toml"))]


@cache
def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def all_text() -> str:
    return "\n".join(page.read_text(encoding="utf-8") for page in PAGES)


def make_hooks() -> dict[str, object]:
    return runpy.run_path(str(ROOT / "docs/make_hooks.py"))


def test_the_page_of_hooks_is_as_the_specifications_are() -> None:
    page = make_hooks()["page"]
    assert callable(page)
    assert text_of("docs/hooks.md") == page(), "run: uv run docs/make_hooks.py"


def test_the_page_of_timed_faults_is_as_their_kinds_are() -> None:
    page = runpy.run_path(str(ROOT / "docs/make_twin_faults.py"))["page"]
    assert text_of("docs/twin-faults.md") == page(), "run: uv run docs/make_twin_faults.py"


def test_a_hook_is_documented_with_its_exact_signature() -> None:
    signature = make_hooks()["signature"]
    assert callable(signature)
    wanted = [f"## {hook}\n\n    {signature(hook)}\n" for hook in HOOKS]
    assert [one for one in wanted if one not in text_of("docs/hooks.md")] == []


def test_hooks_that_nothing_calls_are_those_that_the_page_says() -> None:
    """The users of such a hook take it from the list in `docs/make_hooks.py`."""
    methods = {
        "qdash_notifiers": ".notifiers(",
        "qdash_pictures": ".pictures(",
        "qdash_api_routers": ".routers(",
        "qdash_dashboard_pages": ".pages(",
    }
    sources = [path.read_text() for path in (ROOT / "packages").glob("*/src/**/*.py")]
    uncalled = {hook for hook, method in methods.items() if not any(method in source for source in sources)}
    assert make_hooks()["NOT_CALLED_YET"].keys() == uncalled  # type: ignore[attr-defined]


def test_a_setting_has_its_row_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `QDASH_(\w+)` \| (.*?) \|", text_of("docs/operator.md"), re.MULTILINE))
    missing = [name for name in Settings.model_fields if name.upper() not in rows]
    assert missing == []
    defaults = {name: field.default for name, field in Settings.model_fields.items()}
    wanted = {
        name: f"`{default}`" if isinstance(default, str) else f"`{default:g}`"
        for name, default in defaults.items()
        if isinstance(default, (str, float))
    }
    assert {name: rows[name.upper()] for name in wanted} == wanted


def test_every_variable_of_the_environment_is_documented() -> None:
    sources = "\n".join(path.read_text() for path in (ROOT / "packages").glob("*/src/**/*.py"))
    read = set(re.findall(r"""environ(?:\.get\(|\[)["'](QDASH_\w+)""", sources))
    assert read
    assert {name for name in read if f"`{name}" not in text_of("docs/operator.md")} == set()


def commands() -> Iterator[tuple[str, click.Command]]:
    def below(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
        if not isinstance(command, click.Group):
            yield name, command
            return
        context = click.Context(command)
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            assert found is not None
            if is_ours(found):
                yield from below(f"{name} {child}", found)

    yield from below("qdash", app)


def is_ours(command: click.Command) -> bool:
    """Return whether a command belongs to the workspace: installed plugins document their own."""
    return command.callback is not None and command.callback.__module__.startswith("qdash_")


def test_every_command_is_mentioned() -> None:
    mentioned = {
        " ".join(words[:number])
        for words in map(str.split, re.findall(r"\bqdash(?: [\w-]+){1,3}", all_text()))
        for number in range(2, len(words) + 1)
    }
    assert [name for name, _ in commands() if name not in mentioned] == []


def test_every_option_is_mentioned() -> None:
    words = set(re.findall(r"[\w-]+", all_text()))
    missing = {
        f"{name} {option}"
        for name, command in commands()
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
        if option not in words
    }
    assert missing == set()


def test_no_command_is_mentioned_that_does_not_exist() -> None:
    known = {name.split()[1] for name, _ in commands()} | {"COMMAND"}
    of_plugins = {"bench-temperature", "bench-service", "fridge-reading"}
    mentioned = set(re.findall(r"(?:^|`|&& |run )qdash ([a-zA-Z][\w-]*)", all_text(), re.MULTILINE))
    assert mentioned - known - of_plugins == set()


def test_every_link_leads_somewhere() -> None:
    wrong = [
        f"{name_of(page)}:{number}: {target}"
        for page in PAGES
        for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1)
        for target in re.findall(r"\]\(([^)\s]+)\)", line)
        if not target.startswith(("https://", "result:")) and not leads_somewhere(page, target)
    ]
    assert wrong == []


def leads_somewhere(page: Path, target: str) -> bool:
    path, _, heading = target.partition("#")
    linked = page.parent / path if path else page
    return linked.exists() and (not heading or heading in anchors_of(linked))


@cache
def anchors_of(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_page_of_laboratories_shows_the_bench_as_it_is() -> None:
    example = ROOT / "examples/my-bench"
    kept = {
        path.relative_to(example).as_posix(): path.read_text(encoding="utf-8")
        for path in (example / "pyproject.toml", *example.glob("src/**/*.py"), *example.glob("tests/*.py"))
    }
    blocks = blocks_of(ROOT / "docs/plugin-author.md")
    shown = {block.detail: block.text for block in blocks if block.kind == "file" and block.detail in kept}
    assert shown == kept


def test_the_bench_is_under_a_hundred_lines() -> None:
    """This counts laboratory, backend and plugin, without the stand-in for the vendor's library."""
    sources = (ROOT / "examples/my-bench/src").glob("**/*.py")
    counted = {path.name: len(path.read_text().splitlines()) for path in sources if path.name != "box.py"}
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


def test_every_page_is_listed_in_the_readme() -> None:
    pages = {page.name for page in (ROOT / "docs").glob("*.md")}
    assert {page for page in pages if f"](docs/{page})" not in text_of("README.md")} == set()


def test_the_two_commands_of_the_readme_are_what_is_run_elsewhere() -> None:
    readme, (quick, slow) = text_of("README.md"), text_of(".ci/run").rstrip().splitlines()[-2:]
    assert slow == f"{quick} -m slow"
    assert f"```bash\n{quick}\n```" in readme
    assert f"```bash\n{quick}\n```" in text_of("docs/contributor.md")
    assert f"```bash\n{slow}\n```" in text_of("docs/contributor.md")
    assert "```bash\npip install uv && uv run qdash demo\n```" in readme
    assert (ROOT / ".ci/run").stat().st_mode & 0o111


@pytest.mark.release
def test_the_small_pictures_are_drawn_by_their_script(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(ROOT / "docs")
    make = runpy.run_path(str(ROOT / "docs/make_pictures.py"))
    tmp_path.joinpath("t1.svg").write_text(make["svg_of"](make["t1_figure"]()))
    tmp_path.joinpath("demo.svg").write_text(make["demo_picture"]("qdash demo", "Twin of", str(tmp_path)))
    for picture in tmp_path.glob("*.svg"):
        assert elements_of(picture) == elements_of(ROOT / "docs/images" / picture.name)


@pytest.mark.release
def test_the_picture_of_strategies_is_drawn_by_its_script(tmp_path: Path) -> None:
    make = runpy.run_path(str(ROOT / "docs/make_strategies.py"))
    picture = tmp_path / "strategies.svg"
    make["main"](picture)
    assert elements_of(picture) == elements_of(ROOT / "docs/images/strategies.svg")
    names = [strategy for strategy in make["STRATEGIES"] if f"{strategy}: " in picture.read_text("utf-8")]
    assert names == list(make["STRATEGIES"])


def elements_of(picture: Path) -> set[str]:
    return {element.tag for element in ET.parse(picture).getroot().iter()}


def test_the_first_flow_runs_on_a_twin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from qdash_core.cli.main import run

    monkeypatch.setenv("QDASH_HOME", str(tmp_path))
    assert run(["twin", "create", "64Qv3", "--device", "brooklyn"]) == 0
    runpy.run_path(str(ROOT / "examples/first_flow.py"), run_name="__main__")
    printed = capsys.readouterr().out
    assert printed.count(": completed\n") == 3
    assert re.search(r"^\d{8}-\d{3} completed$", printed, re.MULTILINE)


def test_every_feature_of_results_is_documented() -> None:
    page = text_of("docs/plugin-hooks.md")
    for name, meaning in RECORD_FEATURES.items():
        assert f"| `{name}` | {meaning} |" in page
    for prefix, meaning in RESULT_PREFIXES.items():
        assert re.search(rf"\| `{prefix}\.[A-Z]+` \| {re.escape(meaning)} \|", page), prefix
    for reason, meaning in REASONS.items():
        assert f"`{reason}` ({meaning})" in page
