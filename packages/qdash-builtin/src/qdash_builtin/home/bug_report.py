"""Text for a bug report: versions, settings, contents of the store and the findings of the doctor, without secrets."""

from __future__ import annotations

import platform
from contextlib import closing, suppress
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from qdash_builtin.home.health_findings import run_check
from qdash_builtin.home.redaction import list_set_names, redact
from qdash_core.errors import InvalidInputError
from qdash_core.hooks.manager import load_plugins
from qdash_core.process.build import read_build
from qdash_core.repositories.schema import SCHEMA_VERSION
from qdash_core.settings import REPORTED, list_settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.hooks.manager import Registry
    from qdash_core.models.health_findings import HealthFinding
    from qdash_core.settings import Settings


def write_bug_report(findings: Sequence[HealthFinding]) -> str:
    """Return the text with the findings of `examine_home`."""
    registry = load_plugins()
    settings: Settings | None = None
    with suppress(InvalidInputError):  # a finding tells the reason
        settings = load_settings()
    known = _list_known_values(settings, registry)
    statuses = {finding.name: finding.status for finding in findings}
    if settings is not None and statuses["store"] != "failed":
        findings = [run_check("contents", partial(_count_documents, settings, registry), ""), *findings]
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    lines = [
        f"QDash {read_build()}, {platform.python_implementation()} {platform.python_version()}, {system}",
        f"settings: {', '.join(_describe_settings(settings, known)) or 'none is set'}",
        *(_describe_finding(finding) for finding in findings),
    ]
    return redact("\n".join(lines) + "\n", known=known)


def _list_known_values(settings: Settings | None, registry: Registry) -> set[str]:
    """Return the values of valid settings that QDash or a plugin defines."""
    if settings is None:
        return set()
    values = settings.list_values()
    names = {
        str(values[name])
        for name, field in list_settings().items()
        if field.json_schema_extra == REPORTED and name in values
    }
    return names | set(registry.runners()) | set(registry.assistants())


def _describe_settings(settings: Settings | None, known: set[str]) -> list[str]:
    if settings is None:
        return list_set_names()
    values = {f"QDASH_{name}".upper(): value for name, value in settings.list_values().items()}
    return [
        f"{name}{_describe_value(name, values[name], known) if name in values else ''}"
        for name in list_set_names()
    ]


def _describe_value(name: str, value: object, known: set[str]) -> str:
    if isinstance(value, (int, float)) or (isinstance(value, str) and value in known):
        return f"={value}"
    return f"={str(value).partition('://')[0]}://..." if name.endswith("_URL") and value else ""


def _describe_finding(finding: HealthFinding) -> str:
    text = f"{finding.name}: {finding.status}, {finding.detail}"
    return f"{text} ({finding.advice})" if finding.advice else text


def _count_documents(settings: Settings, registry: Registry) -> str:
    scheme = urlsplit(settings.store_url).scheme
    with closing(registry.store_class(scheme).open(settings.store_url)) as store, store.read() as snapshot:
        counts = {name: snapshot.count(name, {}) for name in snapshot.collections}
    counted = ", ".join(f"{number} {name}" for name, number in counts.items() if number)
    return f"{scheme}, version {SCHEMA_VERSION}: {counted or 'empty'}"
