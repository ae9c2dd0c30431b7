"""Operations of the last backup of the store."""

from __future__ import annotations

from qdash_builtin.home.backup_checks import read_backup_status
from qdash_builtin.home.views.backups import BackupStatusDocument
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole
from qdash_core.process.clock import utc_now

operations = Operations("host", place=30)


@operations.get("/backups/last", needs=RequiredRole.SELF)
def show_last_backup(call: Call) -> BackupStatusDocument:
    """Show the last complete backup of the store, with its age."""
    return BackupStatusDocument.from_status(read_backup_status(call.qdash.store, utc_now()))
