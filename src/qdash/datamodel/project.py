"""Projects and members under the import path of the original."""

from qdash_core.models.project import ProjectMembershipModel, ProjectModel, ProjectRole

__all__ = ["ProjectMembershipModel", "ProjectModel", "ProjectRole"]
