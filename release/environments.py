"""Environments with an installation from the folder of a release, or from a web server with a copy of it."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST_S = 600.0


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment with a home of its own in it.

    Attributes
    ----------
    folder
        Folder of the environment.
    """

    folder: Path

    @classmethod
    def create(cls, folder: Path, python: str | None = None) -> Environment:
        """Create an empty environment for a version of Python, such as "3.12"; by default for that of uv."""
        version = () if python is None else ("--python", python)
        subprocess.run(["uv", "venv", "--quiet", *version, str(folder)], check=True)
        return cls(folder)

    def install(self, source: str, *requirements: str, constraints: str | None = None) -> float:
        """Install requirements with wheels of QDash from a folder or address, and return the seconds that it took."""
        limits = () if constraints is None else ("--constraint", constraints)
        python = str(self.folder / "bin" / "python")
        began = time.monotonic()
        self._run(
            "uv",
            "pip",
            "install",
            "--quiet",
            "--python",
            python,
            "--find-links",
            source,
            *limits,
            *requirements,
        )
        return time.monotonic() - began

    def run(self, *command: str) -> str:
        """Run a command of the environment, and return its output; RuntimeError with its messages if it fails."""
        return self._run(str(self.folder / "bin" / command[0]), *command[1:])

    def list_packages(self) -> dict[str, str]:
        """Return the versions of the installed distributions."""
        listed = self._run("uv", "pip", "freeze", "--quiet", "--python", str(self.folder / "bin" / "python"))
        return dict(line.split("==") for line in listed.splitlines() if "==" in line)

    def measure_size(self) -> int:
        """Return the bytes of all files."""
        return sum(one.lstat().st_size for one in self.folder.rglob("*") if one.is_file())

    def get_variables(self) -> dict[str, str]:
        """Return the variables of its commands: those of this process without settings of QDash and Python."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("QDASH_", "PYTHON", "VIRTUAL_ENV"))
        }
        return {**kept, "QDASH_HOME": str(self.folder / "home")}

    def _run(self, *command: str) -> str:
        ran = subprocess.run(
            command,
            env=self.get_variables(),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=_LONGEST_S,
        )
        if ran.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: exit status {ran.returncode}\n{ran.stdout}{ran.stderr}")
        return ran.stdout
