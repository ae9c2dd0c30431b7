"""Feature of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.access.authenticator import AUTHENTICATOR
from qdash_core.access.request_audit import REQUEST_AUDIT
from qdash_core.features.declarations import Feature, FeaturePage, NameList, Service

if TYPE_CHECKING:
    from qdash_builtin.people.audit import AuditService
    from qdash_builtin.people.logins import LoginService
    from qdash_builtin.people.members import MemberService
    from qdash_builtin.people.projects import ProjectService
    from qdash_builtin.people.tokens import TokenService
    from qdash_builtin.people.users import UserService

TOKENS: Service[TokenService] = Service("qdash_builtin.people.composition:open_tokens")
USERS: Service[UserService] = Service("qdash_builtin.people.composition:open_users")
LOGINS: Service[LoginService] = Service("qdash_builtin.people.composition:open_logins")
PROJECTS: Service[ProjectService] = Service("qdash_builtin.people.composition:open_projects")
MEMBERS: Service[MemberService] = Service("qdash_builtin.people.composition:open_members")
AUDIT_LOG: Service[AuditService] = Service("qdash_builtin.people.composition:open_audit")

FEATURE = Feature(
    "people",
    services=(
        TOKENS,
        USERS,
        LOGINS,
        PROJECTS,
        MEMBERS,
        AUDIT_LOG,
    ),
    provides={
        AUTHENTICATOR: "qdash_builtin.people.composition:open_authenticator",
        REQUEST_AUDIT: "qdash_builtin.people.composition:open_request_audit",
    },
    names={
        "member": NameList("qdash_builtin.people.operations.members:list_members", "username"),
        "project": NameList(
            "qdash_builtin.people.operations.projects:list_projects",
            "project_id",
            "name",
            parameters=(
                "default_project_id",
                "project_id",
            ),
        ),
        "token": NameList("qdash_builtin.people.operations.auth:list_tokens", "name"),
        "user": NameList("qdash_builtin.people.operations.users:list_users", "username", "full_name"),
    },
    collections=(
        "qdash_builtin.people.collections:ACCESS_TOKEN",
        "qdash_builtin.people.collections:AUDIT",
        "qdash_builtin.people.collections:SETUP_LINK",
        "qdash_builtin.people.collections:LOGIN_ATTEMPT",
    ),
    operations=(
        "qdash_builtin.people.operations.auth:operations",
        "qdash_builtin.people.operations.set_up_page:operations",
        "qdash_builtin.people.operations.users:operations",
        "qdash_builtin.people.operations.projects:operations",
        "qdash_builtin.people.operations.members:operations",
        "qdash_builtin.people.operations.audit:operations",
    ),
    commands={
        "user": "qdash_builtin.people.commands.users:user",
        "token": "qdash_builtin.people.commands.tokens:token",
        "project": "qdash_builtin.people.commands.projects:project",
        "member": "qdash_builtin.people.commands.members:member",
        "audit": "qdash_builtin.people.commands.audit:audit",
    },
    pages=(
        FeaturePage(
            "Settings",
            ":material/settings:",
            "Settings",
            "settings",
            "qdash_builtin.people.pages.settings:render",
            place=10,
        ),
        FeaturePage(
            "Projects",
            ":material/folder_shared:",
            "Settings",
            "projects",
            "qdash_builtin.people.pages.projects:render",
            place=20,
        ),
        FeaturePage(
            "Members and tokens",
            ":material/group:",
            "Settings",
            "members",
            "qdash_builtin.people.pages.members:render",
            place=30,
        ),
        FeaturePage(
            "Audit",
            ":material/policy:",
            "Settings",
            "audit",
            "qdash_builtin.people.pages.audit:render",
            place=50,
        ),
    ),
    settings=("qdash_builtin.people.settings:PeopleSettings",),
    run_starts=("qdash_builtin.people.composition:prune_audit_log",),
)
