"""Search of chips, qubits and couplings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.chips.feature import CHIPS
from qdash_core.models.project import ProjectRole
from qdash_core.models.search import TARGET_OPTIONS, Match, make_address
from qdash_core.models.targets import get_target_kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.models.access import Access
    from qdash_core.models.search import Search
    from qdash_core.runtime.application import QDash


def find_targets(qdash: QDash, access: Access, search: Search) -> list[Match]:
    """Return the qubits and couplings of the chip that have the words. They are read only if a word has a digit."""
    if search.chip_id is None or not any(map(str.isdigit, search.text)):
        return []
    stored = qdash.get(CHIPS).get_stored(access, search.chip_id)
    return [
        _make_target_match(search.chip_id, one["qid"], one["status"])
        for one in (*stored.qubits, *stored.couplings)
        if search.fits(*_list_names(one["qid"]), search.chip_id, one["status"])
    ]


def find_chips(qdash: QDash, access: Access, search: Search) -> list[Match]:
    """Return the chips of the project that have the words, and for editors the command that makes one."""
    chips = (
        Match(
            "chip",
            one.chip_id,
            f"{one.size} qubits, {one.backend}",
            make_address("chip", chip=one.chip_id),
            f"qdash chip show {one.chip_id}",
        )
        for one in qdash.get(CHIPS).list_by_project(access)
    )
    return [one for one in (*chips, *_iter_commands(access)) if search.fits(one.kind, one.title, one.text)]


def _iter_commands(access: Access) -> Iterator[Match]:
    if access.role.includes(ProjectRole.EDITOR):
        yield Match("command", "New chip", address="new-chip", command="qdash chip create")


def _make_target_match(chip_id: str, target: str, status: str) -> Match:
    kind = get_target_kind(target)
    return Match(
        kind,
        f"{kind.capitalize()} {target}",
        f"{chip_id}, {status}",
        make_address(kind, **{"chip": chip_id, kind: target}),
        f"qdash metrics {chip_id} {TARGET_OPTIONS[kind]} {target}",
        _list_names(target),
    )


def _list_names(target: str) -> tuple[str, ...]:
    label = "-".join(f"q{one}" for one in target.split("-"))
    return target, label, f"{get_target_kind(target)} {target}"
