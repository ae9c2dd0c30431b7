"""Check of the roots of files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from qdash_builtin.files.settings import FileSettings
from qdash_core.hooks.health_checks import HealthCheck
from qdash_core.models.health_findings import HealthFinding
from qdash_core.models.quantities import format_count

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_builtin.files.models.file_root import FileRoot
    from qdash_core.hooks.health_checks import Examination

_ADVICE = "mount or create the folder, give the user of QDash access to it, or correct the setting file_roots"


def check_file_roots(roots: Mapping[str, FileRoot]) -> HealthFinding:
    """Check that the folder of each root is there and can be read and written; settings refuse unsafe roots."""
    faults = []
    for name, root in roots.items():
        if not root.path.is_dir():
            faults.append(f"root {name}: {root.path} is not a folder here")
        elif not os.access(root.path, os.R_OK | os.X_OK):
            faults.append(f"root {name}: {root.path} cannot be read")
        elif not os.access(root.path, os.W_OK):
            faults.append(f"root {name}: {root.path} is read-only")
    if faults:
        return HealthFinding("files", "warning", "; ".join(faults), _ADVICE)
    return HealthFinding("files", "ok", f"{format_count(len(roots), 'root')}")


def _check(home: Examination) -> HealthFinding | None:
    roots = home.settings.of(FileSettings).file_roots
    return check_file_roots(roots) if roots else None


CHECK = HealthCheck(
    "files",
    _check,
    "correct the setting file_roots",
    needs_store=False,
    place=80,
)
