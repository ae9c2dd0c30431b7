"""Feature of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.features import Feature, FeaturePage, NameList, Service

if TYPE_CHECKING:
    from qdash_core.projects.audit import AuditService
    from qdash_core.projects.authentication import TokenAuthenticator
    from qdash_core.projects.logins import LoginService
    from qdash_core.projects.members import MemberService
    from qdash_core.projects.projects import ProjectService
    from qdash_core.projects.tokens import TokenService
    from qdash_core.projects.users import UserService

TOKENS: Service[TokenService] = Service("qdash_core.services.people:open_tokens")
USERS: Service[UserService] = Service("qdash_core.services.people:open_users")
LOGINS: Service[LoginService] = Service("qdash_core.services.people:open_logins")
AUTHENTICATOR: Service[TokenAuthenticator] = Service("qdash_core.services.people:open_authenticator")
PROJECTS: Service[ProjectService] = Service("qdash_core.services.people:open_projects")
MEMBERS: Service[MemberService] = Service("qdash_core.services.people:open_members")
AUDIT_LOG: Service[AuditService] = Service("qdash_core.services.people:open_audit")

FEATURE = Feature(
    "people",
    services=(
        TOKENS,
        USERS,
        LOGINS,
        AUTHENTICATOR,
        PROJECTS,
        MEMBERS,
        AUDIT_LOG,
    ),
    names={
        "member": NameList("qdash_core.resources.members:list_members", "username"),
        "project": NameList(
            "qdash_core.resources.projects:list_projects",
            "project_id",
            "name",
            parameters=(
                "default_project_id",
                "project_id",
            ),
        ),
        "token": NameList("qdash_core.resources.auth:list_tokens", "name"),
        "user": NameList("qdash_core.resources.users:list_users", "username", "full_name"),
    },
    collections=(
        "qdash_core.projects.collections:ACCESS_TOKEN",
        "qdash_core.projects.collections:AUDIT",
        "qdash_core.projects.collections:SETUP_LINK",
        "qdash_core.projects.collections:LOGIN_ATTEMPT",
    ),
    operations=(
        "qdash_core.resources.users:operations",
        "qdash_core.resources.projects:operations",
        "qdash_core.resources.members:operations",
        "qdash_core.resources.audit:operations",
    ),
    commands={
        "user": "qdash_core.cli.users:user",
        "token": "qdash_core.cli.tokens:token",
        "project": "qdash_core.cli.projects:project",
        "member": "qdash_core.cli.members:member",
        "audit": "qdash_core.cli.audit:audit",
    },
    pages=(
        FeaturePage(
            "Projects",
            ":material/folder_shared:",
            "Administration",
            "projects",
            "qdash_ui_streamlit.pages.projects:render",
            place=10,
        ),
        FeaturePage(
            "Members and tokens",
            ":material/group:",
            "Administration",
            "members",
            "qdash_ui_streamlit.pages.members:render",
            place=20,
        ),
        FeaturePage(
            "Audit",
            ":material/policy:",
            "Administration",
            "audit",
            "qdash_ui_streamlit.pages.audit:render",
            place=30,
        ),
    ),
    settings=("qdash_core.projects.settings:PeopleSettings",),
    run_starts=("qdash_core.services.people:prune_audit_log",),
)
