"""Conversion of users, projects and project-wide records of the original system."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from qdash_core.models.cryostat import CooldownModel, CryostatModel
from qdash_core.models.flow import FlowModel
from qdash_core.models.note import MetricNoteModel, NoteEventModel, ScopeSource
from qdash_core.models.project import (
    BackendModel,
    ProjectMembershipModel,
    ProjectModel,
    TagModel,
    UserModel,
)
from qdash_core.models.token import AccessTokenModel, TokenScope
from qdash_core.notes.scopes import make_range_scope
from qdash_original.values import boolean, qubit, text, text_list, timestamp
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
    """Yield a user with hashes of the password and of the token.

    The original stored the token in plain text.
    """
    username = document.require("username", text)
    user_id = known.user_id(username, document.read("user_id", text))
    default_project_id = document.read("default_project_id", text) or None
    if default_project_id is not None and not known.has_project(default_project_id):
        document.omit("default_project_id", f"there is no project {default_project_id!r}")
        default_project_id = None
    found = document.make_record(
        UserModel,
        {"full_name": text, "disabled": boolean},
        username=username,
        user_id=user_id,
        hashed_password=document.read("hashed_password", text) or None,
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
    """Yield a cool-down."""
    fields = {
        **dict.fromkeys(("cooldown_id", "cryo_id", "description"), text),
        **dict.fromkeys(("started_at", "ended_at"), timestamp),
        "chip_ids": text_list,
    }
    yield [("cooldown", document.make_record(CooldownModel, fields, note=document.read_note("note")))]


def convert_metric_note(document: OriginalDocument, _known: ConversionState) -> Iterator[Group]:
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
