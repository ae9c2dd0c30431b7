"""Environments of their own, with QDash and plugins installed from wheels."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from release.folder import build_wheels
from tests.prepared.shared_files import fill_once

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pytest

ROOT = Path(__file__).parents[2]
ESSENTIAL = tuple(
    f"packages/qdash-{member}"
    for member in ("core", "builtin", "cli", "sqlite", "scheduling", "analysis", "tasks")
)
"""Members without which no chip is calibrated."""


@dataclass(frozen=True)
class Environment:
    """A virtual environment with a home in it."""

    folder: Path

    def run(self, *command: str, **variables: str) -> str:
        """Run a command of the environment, and return its output."""
        ran = self.try_command(*command, **variables)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def try_command(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the environment, and return the ended process."""
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("QDASH_", "PYTHON"))
        }
        return subprocess.run(
            [str(self.folder / "bin" / command[0]), *command[1:]],
            env={**kept, "QDASH_HOME": str(self.folder / "home"), **variables}, cwd=self.folder, capture_output=True,
            text=True, check=False, timeout=120,
        )  # fmt: skip

    def read_json(self, *arguments: str, **variables: str) -> Any:
        """Run a `qdash` command, and return its JSON."""
        return json.loads(self.run("qdash", *arguments, "--json", **variables))

    def install(self, folders: Iterable[Path], built: Iterable[Path] = ()) -> None:
        """Build the distributions in some folders, and install their wheels and those that are built, without what they require."""
        with TemporaryDirectory() as wheels:
            for folder in folders:
                subprocess.run(["uv", "build", "-q", "--wheel", "-o", wheels, str(folder)], check=True)
            install = ("uv", "pip", "install", "-q", "--no-deps", "--offline", "--python", str(self.python))
            subprocess.run([*install, *map(str, [*Path(wheels).glob("*.whl"), *built])], check=True)

    @property
    def python(self) -> Path:
        """The interpreter."""
        return self.folder / "bin" / "python"


def make_environment(
    members: Sequence[str], tmp_path_factory: pytest.TempPathFactory, *, without: tuple[str, ...] = ()
) -> Environment:
    """Return an environment with wheels of these members; all else comes from that of the tests, except for
    names in `without`.
    """
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    made = Environment(folder)
    site = Path(made.run("python", "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])").strip())
    for installed in Path(sysconfig.get_paths()["purelib"]).iterdir():
        if "qdash" in installed.name or installed.name.startswith(without):
            continue
        if installed.suffix != ".pth":
            site.joinpath(installed.name).symlink_to(installed)
    all_wheels = copy_wheels(tmp_path_factory)
    built = {
        member: wheel
        for member in members
        for wheel in all_wheels.glob(f"{Path(member).name.replace('-', '_')}-*.whl")
    }
    made.install((ROOT / member for member in members if member not in built), built.values())
    return made


def copy_wheels(factory: pytest.TempPathFactory) -> Path:
    """Return a new folder with the wheel of each member, built once for all tests."""
    return fill_once(factory, "wheels", factory.mktemp("release") / "wheels", build_wheels)
