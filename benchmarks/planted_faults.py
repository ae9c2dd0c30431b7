"""Mutation test: plants faults in a copy of the tree, one at a time, and reports the test that finds each.

Run from the root: ``python -m benchmarks.planted_faults --folder FOLDER --probe``, then ``--plant``, then
``--table``. The faults are in `planted_faults.toml`. The folder keeps the copy, with an environment of its
own, and the results: `--plant` continues after an interruption. A fault counts as found if a test fails with
it, also when run alone, and passes without it.

`--probe` replaces coverage: each statement with a fault reports the test that reaches it, also in processes
started by tests. These report the test module that started them, so a process shared by several modules
counts for the first one only.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import random
import re
import shutil
import signal
import subprocess
import time
import tomllib
from collections import defaultdict
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).parents[1]
CATALOGUE = Path(__file__).with_suffix(".toml")
TABLE = Path(__file__).with_suffix(".md")
OWN_TEST = Path("tests", "enforcement", "test_planted_faults.py")
"""The test that detects every planted fault by design, which does not count."""

_TOGETHER_S = (15.0, 60.0, float("inf"))
"""Cumulative durations that bound each batch of test modules, in s, the fastest first: few tests find most
faults.
"""
_WORTH_PROCESSES_S = 15.0
_RECORDER = """
import builtins, os

_seen = set()


def _reached(name):
    module = os.environ.get("PYTEST_CURRENT_TEST", "").partition("::")[0]
    if (name, module) not in _seen:
        _seen.add((name, module))
        try:
            with open({place!r}, "a") as file:
                file.write(f"{{name}} {{module}}\\n")
        except OSError:
            pass  # a test has filled the disk


