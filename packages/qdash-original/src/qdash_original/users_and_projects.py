"""Conversion of users, projects and project-wide records of the original system."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from qdash_builtin.cooldowns.model import CryostatModel
from qdash_builtin.flows.model import FlowModel
from qdash_builtin.notes.model import MetricNoteModel, NoteEventModel, NoteScope, ScopeSource
from qdash_builtin.notes.scopes import make_range_scope
from qdash_core.models.base import Note
from qdash_core.models.cooldown import CooldownModel
from qdash_core.models.project import (
    BackendModel,
    ProjectMembershipModel,
    ProjectModel,
    TagModel,
    UserModel,
)
from qdash_core.models.token import AccessTokenModel, TokenScope
from qdash_core.repositories.collection import extract_key
from qdash_core.repositories.schema import COLLECTIONS
from qdash_original.values import boolean, integer, optional_text, qubit, text, text_list, timestamp
from qdash_original.values import coupling as coupling_

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.models.base import Record
    from qdash_original.conversion_state import ConversionState
    from qdash_original.original_document import OriginalDocument

Group = list[tuple[str, "Record"]]
"""Records with the names of their collections. If the first one is refused, the others are not written either."""

TOKEN_NAME = "original"  # noqa: S105  a name, no secret


def convert_user(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Yield a user with the hash of the token, which the original stored in plain text.

    The bcrypt hash of the password is not imported: a host would not print its first set-up link.
    """
    username = document.require("username", text)
    user_id = known.user_id(username, document.read("user_id", text))
    default_project_id = document.read("default_project_id", text) or None
    if default_project_id is not None and not known.has_project(default_project_id):
        document.omit("default_project_id", f"there is no project {default_project_id!r}")
        default_project_id = None
    document.mark_read("hashed_password", "must_change_password")
    display_name = document.read("display_name", optional_text)
    found = document.make_record(
        UserModel,
        {"disabled": boolean},
        username=username,
        user_id=user_id,
        full_name=document.read("full_name", optional_text) or display_name,
        default_project_id=default_project_id,
    )
    group: Group = [("user", found)]
    if secret := document.read("access_token", text):
        token = document.make_record(
            AccessTokenModel,
            {},
            token_hash=hashlib.sha256(secret.encode()).hexdigest(),
            user_id=user_id,
            username=username,
            name=TOKEN_NAME,
            scope=TokenScope.WRITE,
        )
        group.append(("access_token", token))
    yield group


