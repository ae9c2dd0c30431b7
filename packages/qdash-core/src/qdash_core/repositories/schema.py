"""Collections of the store, with their keys and indexes.

Stores keep whole documents. Only fields named here can be queried, ordered by, or unique, so that no query
becomes a scan unnoticed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError
from qdash_core.models.provenance import EdgeBrief

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA_VERSION = 13
"""Version of the schema, incremented with every change of `COLLECTIONS` that requires a migration."""


@dataclass(frozen=True, slots=True, eq=False)
class Collection:
    """One kind of document. Equal only to itself.

    Parameters
    ----------
    name : str
        Name of the collection, as in the reference.
    key : tuple of str
        Fields that form the key of a document.
    indexes : tuple of tuple of str
        Compound indexes; a field with a leading `-` is descending. `a.b` is the field `b` within `a`.
    unique : tuple of tuple of str
        Further combinations that must be unique. Documents in which one of the fields is None are exempt.
    partial : mapping of str to tuple of str
        Compound indexes of only those documents in which the named field is not None.
    lists : tuple of str
        Fields with a list of text that can be queried for members.
    list_indexes : tuple of tuple of str
        Compound indexes with one of the lists: fields that a query fixes, the list, and the order of a page.
    text : str
        Field whose words can be searched, or empty for none.
    text_order : tuple of str
        Fields that order the results of a word search, as in an index: a page in that order needs no sorting.
    brief : tuple of str
        Fields of the brief: a copy of a small part of each document, for bulk reading by `Snapshot.read_briefs`.
    brief_entries : mapping of str to tuple of str
        Fields of the brief that hold mappings, with what the brief keeps of each of their entries.
    brief_index : tuple of str
        The one of `indexes` that holds the brief, so that a query in its order reads no documents.
    numbered : bool
        Whether the store assigns each document an increasing `seq` (append-only collections).

    Attributes
    ----------
    fields : tuple of str
        Every field that documents can be found by, each once, key first.
    """

    name: str
    key: tuple[str, ...]
    indexes: tuple[tuple[str, ...], ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    partial: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lists: tuple[str, ...] = ()
    list_indexes: tuple[tuple[str, ...], ...] = ()
    text: str = ""
    text_order: tuple[str, ...] = ()
    brief: tuple[str, ...] = ()
    brief_entries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    brief_index: tuple[str, ...] = ()
    numbered: bool = False
    fields: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Collect the fields once, since every write needs them."""
        indexed = (*self.indexes, *self.unique, *self.partial.values(), self.text_order)
        named = (*self.key, *(name.lstrip("-") for index in indexed for name in index))
        object.__setattr__(self, "fields", tuple(dict.fromkeys(named)))


_ASKED_OF_RESULTS = ("task_id", "name", "qid", "status", "verdict")
"""Filter fields of results, indexed after the order of a page and the key to filter without reading
documents."""

_BRIEF_OF_RESULTS = (
    *("task_id", "execution_id", "username", "name", "control", "status", "verdict", "reasons"),
    *("output_parameters", "decisions", "saved", "scope", "simulated", "refit_of", "cooldown_id", "start_at"),
    "analysis_model",
)
"""Values of a result with what decides on their use, for histories."""

