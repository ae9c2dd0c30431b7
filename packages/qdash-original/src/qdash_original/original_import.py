"""Import of a database of the original system into a store, collection by collection.

The conversion is that of the other modules of this folder. Nothing is guessed: what cannot be converted is left out and
listed. What is here already stays, but for a user without a password, a lower counter and an older newest result: so an
import that was cut off, or that is run again later, adds what is missing and nothing twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.repositories.repositories import Repositories
from qdash_original import chips, people, runs
from qdash_original.arrival import arriving
from qdash_original.conversion_state import ConversionState
from qdash_original.original_document import LeftOut, OriginalDocument, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from qdash_core.repositories.store import Document, Store
    from qdash_original.people import Group

BATCH = 200
"""So many documents are written in one transaction."""


class ImportPass(NamedTuple):
    """One reading of a collection.

    Parameters
    ----------
    collection : str
        Its name there.
    convert : callable
        What makes our records of one document.
    parts : bool
        Whether it reads only parts, of documents that another pass reads as a whole.
    values_first : bool
        Whether documents with values are read before those without: of two that are one target they win.
    """

    collection: str
    convert: Callable[[OriginalDocument, ConversionState], Iterator[Group]]
    parts: bool = False
    values_first: bool = False


PASSES = (
    ImportPass("user", people.user),
    ImportPass("project", people.project),
    ImportPass("project_membership", people.membership),
    ImportPass("backend", people.backend),
    ImportPass("tag", people.tag),
    ImportPass("cryostat", people.cryostat),
    ImportPass("cooldown", people.cooldown),
    ImportPass("chip", chips.chip),
    ImportPass(
        "metric_note", people.metric_note
    ),  # before the notes of the old kind, which qubits and couplings hold
    ImportPass("qubit", chips.qubit, values_first=True),
    ImportPass("chip", chips.embedded_qubits, parts=True),
    ImportPass("coupling", chips.coupling, values_first=True),
    ImportPass("chip", chips.embedded_couplings, parts=True),
    ImportPass("qubit_history", chips.qubit_day),
    ImportPass("coupling_history", chips.coupling_day),
    ImportPass("chip_history", chips.chip_day),
    ImportPass("chip_history", chips.embedded_qubit_days, parts=True),
    ImportPass("chip_history", chips.embedded_coupling_days, parts=True),
    ImportPass("task", runs.task),
    ImportPass("task_result_history", runs.result),
    ImportPass("execution_counter", runs.counter),
    ImportPass("execution_history", runs.execution),  # after the results, which it counts
    ImportPass("calibration_note", runs.calibration_note),
    ImportPass("note_event", people.note_event),
    ImportPass("flows", people.flow),
)
"""Locks are not brought over: nothing runs here that holds them."""


@dataclass
class CollectionCounts:
    """Counts of one collection: documents read, written and present, and omitted parts and documents."""

    read: int = 0
    imported: int = 0
    already_there: int = 0
    left_out: int = 0


@dataclass
class ImportReport:
    """Report of an import."""

    collections: dict[str, CollectionCounts] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)

    def tally(self, collection: str) -> CollectionCounts:
        """Return the numbers of a collection."""
        return self.collections.setdefault(collection, CollectionCounts())


class OriginalImport:
    """One import.

    Parameters
    ----------
    documents : callable
        Gives the documents of one collection of the original, by its name.
    store : Store
        Where they go.
    projects : collection of str
        The projects of the original that are wanted; empty: all.
    backend : str or None
        What the chips are measured with, where the original does not say.
    units : mapping of str to str
        In which unit values of these names are wanted; others keep the one that is written.
    dry_run : bool
        Convert and compare everything, and write nothing.
    progress : callable
        Told what is being read, and how many documents have been.
    """

    def __init__(
        self,
        documents: Callable[[str], Iterable[Document]],
        store: Store,
        *,
        projects: Collection[str] = (),
        backend: str | None = None,
        units: Mapping[str, str] = MappingProxyType({}),
        dry_run: bool = False,
        progress: Callable[[str, int], None] = lambda _stage, _done: None,
    ) -> None:
        self.report = ImportReport()
        self._documents = documents
        self._store = store
        self._chosen = frozenset(projects)
        self._backend = backend
        self._units = units
        self._dry_run = dry_run
        self._progress = progress
        self._done = 0

    def run(self) -> ImportReport:
        """Bring everything over.

        Raises
        ------
        InvalidInputError
            If there is nothing of the original system.
        NotFoundError
            If a project that is wanted is not there.
        StoreError
            If the original cannot be read, or the store written. What was written stays.
        """
        known = self._survey()
        for one in PASSES:
            self._bring(one, known)
        if not self._done:
            raise InvalidInputError(
                "there is nothing of the original system: look at the name of the database"
            )
        self._conclude(known)
        return self.report

    def _survey(self) -> ConversionState:
        theirs = [str(document.get("project_id")) for document in self._documents("project")]
        if absent := self._chosen.difference(theirs):
            raise NotFoundError(
                f"there is no project {min(absent)!r} there (known: {', '.join(theirs) or 'none'})"
            )
        backends: dict[str, set[str]] = {project_id: set() for project_id in theirs}
        for document in self._documents("backend"):
            backends.setdefault(str(document.get("project_id")), set()).add(str(document.get("name")))
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            ours = {project.project_id for project in repositories.projects.everything()}
            user_ids = {user["username"]: user["user_id"] for user in snapshot.find("user", {})}
        return ConversionState(
            projects={*theirs, *ours},
            chosen=self._chosen,
            only_project=theirs[0] if len(theirs) == 1 else None,
            members=self._members(),
            backends={
                project_id: self._backend or (names.pop() if len(names) == 1 else "")
                for project_id, names in backends.items()
            },
            user_ids=user_ids,
        )

    def _members(self) -> set[str]:
        parts = (("project", "owner_username"), ("project_membership", "username"))
        return {
            str(document.get(field))
            for collection, field in parts
            for document in self._documents(collection)
            if document.get("project_id") in self._chosen
        }

    def _bring(self, one: ImportPass, known: ConversionState) -> None:
        batch: list[tuple[OriginalDocument, list[Group]]] = []
        documents = self._documents(one.collection)
        if one.values_first:  # there is one document a target: they fit into memory
            documents = sorted(documents, key=lambda there: not there.get("data"))
        for there in documents:
            document = OriginalDocument(one.collection, there, units=self._units)
            groups = self._converted(one, document, there, known)
            if groups is None:
                continue
            if not one.parts:
                self._count(one.collection)
            batch.append((document, groups))
            if len(batch) == BATCH:
                self._write(batch, known)
                batch = []
        self._write(batch, known)

    def _converted(
        self, one: ImportPass, document: OriginalDocument, there: Document, known: ConversionState
    ) -> list[Group] | None:
        """Return the records that a document becomes; None where it is not wanted."""
        try:
            if one.collection == "user":
                if known.chosen and there.get("username") not in known.members:
                    return None
            elif (project_id := known.project_of(there)) is None:
                return None
            else:
                document.project_id = project_id
            groups = list(one.convert(document, known))
        except UnreadableError as error:
            if not one.parts:  # else it was said when the whole was read
                document.leave_out("", str(error))
            return []
        if not one.parts:
            document.leave_out_the_rest()
        return groups

    def _count(self, collection: str) -> None:
        self.report.tally(collection).read += 1
        self._done += 1
        self._progress(f"reading {collection}", self._done)

    def _write(self, batch: list[tuple[OriginalDocument, list[Group]]], known: ConversionState) -> None:
        """Write what became of some documents, in one transaction, and no execution without its counter."""
        with arriving(self._store, dry_run=self._dry_run) as arrival:
            for counter in known.raised_counters():
                arrival.place([("execution_counter", counter)])
            for document, groups in batch:
                refusals = [refusal for group in groups if (refusal := arrival.place(group))]
                for refusal in refusals:
                    document.leave_out("", refusal)
                if document.collection == "project" and not arrival.has_project(document.project_id):
                    known.projects.discard(document.project_id)
        for name, count in arrival.imported.items():
            self.report.tally(name).imported += count
        for name, count in arrival.already_there.items():
            self.report.tally(name).already_there += count
        for document, _ in batch:
            self.report.tally(document.collection).left_out += len(document.left_out)
            self.report.left_out += document.left_out

    def _conclude(self, known: ConversionState) -> None:
        """Write the newest results, which are known when everything has been read."""
        newest: list[Group] = [[("latest_result", latest)] for latest in known.newest.values()]
        for place in range(0, len(newest), BATCH):
            self._write([(OriginalDocument("latest_result", {}), newest[place : place + BATCH])], known)