def convert_project(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Yield a project; its id is that of the owner's project in the store, if there is one."""
    owner = document.require("owner_username", text)
    owner_id = known.user_id(owner, document.read("owner_user_id", text))
    fields = {"name": text, "description": text, "tags": text_list}
    yield [
        ("project", document.make_record(ProjectModel, fields, owner_username=owner, owner_user_id=owner_id))
    ]


def convert_membership(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Yield a membership."""
    username = document.require("username", text)
    inviter = document.read("invited_by", text)
    inviter_id = document.read("invited_by_user_id", text)
    record = document.make_record(
        ProjectMembershipModel,
        {"role": text, "status": text, "last_accessed_at": timestamp},
        username=username,
        user_id=known.user_id(username, document.read("user_id", text)),
        invited_by=inviter,
        invited_by_user_id=known.user_id(inviter, inviter_id) if inviter else inviter_id,
    )
    yield [("project_membership", record)]


def convert_backend(document: OriginalDocument, _known: ConversionState) -> Iterator[Group]:
    """Yield a backend."""
    yield [("backend", document.make_record(BackendModel, {"name": text}))]


def convert_tag(document: OriginalDocument, _known: ConversionState) -> Iterator[Group]:
    """Yield a tag."""
    yield [("tag", document.make_record(TagModel, {"name": text}))]


def convert_cryostat(document: OriginalDocument, _known: ConversionState) -> Iterator[Group]:
    """Yield a cryostat."""
    fields = {
        **dict.fromkeys(("cryo_id", "name", "manufacturer", "model", "location", "status"), text),
        **dict.fromkeys(("commissioned_at", "decommissioned_at"), timestamp),
    }
    yield [("cryostat", document.make_record(CryostatModel, fields, note=document.read_note("note")))]


def convert_cooldown(document: OriginalDocument, _known: ConversionState) -> Iterator[Group]:
    """Yield a cool-down, whose wiring is at the end of its note."""
    fields = {
        **dict.fromkeys(("cooldown_id", "cryo_id", "description"), text),
        **dict.fromkeys(("started_at", "ended_at"), timestamp),
        "chip_ids": text_list,
    }
    note, wiring = document.read_note("note"), _drop_pictures(document.read("wiring_info", text) or "")
    if wiring:
        note = Note(
            content="\n\n".join(filter(None, [note.content, f"Wiring:\n{wiring}"])),
            updated_by=note.updated_by,
            updated_at=note.updated_at or document.read_times()["updated_at"],
        )
    yield [("cooldown", document.make_record(CooldownModel, fields, note=note))]


_PICTURE = re.compile(r"!\[([^\]]*)\]\(data:[^)]*\)")


def _drop_pictures(markdown: str) -> str:
    """Return a text with the names of pictures in place of their data."""
    return _PICTURE.sub(lambda found: f"[picture {found[1]}]".replace(" ]", "]"), markdown).strip()


def convert_wiring_event(document: OriginalDocument, _known: ConversionState) -> Iterator[Group]:
    """Yield a change of the wiring in a cool-down, with comment and wiring, for the log of notes."""
    comment, wiring = (document.read(name, text) or "" for name in ("comment", "wiring_info_snapshot"))
    counts = {name: document.read(name, integer) for name in ("block_count", "image_count")}
    extra = document.read_mapping("extra", lambda _path, part: text(part))
    extra["wiring"] = document.read("action", text) or "checkpoint"
    record = document.make_record(
        NoteEventModel,
        {"actor": text},
        scope=NoteScope.COOLDOWN,
        target_id=document.require("cooldown_id", text),
        action="upsert",
        content="\n\n".join(filter(None, [comment, _drop_pictures(wiring)])),
        extra=extra | {name: str(count) for name, count in counts.items() if count},
    )
    yield [("note_event", record)]


def convert_metric_note(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Yield a note on a metric; the key of a time range is rewritten in the format of QDash."""
    is_coupling = document.get_raw("target_type") == "coupling"
    started_at, ended_at = (
        document.read("scope_started_at", timestamp),
        document.read("scope_ended_at", timestamp),
    )
    scope_key = document.require("scope_key", text)
    if document.get_raw("scope_type") == "time_range" and started_at and ended_at:
        scope_key = make_range_scope(started_at, ended_at).scope_key
    record = document.make_record(
        MetricNoteModel,
        dict.fromkeys(("chip_id", "target_type", "metric_key", "scope_type", "cooldown_id"), text),
        target_id=document.require("target_id", coupling_ if is_coupling else qubit),
        scope_key=scope_key,
        scope_started_at=started_at,
        scope_ended_at=ended_at,
        scope_source=document.read("scope_source", text) or ScopeSource.LEGACY_GLOBAL,
        note=document.read_note("note"),
    )
    known.metric_notes.add(extract_key(COLLECTIONS["metric_note"], record.to_document()))
    yield [("metric_note", record)]


def convert_note_event(document: OriginalDocument, _known: ConversionState) -> Iterator[Group]:
    """Yield an edit of a note; the store assigns its number."""
    scope = document.require("scope", text)
    named = {"qubit": qubit, "coupling": coupling_}.get(scope.partition("_")[0], text)
    record = document.make_record(
        NoteEventModel,
        dict.fromkeys(("chip_id", "metric_key", "action", "actor", "content"), text),
        scope=scope,
        target_id=document.require("target_id", named),
        extra=document.read_mapping("extra", lambda _path, part: text(part)),
    )
    yield [("note_event", record)]


def convert_flow(document: OriginalDocument, _known: ConversionState) -> Iterator[Group]:
    """Yield a registered flow, and its first version."""
    fields = dict.fromkeys(
        ("name", "chip_id", "description", "flow_function_name", "file_path", "deployment_id"), text
    )
    parameters = document.read_json_mapping("default_parameters")
    tags = document.read("tags", text_list) or []
    record = document.make_record(FlowModel, fields, default_parameters=parameters, tags=tags)
    yield [("flows", record), ("flow_version", record)]
