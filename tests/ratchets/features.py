"""Patterns that assign modules to features, and the number of importers of each feature.

A module belongs to a feature if its dotted name, or that of a package around it, matches a pattern of the feature. The folder
of a feature is thus its folder in the core and, until it has one folder, the modules that are named after it in the folders of
models, repositories, views, commands, routes, calls of the client and pages.
"""

from __future__ import annotations

import re
from fnmatch import translate
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

import grimp

from ..enforcement.rooms import find_feature
from .recorded_values import Measured
from .sources import PACKAGES, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FEATURES: dict[str, tuple[str, ...]] = {
    "people": (
        *("*.login", "*.logins", "*.members", "*.people", "*.token", "*.tokens", "*.users"),
        *("*.auth", "*.passwords", "*.account", "*.accounts", "*.repositories.identity"),
    ),
    "audit": ("*.audit", "*.audit_entry"),
    "issues": ("*.issue", "*.issues", "*.issue_*", "*.new_issue"),
    "notes": ("*.note", "*.notes", "*.note_*", "*.chip_notes", "*.metric_notes", "*.target_notes"),
    "cooldowns": ("*.cooldown", "*.cooldowns", "*.cooldown_*", "*.cryostat", "*.cryostats", "*.cryostat_*"),
    "tags": ("*.tags", "qdash_builtin.tags"),
    "values": (
        *("qdash_builtin.values", "*.documents.value_scopes"),
        *("*.cli.value*", "*.resources.value*"),
        *(
            "*.pages.chip_values",
            "*.pages.review*",
            "*.forms.review*",
            "*.forms.value*",
            "*.pages.target_value*",
        ),
    ),
    "metrics": ("*.metrics", "*.metric_*", "*.trends", "*.chip_trends", "*.trend_plot", "*.distributions"),
    "provenance": (
        "*.provenance",
        "*.provenance_*",
        "*.references",
        "*.result_impact",
        "*.impacts",
        "*.origin",
    ),
    "results": (
        "qdash_builtin.results",
        "*.refit",
        "*.refits",
        "*.workbench*",
        "*.resources.results",
    ),
    "digests": ("*.digest", "*.digests", "*.digest_*", "*.sent_digests", "*.overview_digest"),
    "reports": ("*.report", "*.reports", "*.report_links"),
    "comparisons": (
        "*.compare",
        "*.comparisons",
        "*.comparison_*",
        "*.result_comparison*",
        "*.difference_map",
    ),
    "explanations": ("*.explain", "*.explanations", "*.explanation_*"),
    "releases": ("*.release", "*.releases", "*.chip_releases"),
    "exchange": (
        "qdash_builtin.exchange",
        "qdash_builtin.exchange.formats",
        "*.exchange",
        "*.exports",
        "*.chip_export",
        "*.chip_import",
    ),
    "files": (
        *(
            "qdash_builtin.files",
            "*.models.file_root",
            "*.models.file_version",
            "*.repositories.file_versions",
        ),
        *(
            "*.documents.files",
            "*.cli.files",
            "*.resources.files",
            "*.requests.files",
            "*.pages.files",
            "*.pages.file_*",
        ),
    ),
    "configuration": ("*.configuration",),
    "timetables": ("*.timetable", "*.timetables", "*.timetable_*"),
    "saved flows": (
        "*.saved_flows",
        "*.models.flow",
        "*.repositories.flows",
        "*.pages.flow_*",
        "*.projects.source_*",
    ),
    "chips": (
        "qdash_builtin.chips",
        "*.resources.chips",
        "*.requests.chips",
        "*.cli.chip*",
        "*.pages.*_chip",
    ),
    "maintenance": (
        "qdash_builtin.home.backups",
        "qdash_builtin.home.migration",
        "*.cli.backups",
        "*.documents.backups",
        "*.documents.migrations",
    ),
    "health": ("qdash_builtin.home", "*.documents.doctor", "*.resources.health"),
    "assistant": (
        *(
            "qdash_builtin.conversations",
            "qdash_builtin.conversations.tools",
            "qdash_builtin.contexts",
            "*.conversation",
            "*.conversations",
        ),
        *(
            "*.proposal",
            "*.proposals",
            "*.context",
            "*.contexts",
            "*.context_*",
            "*.cli.ask",
            "*.pages.assistant*",
        ),
    ),
    "notifiers": ("*.notifiers",),
    "notebooks": ("*.notebooks",),
}
"""Patterns of dotted names by feature."""


def measure_importers(_folder: Path) -> Iterator[Measured]:
    """Count the modules outside the folder of each feature that import a module of it, imports for type checkers included.

    Features without a room are left out: nothing imports them, and they import those that they need.
    """
    graph = grimp.build_graph(*PACKAGES, cache_dir=str(ROOT / ".import_linter_cache"))
    modules = sorted(graph.modules)
    for feature in FEATURES:
        inside = {module for module in modules if belongs_to(feature, module)}
        importers = {one for module in inside for one in graph.find_modules_that_directly_import(module)}
        outside = sorted(one for one in importers - inside if find_feature(one) is None)
        yield Measured(f"modules outside {feature} that import it", "modules", dict.fromkeys(outside, 1))


def belongs_to(feature: str, module: str) -> bool:
    """Return whether a module is in the folder of a feature."""
    return any(map(_compile(feature).match, accumulate(module.split("."), "{}.{}".format)))


@cache
def _compile(feature: str) -> re.Pattern[str]:
    return re.compile("|".join(map(translate, FEATURES[feature])))
