"""Trial of one plugin: its findings, and a home with a twin, a result and a host, made when they are needed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from qdash_core.errors import PluginError
from qdash_core.features.discovery import find_installed
from qdash_core.parsing.json_parser import parse_json
from qdash_core.tasks.failures import describe_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.errors import QDashError
    from qdash_core.features.discovery import PluginCandidate
    from qdash_core.hooks.host import PluginRecord
    from qdash_core.hooks.manager import Registry
    from qdash_core.models.access import Access
    from qdash_core.runtime.application import QDash

CHIP = "check"
"""Name of the twin."""
_QDASH = "from qdash_cli.main import main; main()"
_ADDRESS = re.compile(r"answers at (\S+)")


class PluginFinding(NamedTuple):
    """Finding about a part of a plugin, such as `hook qdash_tasks`.

    Parameters
    ----------
    status : {"ok", "warning", "failed", "skipped"}
        Outcome.
    detail : str
        Reason in one line, with class, file and line where they are known; empty if nothing is wrong.
    """

    plugin: str
    part: str
    status: Literal["ok", "warning", "failed", "skipped"]
    detail: str = ""


class HostAddress(NamedTuple):
    """URL of a host and token of its owner, and the file with its messages."""

    url: str
    token: str
    messages: Path


class PluginTrial:
    """Trial of a plugin in this process, whose home is temporary.

    `load` imports all plugins and returns their registry; `begin` is told which part is examined next.
    """

    def __init__(
        self,
        candidate: PluginCandidate,
        load: Callable[[], Registry],
        begin: Callable[[str], object],
        report: Callable[[PluginFinding], object],
    ) -> None:
        self.candidate, self._load = candidate, load
        self.begin, self._report = begin, report
        self.chip_id = CHIP
        self.failed = False
        self.missing_twin = ""
        self._folder = Path(os.environ["QDASH_HOME"]).parent

    @cached_property
    def registry(self) -> Registry:
        """All plugins, which are imported when it is first used."""
        return self._load()

    @property
    def record(self) -> PluginRecord:
        """State of the plugin, which has its contributions so far."""
        wanted = (self.candidate.name, self.candidate.distribution)
        return next(one for one in self.registry.plugins if (one.name, one.distribution) == wanted)

    def owns(self, candidate: PluginCandidate) -> bool:
        """Return whether a plugin is the examined one."""
        return (candidate.name, candidate.distribution) == (self.candidate.name, self.candidate.distribution)

    @contextmanager
    def examine(self, part: str, *, skipped: tuple[type[QDashError], ...] = ()) -> Iterator[None]:
        """Report a part as failed if the block raises anything, as skipped for the errors in `skipped`, else as ok."""
        self.begin(part)
        try:
            yield
        except KeyboardInterrupt:
            raise
        except skipped as error:
            self.tell(part, "skipped", str(error))
        except BaseException as error:  # noqa: BLE001  code of a plugin, SystemExit included
            told = isinstance(error, PluginError)
            self.tell(
                part,
                "failed",
                str(error) if told else describe_error(error, module=self.candidate.module),
            )
        else:
            self.tell(part, "ok")

    def tell(
        self, part: str, status: Literal["ok", "warning", "failed", "skipped"], detail: str = ""
    ) -> None:
        """Report a finding."""
        self.failed |= status == "failed"
        self._report(PluginFinding(self.candidate.name, part, status, " ".join(detail.split())))

    # ------------------------------------------------------------------------------------------------------ the home

    @cached_property
    def has_twin(self) -> bool:
        """True if the home has the twin `CHIP`, in whose making no plugin of others took part."""
        others = ",".join(one.name for one in find_installed() if not one.is_own)
        made = self.run("twin", "create", CHIP, "--device", "jakarta", block=others)
        self.missing_twin = f"no twin can be made here: {' '.join(made.stderr.splitlines()[-1:])}"
        return made.returncode == 0

    @cached_property
    def result(self) -> dict[str, Any] | None:
        """Result of a task on the twin, in which the plugin could take part; None without a twin."""
        if not self.has_twin:
            return None
        words = ("task", "run", "CheckResonatorSpectroscopy", "--chip", CHIP, "--qid", "0", "--json")
        ran = self.run(*words)
        if ran.returncode:
            raise PluginError(f"a task on a twin failed: {ran.stderr.strip().splitlines()[-1:]}")
        found: dict[str, Any] = parse_json(ran.stdout)
        return found

    @cached_property
    def host(self) -> HostAddress | None:
        """A host of the home, which ends with this process; None if none is installed."""
        if not any(one.name == "api" and one.status == "ok" for one in self.registry.plugins):
            return None
        from qdash_builtin.people.feature import TOKENS
        from qdash_core.models.project import DEFAULT_USER
        from qdash_core.models.token import TokenScope
        from qdash_core.runtime.application import open_qdash
        from qdash_core.settings import load_settings

        with open_qdash(load_settings()) as qdash:
            token, _ = qdash.get(TOKENS).create(DEFAULT_USER, "check", scope=TokenScope.ADMIN)
        messages = self._folder / "host.txt"
        with messages.open("wb") as file:
            process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-c", _QDASH, "api", "--port", "0"], stdout=file, stderr=file
            )
        while (found := _ADDRESS.search(messages.read_text("utf-8"))) is None:
            try:
                process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            raise PluginError(f"the host does not start: {messages.read_text('utf-8')[-500:]}")
        return HostAddress(found[1], token, messages)

    @contextmanager
    def open_home(self) -> Iterator[tuple[QDash, Access]]:
        """Open the home with all plugins, and yield it with the access of its owner."""
        from qdash_core.models.project import DEFAULT_USER
        from qdash_core.runtime.application import open_qdash
        from qdash_core.settings import load_settings

        with open_qdash(load_settings(), self.registry) as qdash:
            yield qdash, qdash.access(DEFAULT_USER)

    @staticmethod
    def run(*words: str, block: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command of QDash in the home, without the plugins in `block`."""
        blocked = {} if block is None else {"QDASH_BLOCK_PLUGINS": block}
        return subprocess.run(  # noqa: S603
            [sys.executable, "-c", _QDASH, *words],
            env={**os.environ, **blocked},
            capture_output=True,
            text=True,
            check=False,
        )
