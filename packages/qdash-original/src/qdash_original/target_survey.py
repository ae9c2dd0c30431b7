"""Survey of the qubits and couplings in a database of the original system, before its chips are converted."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_original.values import coupling, qubit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from qdash_core.repositories.store import Document


def survey_targets(
    documents: Callable[[str], Iterable[Document]], *, only_project: str
) -> dict[tuple[str, str], set[str]]:
    """Return the ids of the qubits and couplings of each chip, by project and chip.

    `only_project` is the project of the documents that name none.
    """
    found: dict[tuple[str, str], set[str]] = {}
    for project_id, chip_id, parse, written in _iter_targets(documents):
        with suppress(InvalidInputError):  # reported when the document is converted
            found.setdefault((project_id or only_project, chip_id), set()).add(parse(written))
    return found


def _iter_targets(
    documents: Callable[[str], Iterable[Document]],
) -> Iterator[tuple[str, str, Callable[[object], str], object]]:
    for collection, parse in (("qubit", qubit), ("coupling", coupling)):
        for document in documents(collection):
            yield *_get_chip(document), parse, document.get("qid")
        for document in documents("chip"):
            embedded = document.get(f"{collection}s")
            if isinstance(embedded, dict):
                for qid in embedded:
                    yield *_get_chip(document), parse, qid


def _get_chip(document: Mapping[str, object]) -> tuple[str, str]:
    return str(document.get("project_id") or ""), str(document.get("chip_id"))
