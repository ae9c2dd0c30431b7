"""Operations of cryostats."""

from __future__ import annotations

from qdash_builtin.cooldowns.cryostats import CRYOSTAT
from qdash_builtin.cooldowns.feature import COOLDOWNS
from qdash_builtin.cooldowns.views import CooldownDocument, CryostatDocument
from qdash_builtin.entities.operations import declare_entity_operations
from qdash_builtin.entities.requests import make_create_body, make_edit_body
from qdash_builtin.request_parts.path_parts import Name
from qdash_core.documents.pages import PageOf
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operation, Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("cryostats", place=280)

CryostatRequest, CryostatEdit = make_create_body(CRYOSTAT), make_edit_body(CRYOSTAT)

list_cryostats: Operation[[], PageOf[CryostatDocument]]
create_cryostat: Operation[..., CryostatDocument]
show_cryostat: Operation[[str], CryostatDocument]
edit_cryostat: Operation[..., CryostatDocument]
delete_cryostat: Operation[..., CryostatDocument]
list_cryostats, create_cryostat, show_cryostat, edit_cryostat, delete_cryostat = declare_entity_operations(
    operations, CRYOSTAT
)


@operations.get("/cryostats/{cryo_id}/cooldowns", needs=RequiredRole.VIEWER)
def cooldowns_of_cryostat(call: Call, cryo_id: Name) -> PageOf[CooldownDocument]:
    """List the cool-downs of a cryostat, newest first."""
    page = call.qdash.get(COOLDOWNS).page(call.access, call.page, cryo_id=cryo_id)
    return PageOf.from_page(page, CooldownDocument.from_record)