builtins.reached_fault = _reached
"""


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


def probed(source: str, faults: Sequence[Fault]) -> str:
    """Return the source of a file in which the statement of each fault reports that it is reached, before it
    is executed.
    """
    lines = source.splitlines(keepends=True)
    for line, column, name in sorted(
        [(*_statement(source, fault), fault.name) for fault in faults], reverse=True
    ):
        call = f"getattr(__import__('builtins'), 'reached_fault', repr)({name!r})"
        lines.insert(line - 1, f"{' ' * column}{call}\n")
    return "".join(lines)


def _statement(source: str, fault: Fault) -> tuple[int, int]:
    """Return line and column of the innermost statement of a function that contains the start of a fault.

    An `elif` counts as its `if`, and the head of a function as its first statement. Raises ValueError for
    code that runs at import.
    """
    at = source.index(fault.text) + len(fault.text) - len(fault.text.lstrip())
    line, lines = source.count("\n", 0, at) + 1, source.splitlines()
    around = [
        one
        for one in ast.walk(ast.parse(source))  # the outer ones first
        if isinstance(one, ast.stmt) and one.lineno <= line <= (one.end_lineno or 0)
    ]
    while lines[around[-1].lineno - 1].lstrip().startswith("elif "):
        around.pop()
    found = around[-1]
    if isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef):
        found = found.body[ast.get_docstring(found) is not None]
    elif not any(isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) for one in around):
        raise ValueError(f"{fault.name} is outside a function: all that imports {fault.path} would reach it")
    return found.lineno, found.col_offset


class Tree:
    """A copy of the repository with an environment of its own, in which tests run.

    Parameters
    ----------
    folder : Path
        Folder of the copy and the results.
    revision : str
        Revision to copy; empty for the working tree.
    """

    def __init__(self, folder: Path, revision: str) -> None:
        self.path, self._folder = folder / "tree", folder
        folder.mkdir(parents=True, exist_ok=True)
        if not self.path.exists():
            _run("git", "clone", "-q", "--shared", "--no-checkout", str(ROOT), str(self.path), cwd=folder)
        commit = _run("git", "rev-parse", f"{revision or 'HEAD'}^{{commit}}", cwd=ROOT).strip()
        _run("git", "checkout", "-qf", "--detach", commit, cwd=self.path)
        if not revision:
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
    def changed(self, texts: Mapping[Path, str]) -> Iterator[None]:
        """Replace the contents of files for the length of a block."""
        try:
            for path, text in texts.items():
                (self.path / path).write_text(text, encoding="utf-8")
            yield
        finally:
            _run("git", "checkout", "-qf", "--", ".", cwd=self.path)

    @contextmanager
    def recording(self, place: Path) -> Iterator[None]:
        """Let every process of the environment write the faults that it reaches to a file, for the length of
        a block.
        """
        (packages,) = self.path.glob(".venv/lib/python*/site-packages")
        recorder = {
            packages / "planted_faults_probe.py": _RECORDER.format(place=str(place)),
            packages / "planted_faults_probe.pth": "import planted_faults_probe\n",
        }
        try:
            for path, text in recorder.items():
                path.write_text(text, encoding="utf-8")
            yield
        finally:
            for path in recorder:
                path.unlink(missing_ok=True)

    def run(self, *arguments: str, limit_s: float) -> tuple[list[str], dict[str, float]] | None:
        """Run tests; return the failed ones and the seconds of each test module, or None after a timeout."""
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
        failed, seconds = [], defaultdict[str, float](float)
        for case in ET.parse(report).iterfind(".//testcase[@name]"):  # an interrupted one has no name
            module, test = self._test_of(case.get("classname", ""), case.get("name", ""))
            seconds[module] += float(case.get("time", 0))
            if case.find("failure") is not None or case.find("error") is not None:
                failed.append("::".join([module, *test]))
        return failed, seconds

    def _test_of(self, classes: str, name: str) -> tuple[str, list[str]]:
        """Return module and names of a test from a report, which separates all parts by dots."""
        parts = (classes or name).split(".")  # a failed import has only a name
        for at in range(1, len(parts) + 1):
            module = Path(*parts[:at]).with_suffix(".py")
            if (self.path / module).is_file():
                return str(module), [*parts[at:], name] if classes else []
        raise RuntimeError(f"no module of tests has {classes}.{name}")


def _run(*command: str, cwd: Path) -> str:
    return subprocess.run(command, cwd=cwd, check=True, stdout=subprocess.PIPE, text=True).stdout


@dataclass(frozen=True, slots=True)
class Selection:
    """Tests to run, and their time limit."""

    arguments: Sequence[str]
    """Pytest arguments of the selection."""
    processes: int
    limit_s: float
    """Time limit for each fault."""


def probe(tree: Tree, faults: Sequence[Fault], tests: Selection, into: Path) -> None:
    """Run the selection once, and record the test modules that reach each fault, with their seconds."""
    texts = {}
    for path in {fault.path for fault in faults}:
        source = (tree.path / path).read_text(encoding="utf-8")
        texts[path] = probed(source, [fault for fault in faults if fault.path == path])
    record = into.with_suffix(".txt")
    record.write_text("", encoding="utf-8")
    with tree.changed(texts), tree.recording(record):
        done = tree.run(*tests.arguments, f"-n{tests.processes}", limit_s=float("inf"))
    assert done is not None
    reached = defaultdict[str, set[str]](set)
    for line in record.read_text(encoding="utf-8").splitlines():
        name, _, module = line.partition(" ")
        if module in done[1]:
            reached[name].add(module)
    known = _stored(into)
    for fault in faults:
        new = {one: done[1][one] for one in sorted(reached[fault.name])}
        known[fault.name] = {**known.get(fault.name, {}), **new}
    _store(into, known)


def search(
    tree: Tree, fault: Fault, reached: Mapping[str, float], tests: Selection, *, first: str = ""
) -> dict[str, Any]:
    """Return the test that finds a fault, among those that reach it (empty if none), and the tests that
    failed for other reasons. The module `first` is tried before all others, if it reaches the fault.
    """
    begun = time.monotonic()
    left_out = [str(OWN_TEST)]
    source = (tree.path / fault.path).read_text(encoding="utf-8")
    planted = partial(tree.changed, {fault.path: fault.planted(source)})
    batches = _batches(reached)
    if first in reached:
        others = [[one for one in batch if one != first] for batch in batches]
        batches = [[first], *filter(None, others)]
    for modules in batches:
        while True:
            left_s = tests.limit_s - (time.monotonic() - begun)
            several = not modules or sum(reached[one] for one in modules) >= _WORTH_PROCESSES_S
            n = [f"-n{tests.processes}"] if several else []
            without = [f"--deselect={one}" for one in left_out]
            with planted():
                done = tree.run(*tests.arguments, "-x", *n, *without, *modules, limit_s=max(left_s, 1.0))
            if done is None:
                return {"found": None, "seconds": time.monotonic() - begun, "left_out": left_out[1:]}
            if not done[0]:
                break
            with planted():
                fails = tree.run(*tests.arguments, done[0][0], limit_s=tests.limit_s)
            passes = tree.run(*tests.arguments, done[0][0], limit_s=tests.limit_s)
            if fails is not None and fails[0] and passes is not None and passes[1] and not passes[0]:
                return {"found": done[0][0], "seconds": time.monotonic() - begun, "left_out": left_out[1:]}
            left_out.append(done[0][0])
    return {"found": "", "seconds": time.monotonic() - begun, "left_out": left_out[1:]}


def _batches(reached: Mapping[str, float]) -> list[list[str]]:
    """Return batches of test modules to run one after the other; an empty batch stands for all modules."""
    if not reached:
        return [[]]
    batches: list[list[str]] = [[] for _ in _TOGETHER_S]
    taken_s = 0.0
    for module, seconds in sorted(reached.items(), key=lambda one: one[1]):
        taken_s += seconds
        batches[next(at for at, most_s in enumerate(_TOGETHER_S) if taken_s <= most_s)].append(module)
    return [batch for batch in batches if batch]


def table(faults: Sequence[Fault], reached: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """Return a row for each fault: the number of test modules that reach it, and the test that finds it."""
    lines = ["| fault | subject | modules that reach it | found by | s |", "|---|---|---|---|---|"]
    for fault in faults:
        by = found.get(fault.name, {"found": "", "seconds": 0.0})
        told = "time limit" if by["found"] is None else f"`{by['found']}`" if by["found"] else "**nothing**"
        told = told.replace("|", "\\|")
        modules = len(reached[fault.name]) if fault.name in reached else "–"
        row = (fault.name, fault.subject, modules, told, f"{by['seconds']:.0f}")
        lines.append("| " + " | ".join(map(str, row)) + " |")
    n_found = sum(bool(found.get(fault.name, {}).get("found")) for fault in faults)
    return "\n".join([f"{n_found} of {len(faults)} faults were found.", "", *lines, ""])


def main(arguments: Sequence[str] | None = None) -> None:
    """Probe, plant, or write the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.planted_faults", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="of the copy and of what was found; kept")
    parser.add_argument("--revision", default="", help="of the repository; else the files as they are now")
    parser.add_argument("--tests", choices=("quick", "all"), default="quick", help="all: with slow ones")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--limit", type=float, default=1200.0, help="for each fault, in s")
    parser.add_argument(
        "--probe", nargs="*", metavar="PATH", help="find which modules of tests reach each fault"
    )
    parser.add_argument("--plant", nargs="*", metavar="NAME", help="plant these, or all that are not done")
    parser.add_argument(
        "--whole", type=int, default=0, metavar="N", help="plant N drawn faults, and run all tests"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--table", action="store_true", help=f"write {TABLE.name}")
    given = parser.parse_args(arguments)
    folder = given.folder.resolve()
    reached, found = folder / f"reached-{given.tests}.json", folder / f"found-{given.tests}.json"
    slow = ["-m", ""] if given.tests == "all" else []
    tests = Selection(slow, given.processes, given.limit)
    faults = catalogue()
    if given.probe is not None or given.plant is not None or given.whole:
        tree = Tree(folder, given.revision)
        faults = {name: one for name, one in faults.items() if _is_there(tree, one)}
        if given.probe is not None:
            probe(tree, list(faults.values()), replace(tests, arguments=[*slow, *given.probe]), reached)
        modules = read_finding_modules(TABLE.read_text(encoding="utf-8"))
        names = given.plant or [name for name in faults if name not in _stored(found)]
        for name in names if given.plant is not None else ():
            by = _stored(reached).get(name)
            result = {"found": "", "seconds": 0.0}
            if by:
                result = search(tree, faults[name], by, tests, first=modules.get(name, ""))
            _store(found, {**_stored(found), name: result})
            print(f"{name}: {result}", flush=True)
        for name in random.Random(given.seed).sample(sorted(faults), given.whole):
            print(f"{name}, all tests: {search(tree, faults[name], {}, tests)}", flush=True)
    if given.table:
        begin, end = "<!-- planted faults -->\n", "<!-- end of planted faults -->"
        before, _, rest = TABLE.read_text(encoding="utf-8").partition(begin)
        _, _, after = rest.partition(end)
        rows = table(list(catalogue().values()), _stored(reached), _stored(found))
        TABLE.write_text(f"{before}{begin}{rows}{end}{after}", encoding="utf-8")


def read_finding_modules(text: str) -> dict[str, str]:
    """Return the module of tests that found each fault, from a table."""
    return dict(re.findall(r"^\| (\S+) \| .* \| `([^`:]+\.py)::", text, re.MULTILINE))


def _is_there(tree: Tree, fault: Fault) -> bool:
    """Return whether a revision has the text of a fault; print a message if not."""
    path = tree.path / fault.path
    if path.exists() and path.read_text(encoding="utf-8").count(fault.text) == 1:
        return True
    print(f"{fault.name}: not in this revision", flush=True)
    return False


def _stored(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _store(path: Path, found: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
