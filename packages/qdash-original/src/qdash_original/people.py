"""Conversion of users, projects and project-wide records of the original system."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from qdash_core.models.cryostat import CooldownModel, CryostatModel
from qdash_core.models.flow import FlowModel
from qdash_core.models.note import MetricNoteModel, NoteEventModel
from qdash_core.models.project import (
    BackendModel,
    ProjectMembershipModel,
    ProjectModel,
    TagModel,
    UserModel,
)
from qdash_core.models.token import AccessTokenModel, TokenScope
from qdash_core.notes.scopes import scope_of_range
from qdash_original.values import coupling as coupling_
from qdash_original.values import flag, moment, qubit, text, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.models.base import Record
    from qdash_original.conversion_state import ConversionState
    from qdash_original.original_document import OriginalDocument

Group = list[tuple[str, "Record"]]
"""Records with the names of their collections. When the first cannot be written, neither can what belongs to it."""

TOKEN_NAME = "original"  # noqa: S105  a name, no secret


def user(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Yield a user with the hash of the password, and of the token that the original kept in clear."""
    username = document.need("username", text)
    user_id = known.user_id(username, document.take("user_id", text))
    default_project_id = document.take("default_project_id", text) or None
    if default_project_id is not None and not known.comes(default_project_id):
        document.leave_out("default_project_id", f"there is no project {default_project_id!r}")
        default_project_id = None
    found = document.record(
        UserModel,
        {"full_name": text, "disabled": flag},
        username=username,
        user_id=user_id,
        hashed_password=document.take("hashed_password", text) or None,
        default_project_id=default_project_id,
    )
    group: Group = [("user", found)]
    if secret := document.take("access_token", text):
        token = document.record(
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


def project(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Yield a project, whose owner has the id that this user has here."""
    owner = document.need("owner_username", text)
    owner_id = known.user_id(owner, document.take("owner_user_id", text))
    fields = {"name": text, "description": text, "tags": texts}
    yield [("project", document.record(ProjectModel, fields, owner_username=owner, owner_user_id=owner_id))]


def membership(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Yield a membership."""
    username = document.need("username", text)
    inviter = document.take("invited_by", text)
    inviter_id = document.take("invited_by_user_id", text)
    record = document.record(
        ProjectMembershipModel,
        {"role": text, "status": text, "last_accessed_at": moment},
        username=username,
        user_id=known.user_id(username, document.take("user_id", text)),
        invited_by=inviter,
        invited_by_user_id=known.user_id(inviter, inviter_id) if inviter else inviter_id,
    )
    yield [("project_membership", record)]


def backend(document: OriginalDocument, _known: ConversionState) -> Iterator[Group]:
    """Yield a backend."""
    yield [("backend", document.record(BackendModel, {"name": text}))]


def tag(document: OriginalDocument, _known: ConversionState) -> Iterator[Group]:
    """Yield a tag."""
    yield [("tag", document.record(TagModel, {"name": text}))]


def cryostat(document: OriginalDocument, _known: ConversionState) -> Iterator[Group]:
    """Yield a cryostat."""
    fields = {
        **dict.fromkeys(("cryo_id", "name", "manufacturer", "model", "location", "status"), text),
        **dict.fromkeys(("commissioned_at", "decommissioned_at"), moment),
    }
    yield [("cryostat", document.record(CryostatModel, fields, note=document.note("note")))]


def cooldown(document: OriginalDocument, _known: ConversionState) -> Iterator[Group]:
    """Yield a cool-down."""
    fields = {
        **dict.fromkeys(("cooldown_id", "cryo_id", "description"), text),
        **dict.fromkeys(("started_at", "ended_at"), moment),
        "chip_ids": texts,
    }
    yield [("cooldown", document.record(CooldownModel, fields, note=document.note("note")))]


def metric_note(document: OriginalDocument, _known: ConversionState) -> Iterator[Group]:
    """Yield a note on a metric; the key of a range of time is written as it is here."""
    is_coupling = document.raw("target_type") == "coupling"
    started_at, ended_at = document.take("scope_started_at", moment), document.take("scope_ended_at", moment)
    scope_key = document.need("scope_key", text)
    if document.raw("scope_type") == "time_range" and started_at and ended_at:
        scope_key = scope_of_range(started_at, ended_at).scope_key
    record = document.record(
        MetricNoteModel,
        dict.fromkeys(
            ("chip_id", "target_type", "metric_key", "scope_type", "cooldown_id", "scope_source"), text
        ),
        target_id=document.need("target_id", coupling_ if is_coupling else qubit),
        scope_key=scope_key,
        scope_started_at=started_at,
        scope_ended_at=ended_at,
        note=document.note("note"),
    )
    yield [("metric_note", record)]


def note_event(document: OriginalDocument, _known: ConversionState) -> Iterator[Group]:
    """Yield one edit of a note; the store numbers it."""
    scope = document.need("scope", text)
    named = {"qubit": qubit, "coupling": coupling_}.get(scope.partition("_")[0], text)
    record = document.record(
        NoteEventModel,
        dict.fromkeys(("chip_id", "metric_key", "action", "actor", "content"), text),
        scope=scope,
        target_id=document.need("target_id", named),
        extra=document.table("extra", lambda _path, part: text(part)),
    )
    yield [("note_event", record)]


def flow(document: OriginalDocument, _known: ConversionState) -> Iterator[Group]:
    """Yield a registered flow, and the same as its first version."""
    fields = dict.fromkeys(
        ("name", "chip_id", "description", "flow_function_name", "file_path", "deployment_id"), text
    )
    parameters = document.plain_table("default_parameters")
    tags = document.take("tags", texts) or []
    record = document.record(FlowModel, fields, default_parameters=parameters, tags=tags)
    yield [("flows", record), ("flow_version", record)]