COLLECTIONS = {
    collection.name: collection
    for collection in (
        Collection(
            "project",
            ("project_id",),
            indexes=(("owner_user_id", "name"),),
            unique=(("owner_username", "name"),),
        ),
        Collection(
            "project_membership",
            ("project_id", "username"),
            indexes=(("project_id", "user_id"), ("user_id", "status"), ("username", "status")),
        ),
        Collection("user", ("username",), unique=(("user_id",),)),
        Collection("access_token", ("token_hash",), indexes=(("user_id", "name"),)),
        Collection("setup_link", ("code_hash",), indexes=(("username",),)),
        Collection("login_attempt", ("subject",), indexes=(("last_at",),)),
        Collection(
            "audit",
            ("seq",),
            indexes=(
                ("project_id", "seq"),
                ("username", "seq"),
                ("project_id", "username", "seq"),
                ("created_at",),
            ),
            numbered=True,
        ),
        Collection(
            "chip",
            ("project_id", "chip_id"),
            indexes=(("username", "chip_id"), ("project_id", "-installed_at")),
        ),
        Collection("qubit", ("project_id", "chip_id", "qid"), indexes=(("project_id", "username"),)),
        Collection("coupling", ("project_id", "chip_id", "qid"), indexes=(("project_id", "username"),)),
        *(
            Collection(
                name,
                ("project_id", "chip_id", "qid", "recorded_date"),
                indexes=(("project_id", "chip_id", "-recorded_date"),),
            )
            for name in ("qubit_history", "coupling_history")
        ),
        Collection("chip_history", ("project_id", "chip_id", "recorded_date")),
        Collection(
            "execution_history",
            ("project_id", "execution_id"),
            indexes=(
                ("project_id", "-start_at"),
                ("project_id", "chip_id", "-start_at"),
                ("project_id", "username", "-start_at"),
                ("project_id", "status"),
                ("project_id", "flow_run_id"),
                ("project_id", "brought_as"),
            ),
            partial={"cooldown_id": ("project_id", "cooldown_id", "-start_at")},
            lists=("tags",),
            list_indexes=(("project_id", "tags", "-start_at"),),
        ),
        Collection(
            "task_result_history",
            ("project_id", "task_id"),
            indexes=(
                ("project_id", "execution_id", "start_at"),
                ("project_id", "chip_id", "-start_at", *_ASKED_OF_RESULTS),
                ("project_id", "chip_id", "name", "qid", "-start_at"),
                ("project_id", "chip_id", "qid", "-start_at"),
                ("project_id", "status", "-start_at"),
                ("project_id", "verdict", "-start_at"),
                ("project_id", "-start_at", *_ASKED_OF_RESULTS, "chip_id"),
                ("project_id", "username", "-start_at"),
                ("project_id", "execution_id", "name", "verdict"),
            ),
            partial={
                "user_note.updated_at": ("project_id", "chip_id", "-user_note.updated_at"),
                "cooldown_id": ("project_id", "cooldown_id", "-start_at"),
            },
            lists=("tags",),
            list_indexes=(("project_id", "tags", "-start_at"),),
            text="message",
            text_order=("project_id", "-start_at"),
            brief=_BRIEF_OF_RESULTS,
            brief_entries={"output_parameters": ("value", "error", "unit", "calibrated_at", "condition")},
            brief_index=("project_id", "chip_id", "name", "qid", "-start_at"),
        ),
        Collection(
            "value_change",
            ("project_id", "number", "qid"),
            indexes=(
                ("project_id", "chip_id", "-number"),
                ("project_id", "chip_id", "qid", "-number"),
                ("project_id", "chip_id", "qid", "kind", "-number"),
                ("project_id", "chip_id", "created_at", "number"),
                ("project_id", "username", "kind", "-number"),
            ),
            partial={"undoes": ("project_id", "undoes", "number")},
        ),
        Collection(
            "evidence_change",
            ("project_id", "chip_id", "qid", "created_at"),
            indexes=(("project_id", "chip_id", "created_at"),),
        ),
        Collection(
            "provenance",
            ("project_id", "subject", "object"),
            indexes=(
                ("project_id", "object", "subject"),
                ("project_id", "chip_id", "subject_qid", "-created_at"),
                ("project_id", "object_qid", "created_at"),
            ),
            brief=EdgeBrief._fields,
        ),
        Collection("value_scope", ("project_id", "chip_id", "name")),
        Collection("release", ("project_id", "chip_id", "name")),
        Collection("release_target", ("project_id", "chip_id", "name", "qid")),
        Collection("latest_result", ("project_id", "chip_id", "name", "qid")),
        Collection("execution_counter", ("project_id", "date")),
        Collection("execution_lock", ("instrument", "owner"), indexes=(("project_id",),)),
        Collection(
            "calibration_note",
            ("project_id", "chip_id", "execution_id", "task_id"),
            indexes=(("project_id", "chip_id", "-timestamp"),),
        ),
        Collection("task", ("project_id", "backend", "name"), indexes=(("project_id", "task_type"),)),
        Collection("backend", ("project_id", "name")),
        Collection("tag", ("project_id", "name")),
        Collection(
            "metric_note",
            ("project_id", "chip_id", "target_type", "target_id", "metric_key", "scope_key"),
            indexes=(
                ("project_id", "chip_id", "scope_key", "target_type", "target_id"),
                ("project_id", "chip_id", "scope_started_at", "scope_ended_at"),
            ),
        ),
        Collection(
            "note_event",
            ("seq",),
            indexes=(
                ("project_id", "chip_id", "-created_at"),
                ("project_id", "scope", "target_id", "-created_at"),
                ("project_id", "-created_at"),
            ),
            text="content",
            numbered=True,
        ),
        Collection("cryostat", ("project_id", "cryo_id")),
        Collection(
            "plugin_record",
            ("project_id", "entity", "record_id"),
            indexes=(("project_id", "entity", "-created_at"),),
        ),
        Collection(
            "cooldown",
            ("project_id", "cooldown_id"),
            indexes=(("project_id", "cryo_id", "-started_at"), ("project_id", "-started_at")),
            lists=("chip_ids",),
            list_indexes=(("project_id", "chip_ids", "-started_at"),),
        ),
        Collection(
            "issue",
            ("project_id", "issue_id"),
            indexes=(
                ("project_id", "-updated_at"),
                ("project_id", "-created_at"),
                ("project_id", "state", "-updated_at"),
                ("project_id", "chip_id", "-updated_at"),
                ("project_id", "chip_id", "state", "-updated_at"),
                ("project_id", "username", "-updated_at"),
                ("project_id", "task", "-updated_at"),
                ("project_id", "task_id"),
                ("project_id", "execution_id"),
                ("project_id", "cooldown_id"),
            ),
            lists=("targets", "labels", "assignees", "metrics"),
            list_indexes=(
                ("project_id", "targets", "-updated_at"),
                ("project_id", "labels", "-updated_at"),
                ("project_id", "assignees", "-updated_at"),
                ("project_id", "metrics", "-updated_at"),
            ),
            text="words",
            text_order=("project_id", "-updated_at"),
        ),
        Collection("issue_event", ("project_id", "issue", "number")),
        Collection(
            "conversation",
            ("project_id", "conversation_id"),
            indexes=(
                ("project_id", "reader", "-updated_at"),
                ("project_id", "chip_id", "reader", "-updated_at"),
            ),
        ),
        Collection("conversation_message", ("project_id", "conversation_id", "number")),
        Collection("assistant_usage", ("project_id", "day", "username")),
        Collection("flows", ("project_id", "name"), indexes=(("project_id", "-created_at"),)),
        Collection("flow_version", ("project_id", "name", "version")),
        Collection("file_version", ("root", "path", "number")),
        Collection("event", ("seq",), indexes=(("project_id", "seq"),), numbered=True),
        Collection("queue", ("project_id", "execution_id"), indexes=(("rank",), ("performer", "held"))),
        Collection("idempotency", ("project_id", "username", "key"), indexes=(("project_id", "created_at"),)),
        Collection("timetable", ("project_id", "name"), indexes=(("next_at",),)),
        Collection("presence", ("owner",), indexes=(("kind", "owner"),)),
        Collection(
            "execution_log",
            ("seq",),
            indexes=(("project_id", "execution_id", "seq"), ("project_id", "seq")),
            numbered=True,
        ),
    )
}


def get_collection(name: str) -> Collection:
    """Return a collection by its name; raise `KeyError` if there is none."""
    try:
        return COLLECTIONS[name]
    except KeyError:
        raise KeyError(f"no collection {name!r}; there are {', '.join(COLLECTIONS)}") from None


def extract_key(collection: Collection, document: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the values of the key fields of a document; raise `InvalidInputError` if one is absent."""
    try:
        return tuple([document[name] for name in collection.key])
    except KeyError as error:
        raise InvalidInputError(f"a document of {collection.name} needs its key field {error}") from error
