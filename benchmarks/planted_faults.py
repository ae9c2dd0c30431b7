"""Mutation test: plants faults in a copy of the tree, one at a time, and reports the test that finds each.

The faults are in `planted_faults.toml`. The folder keeps the copy, with an environment of its own. A fault counts as found if a test fails with it,
also when run alone, and passes without it. `python -m benchmarks.planted_faults --folder FOLDER NAME...` plants the named faults only.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import time
import tomllib
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from benchmarks.table import Row, store_between

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).parents[1]
CATALOGUE = Path(__file__).with_suffix(".toml")
TABLE = Path(__file__).with_suffix(".md")
OWN_TEST = "tests/enforcement/test_planted_faults.py"
"""The test that detects every planted fault by design, which does not count."""
LIMIT_S = 1200.0
_PROCESSES = "-n2"


@dataclass(frozen=True, slots=True)
class Fault:
    """A mistake in one file: a text that occurs once, and its wrong replacement."""

    name: str
    subject: str
    path: Path
    """Path from the root."""
    text: str
    wrong: str

    def planted(self, source: str) -> str:
        """Return the source of the file with the fault; raise ValueError unless the right text occurs exactly
        once.
        """
        if source.count(self.text) != 1:
            raise ValueError(f"{self.name}: {self.text!r} is {source.count(self.text)} times in {self.path}")
        return source.replace(self.text, self.wrong)


def catalogue() -> dict[str, Fault]:
    """Return every fault by name."""
    found = {}
    for subject, faults in tomllib.loads(CATALOGUE.read_text(encoding="utf-8")).items():
        for name, (file, text, wrong) in faults.items():
            member, _, path = file.partition("/")
            place = Path("packages", member, "src", member.replace("-", "_"), path)
            found[name] = Fault(name, subject, place, text, wrong)
    return found


class Tree:
    """A copy of the repository with an environment of its own, in which tests run.

    Parameters
    ----------
    folder : Path
        Folder of the copy and the reports.
    """

    def __init__(self, folder: Path) -> None:
        self.path, self._folder = folder / "tree", folder
        folder.mkdir(parents=True, exist_ok=True)
        if not self.path.exists():
            _run("git", "clone", "-q", "--shared", "--no-checkout", str(ROOT), str(self.path), cwd=folder)
        _run(
            "git",
            "checkout",
            "-qf",
            "--detach",
            _run("git", "rev-parse", "HEAD", cwd=ROOT).strip(),
            cwd=self.path,
        )
        self._bring_up_to_date()
        uv = os.environ.get("UV", "uv")
        _run(uv, "sync", "-q", "--group", "dev", "--all-packages", "--all-extras", cwd=self.path)
        self._python = self.path / ".venv" / "bin" / "python"
        self._require_own_modules()

    def _bring_up_to_date(self) -> None:
        for name in _run("git", "ls-files", "-co", "-z", "--exclude-standard", cwd=ROOT).split("\0")[:-1]:
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / name).is_file():
                shutil.copy2(ROOT / name, self.path / name)
            else:
                (self.path / name).unlink(missing_ok=True)
        _run("git", "add", "-A", cwd=self.path)
        by = ("-c", "user.name=planted", "-c", "user.email=planted@localhost")
        _run("git", *by, "commit", "-q", "--allow-empty", "-m", "As it is now", cwd=self.path)

    def _require_own_modules(self) -> None:
        names = [one.name for one in self.path.glob("packages/*/src/*") if (one / "__init__.py").exists()]
        code = (
            f"import importlib as i; print(*[i.import_module(name).__file__ for name in {names}], sep='\\n')"
        )
        for file in _run(str(self._python), "-c", code, cwd=self.path).split():
            if not Path(file).is_relative_to(self.path):
                raise RuntimeError(f"{file} would be tested, which is not in {self.path}")

    @contextmanager
    def planted(self, fault: Fault) -> Iterator[None]:
        """Plant a fault for the length of a block."""
        path = self.path / fault.path
        source = path.read_text(encoding="utf-8")
        try:
            path.write_text(fault.planted(source), encoding="utf-8")
            yield
        finally:
            path.write_text(source, encoding="utf-8")

    def run(self, *arguments: str, limit_s: float = LIMIT_S) -> list[str] | None:
        """Run tests; return the failed ones, or None after a timeout."""
        report = self._folder / "report.xml"
        report.unlink(missing_ok=True)
        command = [
            self._python,
            "-m",
            "pytest",
            "-q",
            "-o",
            "junit_family=xunit1",
            f"--junitxml={report}",
            *arguments,
        ]
        with (self._folder / "output.txt").open("w") as output:
            process = subprocess.Popen(
                command, cwd=self.path, stdout=output, stderr=output, start_new_session=True
            )
            try:
                process.wait(timeout=limit_s)
            except subprocess.TimeoutExpired:
                return None
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if not report.exists():
            raise RuntimeError(f"no tests were run: see {output.name}")
        return [
            "::".join(self._name_test(case.get("classname", ""), case.get("name", "")))
            for case in ET.parse(report).iterfind(".//testcase[@name]")  # an interrupted one has no name
            if case.find("failure") is not None or case.find("error") is not None
        ]

    def _name_test(self, classes: str, name: str) -> list[str]:
        """Return module and names of a test from a report, which separates all parts by dots."""
        parts = (classes or name).split(".")  # a failed import has only a name
        for at in range(1, len(parts) + 1):
            module = Path(*parts[:at]).with_suffix(".py")
            if (self.path / module).is_file():
                return [str(module), *([*parts[at:], name] if classes else [])]
        raise RuntimeError(f"no module of tests has {classes}.{name}")


def _run(*command: str, cwd: Path) -> str:
    return subprocess.run(command, cwd=cwd, check=True, stdout=subprocess.PIPE, text=True).stdout


@dataclass(frozen=True, slots=True)
class Finding:
    """The test that found a fault, empty if none did, and how long that took."""

    test: str
    seconds: float


def search(tree: Tree, fault: Fault, first: str) -> Finding:
    """Return the test that finds a fault: first among those of a module, if it is not empty, then among all quick tests."""
    begun, left_out = time.monotonic(), [OWN_TEST]
    for modules in ([first], [_PROCESSES]) if first else ([_PROCESSES],):
        while time.monotonic() - begun < LIMIT_S:
            with tree.planted(fault):
                failed = tree.run("-x", *modules, *(f"--deselect={one}" for one in left_out))
            if not failed:
                break
            with tree.planted(fault):
                fails_alone = tree.run(failed[0])
            if fails_alone and tree.run(failed[0]) == []:
                return Finding(failed[0], time.monotonic() - begun)
            left_out.append(failed[0])
    return Finding("", time.monotonic() - begun)


def table(faults: Sequence[Fault], found: Mapping[str, Finding]) -> str:
    """Return a row for each fault, with the test that finds it."""
    lines = ["| fault | subject | found by | s |", "|---|---|---|---|"]
    for fault in faults:
        by = found[fault.name]
        test = f"`{by.test}`".replace("|", "\\|") if by.test else "**nothing**"
        lines.append(f"| {fault.name} | {fault.subject} | {test} | {by.seconds:.0f} |")
    n_found = sum(bool(one.test) for one in found.values())
    return "\n".join([f"{n_found} of {len(faults)} faults were found.", "", *lines, ""])


def plant(folder: Path, names: Sequence[str]) -> dict[str, Finding]:
    """Plant faults, and return what found each; the module that found it in the stored table is tried first."""
    tree, modules = Tree(folder), read_finding_modules(TABLE.read_text("utf-8"))
    found = {}
    for name in names:
        found[name] = search(tree, catalogue()[name], modules.get(name, ""))
        print(f"{name}: {found[name]}", flush=True)
    return found


def rows(folder: Path, *, quick: bool) -> Iterator[Row]:
    """Plant all faults, and store the table."""
    faults = catalogue()
    found = plant(folder, list(faults)[: 1 if quick else None])
    if not quick:
        store_between(TABLE.name, "planted faults", table(list(faults.values()), found))
    lost = sum(not one.test for one in found.values())
    yield Row.of(f"planted faults that no quick test finds, of {len(found)}", "faults", [lost])
    yield Row.of("time until a planted fault is found", "s", [one.seconds for one in found.values()])


def read_finding_modules(text: str) -> dict[str, str]:
    """Return the module of tests that found each fault, from a table."""
    return dict(re.findall(r"^\| (\S+) \| .* \| `([^`:]+\.py)::", text, re.MULTILINE))


def main() -> None:
    """Plant the named faults."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.planted_faults", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="of the copy, which is kept")
    parser.add_argument("names", nargs="+", choices=catalogue(), metavar="NAME")
    given = parser.parse_args()
    plant(given.folder.resolve(), given.names)


if __name__ == "__main__":
    main()
