"""Fields of the original that are not imported: those without information, and reasons for the others."""

from __future__ import annotations

_IDS = frozenset({"user_id", "actor_user_id", "excluded_by_user_id", "owner_user_id", "recipient_user_id"})
"""Ids of users, who are known by their names."""
_DEFAULTS = frozenset(
    {
        ("activity_status", "active"),
        ("system_role", "user"),
        ("default_role", "viewer"),
        ("trigger_type", "manual_chip_bulk"),
    }
)
_REASONS = {
    "organization": "users of QDash have no organization",
    "avatar_key": "users of QDash have no picture",
    "must_change_password": "passwords of the original are not imported",
    "system_role": "an administrator is an owner of project default: `qdash member invite NAME --role owner --project default`",
    "default_role": "QDash has no links that invite anyone: each member gets a role",
    "activity_status": "chips of QDash are not active or inactive",
    "default_run_parameters": "a flow of QDash keeps no run parameters: give them to CalibService in its file, or to the run",
    "ai_review": "reviews by an assistant are left out, as its chats are",
    "ai_review_note": "reviews by an assistant are left out, as its chats are",
    "wiring_blocks": "it is wiring_info in the format of an editor; wiring_info is imported, and pictures stay in the original",
    "version": "it counts the writes of the note in the original",
}
_UNKNOWN = "QDash has no such field"


def find_reason(name: str, value: object) -> str:
    """Return the reason why an unread field is omitted, or an empty text if it holds no information."""
    if name in _IDS or _is_empty(name, value):
        return ""
    return _REASONS.get(name, _UNKNOWN)


def _is_empty(name: str, value: object) -> bool:
    if isinstance(value, dict):
        return all(_is_empty(key, part) for key, part in value.items())
    if isinstance(value, list):
        return not value
    return not value or (isinstance(value, str) and (name, value) in _DEFAULTS)
