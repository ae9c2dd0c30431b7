"""Collections of logins."""

from __future__ import annotations

from qdash_core.repositories.collection import Collection

SETUP_LINK = Collection(
    "setup_link",
    ("code_hash",),
    indexes=(("username",),),
    model="qdash_core.models.login:SetUpLinkModel",
)
LOGIN_ATTEMPT = Collection(
    "login_attempt",
    ("subject",),
    indexes=(("last_at",),),
    model="qdash_core.models.login:LoginAttemptModel",
)
