"""Number of importers of each feature."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grimp

from .recorded_values import Measured
from .sources import PACKAGES, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FEATURES = "packages/qdash-builtin/src/qdash_builtin/*/feature.py"


def measure_importers(_folder: Path) -> Iterator[Measured]:
    """Count the modules outside the folder of each feature that import a module of it, imports for type checkers included."""
    graph = grimp.build_graph(*PACKAGES, cache_dir=str(ROOT / ".import_linter_cache"))
    for feature in sorted(path.parent.name for path in ROOT.glob(_FEATURES)):
        package = f"qdash_builtin.{feature}"
        inside = {package, *graph.find_descendants(package)}
        importers = {one for module in inside for one in graph.find_modules_that_directly_import(module)}
        outside = dict.fromkeys(sorted(importers - inside), 1)
        yield Measured(f"modules outside {feature} that import it", "modules", outside)
