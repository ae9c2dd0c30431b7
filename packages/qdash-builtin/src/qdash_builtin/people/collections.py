"""Collections of tokens, logins and the audit log."""

from __future__ import annotations

from qdash_core.repositories.collection import Collection

ACCESS_TOKEN = Collection(
    "access_token",
    ("token_hash",),
    indexes=(("user_id", "name"),),
    model="qdash_core.models.token:AccessTokenModel",
)
AUDIT = Collection(
    "audit",
    ("seq",),
    indexes=(
        ("project_id", "seq"),
        ("username", "seq"),
        ("project_id", "username", "seq"),
        ("created_at",),
    ),
    numbered=True,
    size_group="events",
    model="qdash_builtin.people.models.audit:AuditModel",
)
SETUP_LINK = Collection(
    "setup_link",
    ("code_hash",),
    indexes=(("username",),),
    model="qdash_builtin.people.models.login:SetUpLinkModel",
)
LOGIN_ATTEMPT = Collection(
    "login_attempt",
    ("subject",),
    indexes=(("last_at",),),
    model="qdash_builtin.people.models.login:LoginAttemptModel",
)
