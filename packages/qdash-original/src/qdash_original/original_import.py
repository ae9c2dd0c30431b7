"""Import of a database of the original system into a store, collection by collection.

No value is guessed: fields and documents that cannot be converted are omitted and listed. Existing records stay, except
a new user without a password, a lower counter and an older newest result: a repeated import adds missing records and no
duplicates.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from qdash_builtin.issues.model import IssueEventModel, IssueModel
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.repositories.identity import ProjectRepository
from qdash_core.repositories.repositories import Repositories
from qdash_original import chips, discussions, lineage, runs, scoped_notes, users_and_projects
from qdash_original.collections import DESTINATIONS, MADE, UNKNOWN
from qdash_original.conversion_state import ConversionState
from qdash_original.directions import MergedDocument, merge_directions
from qdash_original.import_transaction import open_import
from qdash_original.issue_builder import IssueBuilder
from qdash_original.original_document import Omission, OriginalDocument, UnreadableError
from qdash_original.posts import Discussions
from qdash_original.target_survey import survey_targets

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from qdash_core.repositories.store import Document, Store
    from qdash_original.users_and_projects import Group

BATCH = 200
"""Number of documents written in one transaction."""


class ImportPass(NamedTuple):
    """Pass over a collection.

    Parameters
    ----------
    parts : bool
        Whether it converts only parts of documents that another pass converts as a whole.
    values_first : bool
        Whether to read documents with values first: of two documents of one target, the first one is imported.
    directed : bool
        Whether two documents may be of one coupling in its two directions.
    """

    collection: str
    convert: Callable[[OriginalDocument, ConversionState], Iterator[Group]]
    parts: bool = False
    values_first: bool = False
    directed: bool = False


PASSES = (
    ImportPass("user", users_and_projects.convert_user),
    ImportPass("project", users_and_projects.convert_project),
    ImportPass("project_membership", users_and_projects.convert_membership),
    ImportPass("backend", users_and_projects.convert_backend),
    ImportPass("tag", users_and_projects.convert_tag),
    ImportPass("cryostat", users_and_projects.convert_cryostat),
    ImportPass("cooldown", users_and_projects.convert_cooldown),
    ImportPass("cooldown_wiring_event", users_and_projects.convert_wiring_event),
    ImportPass("task_result_history", runs.convert_result),  # before the chips, whose values it decides on
    ImportPass("parameter_versions", lineage.collect_version, parts=True),
    ImportPass("provenance_activities", lineage.collect_activity, parts=True),
    ImportPass("parameter_versions", lineage.convert_version),
    ImportPass("provenance_activities", lineage.convert_activity),
    ImportPass("provenance_relations", lineage.convert_relation),
    ImportPass("target_note", scoped_notes.convert_target_note),  # kept for the notes of chips and targets
    ImportPass("chip_note", scoped_notes.convert_chip_note),
    ImportPass("chip", chips.convert_chip),
    ImportPass(
        "metric_note", users_and_projects.convert_metric_note
    ),  # before the older notes within qubits and couplings
    ImportPass("qubit", chips.convert_qubit, values_first=True),
    ImportPass("chip", chips.convert_embedded_qubits, parts=True),
    ImportPass("coupling", chips.convert_coupling, directed=True),
    ImportPass("chip", chips.convert_embedded_couplings, parts=True),
    ImportPass("qubit_history", chips.convert_qubit_day),
    ImportPass("coupling_history", chips.convert_coupling_day, directed=True),
    ImportPass("chip_history", chips.convert_embedded_qubit_days, parts=True),
    ImportPass("chip_history", chips.convert_embedded_coupling_days, parts=True),
    ImportPass("chip_history", chips.convert_chip_day),  # counts the copies of qubits and couplings
    ImportPass("task", runs.convert_task),
    ImportPass("execution_counter", runs.convert_counter),
    ImportPass("execution_history", runs.convert_execution),  # after the results, which are counted
    ImportPass("calibration_note", runs.convert_calibration_note),
    ImportPass("note_event", users_and_projects.convert_note_event),
    ImportPass("flows", users_and_projects.convert_flow),
    ImportPass("forum_category", discussions.convert_category),  # kept for the labels of threads
    ImportPass("forum_post", discussions.convert_post),  # kept, as the next two, until all replies are read
    ImportPass("issue", discussions.convert_issue),
    ImportPass("issue_knowledge", discussions.convert_case),
)
"""Passes in their order. Locks are not imported, as no run of this system holds them."""


@dataclass
class CollectionCounts:
    """Counts of one collection: documents read, written and present, and omitted parts and documents."""

    read: int = 0
    imported: int = 0
    already_there: int = 0
    left_out: int = 0
    outcome: str = ""
    """`imported`, `merged`, `left out`, or `made` for a collection of QDash that is filled from others."""
    where: str = ""
    """Destination of its documents, or the reason why they are left out."""


@dataclass
class ImportReport:
    """Report of an import."""

    collections: dict[str, CollectionCounts] = field(default_factory=dict)
    left_out: list[Omission] = field(default_factory=list)
    without_password: list[str] = field(default_factory=list)
    """Imported users, who need a new password."""

    def tally(self, collection: str) -> CollectionCounts:
        """Return the counts of a collection."""
        if collection not in self.collections:
            outcome, where = (
                ("made", MADE[collection]) if collection in MADE else _find_destination(collection)
            )
            self.collections[collection] = CollectionCounts(outcome=outcome, where=where)
        return self.collections[collection]


def _find_destination(collection: str) -> tuple[str, str]:
    return DESTINATIONS.get(collection, UNKNOWN)


class OriginalImport:
    """Import of one database.

    projects : collection of str
        Ids or names of the projects of the original to import; empty: all.
    sizes : mapping of str to int
        Number of documents of each collection, to report those that are not read.
    backend : str or None
        Backend of the chips for which the original does not name one.
    units : mapping of str to str
        Required units of values, by name; other values keep the unit of the original.
    progress : callable
        Called with the name of the current stage, and the number of documents read.
    """

    def __init__(
        self,
        documents: Callable[[str], Iterable[Document]],
        store: Store,
        *,
        projects: Collection[str] = (),
        sizes: Mapping[str, int] = MappingProxyType({}),
        backend: str | None = None,
        units: Mapping[str, str] = MappingProxyType({}),
        dry_run: bool = False,
        progress: Callable[[str, int], None] = lambda _stage, _done: None,
    ) -> None:
        self.report = ImportReport()
        self._documents = documents
        self._store = store
        self._chosen = frozenset(projects)
        self._sizes = sizes
        self._backend = backend
        self._units = units
        self._dry_run = dry_run
        self._progress = progress
        self._done = 0

    def run(self) -> ImportReport:
        """Import all collections.

        Raises
        ------
        InvalidInputError
            If the database has no documents of the original system.
        NotFoundError
            If a chosen project does not exist in the original.
        StoreError
            If the original cannot be read, or the store cannot be written. Records written before stay.
        """
        known = self._survey()
        for one in PASSES:
            self._import_collection(one, known)
        if not self._done:
            raise InvalidInputError(
                "the database contains no documents of the original system: check its name in the URL"
            )
        self._write_newest_results(known)
        self._write_discussions(known)
        for unplaced in scoped_notes.list_unplaced(known.scoped_notes.values()):
            self.report.tally(unplaced.collection).left_out += 1
            self.report.left_out.append(unplaced)
        self._report_unread_collections()
        return self.report

    def _report_unread_collections(self) -> None:
        for name, size in sorted(self._sizes.items()):
            if not DESTINATIONS.get(name, UNKNOWN).is_read:
                self.report.tally(name).left_out = self._count_selected(name) if self._chosen else size

    def _count_selected(self, collection: str) -> int:
        """Return the number of documents of the selected projects, including those without a project."""
        return sum(
            document.get("project_id") is None or document["project_id"] in self._chosen
            for document in self._documents(collection)
        )

    def _find_projects(self) -> list[str]:
        """Return the ids of the projects of the original; replace the names of the selected ones by ids."""
        names = {str(one.get("project_id")): str(one.get("name")) for one in self._documents("project")}
        selected = set()
        for one in sorted(self._chosen):
            found = [one] if one in names else [key for key, name in names.items() if name == one]
            if len(found) > 1:
                raise InvalidInputError(
                    f"the original has several projects named {one!r}: select one by its id, {' or '.join(found)}"
                )
            if not found:
                shown = ", ".join(f"{key} ({name})" for key, name in names.items())
                raise NotFoundError(f"the original has no project {one!r} (known: {shown or 'none'})")
            selected.update(found)
        self._chosen = frozenset(selected)
        return list(names)

    def _survey(self) -> ConversionState:
        original_project_ids = self._find_projects()
        backends: dict[str, set[str]] = {project_id: set() for project_id in original_project_ids}
        for document in self._documents("backend"):
            backends.setdefault(str(document.get("project_id")), set()).add(str(document.get("name")))
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            stored_project_ids = {
                project.project_id for project in repositories.of(ProjectRepository).list_all()
            }
            user_ids = {user["username"]: user["user_id"] for user in snapshot.find("user", {})}
            stored = Discussions(
                {
                    (one["project_id"], one["issue_id"]): IssueModel.model_validate(one)
                    for one in snapshot.find("issue", {})
                },
                [IssueEventModel.model_validate(one) for one in snapshot.find("issue_event", {})],
            )
        only_project = original_project_ids[0] if len(original_project_ids) == 1 else None
        return ConversionState(
            projects={*original_project_ids, *stored_project_ids},
            chosen=self._chosen,
            only_project=only_project,
            members=self._members(),
            backends={
                project_id: self._backend or (names.pop() if len(names) == 1 else "")
                for project_id, names in backends.items()
            },
            user_ids=user_ids,
            targets=survey_targets(
                self._documents,
                only_project=only_project or "",
            ),
            discussions=stored,
            discussed={
                (str(one.get("project_id") or only_project), str(one.get("task_id"))): None
                for one in self._documents("issue")
            },
        )

    def _members(self) -> set[str]:
        parts = (("project", "owner_username"), ("project_membership", "username"))
        return {
            str(document.get(field))
            for collection, field in parts
            for document in self._documents(collection)
            if document.get("project_id") in self._chosen
        }

    def _import_collection(self, one: ImportPass, known: ConversionState) -> None:
        batch: list[tuple[OriginalDocument, list[Group]]] = []
        for fields, n_read, replaced in self._read(one):
            document = OriginalDocument(one.collection, fields, units=self._units)
            groups = self._convert(one, document, fields, known)
            if groups is None:
                continue
            document.left_out += replaced
            if not one.parts:
                self._count(one.collection, n_read)
            batch.append((document, groups))
            if len(batch) == BATCH:
                self._write(batch, known)
                batch = []
        self._write(batch, known)

    def _read(self, one: ImportPass) -> Iterator[MergedDocument]:
        documents = self._documents(one.collection)
        if one.directed:
            return merge_directions(documents, one.collection)
        if one.values_first:  # one document per target: they fit into memory
            documents = sorted(documents, key=lambda fields: not fields.get("data"))
        return (MergedDocument(fields, 1, []) for fields in documents)

    def _convert(
        self, one: ImportPass, document: OriginalDocument, fields: Document, known: ConversionState
    ) -> list[Group] | None:
        """Return the records for a document, or None if its project is not selected."""
        try:
            if one.collection == "user":
                if known.chosen and fields.get("username") not in known.members:
                    return None
            elif (project_id := known.find_project(fields)) is None:
                return None
            else:
                document.project_id = project_id
            groups = list(one.convert(document, known))
        except UnreadableError as error:
            if not one.parts:  # otherwise it was recorded when the whole document was read
                document.omit("", str(error))
            return []
        if not one.parts:
            document.omit_unread()
        return groups

    def _count(self, collection: str, n_read: int) -> None:
        self.report.tally(collection).read += n_read
        self._done += n_read
        self._progress(f"reading {collection}", self._done)

    def _write(self, batch: list[tuple[OriginalDocument, list[Group]]], known: ConversionState) -> None:
        """Write the records of some documents in one transaction, with the counters of their executions."""
        with open_import(self._store, dry_run=self._dry_run) as transaction:
            for counter in known.take_raised_counters():
                transaction.write_group([("execution_counter", counter)])
            for document, groups in batch:
                refusals = [refusal for group in groups if (refusal := transaction.write_group(group))]
                for refusal in refusals:
                    document.omit("", refusal)
                if document.collection == "project" and not transaction.has_project(document.project_id):
                    known.projects.discard(document.project_id)
        self.report.without_password += transaction.new_users
        for name, count in transaction.imported.items():
            self.report.tally(name).imported += count
        for name, count in transaction.already_there.items():
            self.report.tally(name).already_there += count
        for document, _ in batch:
            self.report.tally(document.collection).left_out += len(document.left_out)
            self.report.left_out += document.left_out

    def _write_newest_results(self, known: ConversionState) -> None:
        """Write the newest results, which are known once all documents have been read."""
        newest: list[Group] = [[("latest_result", latest)] for latest in known.newest.values()]
        for place in range(0, len(newest), BATCH):
            self._write([(OriginalDocument("latest_result", {}), newest[place : place + BATCH])], known)

    def _write_discussions(self, known: ConversionState) -> None:
        """Write the issues, which are known once all replies have been read."""
        builder = IssueBuilder(known.discussions)
        threads = [*builder.build()]
        for place in range(0, len(threads), BATCH):
            batch = [
                (OriginalDocument(document.collection, {"_id": document.id}), [group])
                for document, group in threads[place : place + BATCH]
            ]
            self._write(batch, known)
        for one in builder.omissions:
            self.report.tally(one.collection).left_out += 1
            self.report.left_out.append(one)
