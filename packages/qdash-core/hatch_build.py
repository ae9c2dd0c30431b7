"""Build hook that writes revision and date of the checkout into the wheel."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VARIABLE = "QDASH_BUILD"
"""Variable with "REVISION DATE" for a build without the history of the checkout, as that of the image is."""


class BuildRecord(BuildHookInterface):
    """Adds `qdash_core/build.json` to a wheel; an editable installation reads its checkout instead."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the file, and include it."""
        if version == "editable" or (found := os.environ.get(VARIABLE) or self._ask_git()) is None:
            return
        revision, _, date = found.strip().partition(" ")
        with NamedTemporaryFile("w", suffix=".json", delete=False) as file:
            json.dump({"revision": revision, "date": date}, file)
        self._written = Path(file.name)
        build_data["force_include"][file.name] = "qdash_core/build.json"

    def finalize(self, *_built: Any) -> None:
        """Delete the file outside of the wheel."""
        if (written := getattr(self, "_written", None)) is not None:
            written.unlink(missing_ok=True)

    def _ask_git(self) -> str | None:
        command = ["git", "-C", self.root, "log", "-1", "--format=%H %cs"]
        try:
            return subprocess.run(command, capture_output=True, text=True, check=True).stdout
        except (OSError, subprocess.CalledProcessError):
            return None
