"""Routes of cryostats."""

from __future__ import annotations

from qdash_api.pages import PageOf
from qdash_api.resources.entities import declare_entity_routes
from qdash_api.routing.call import Call
from qdash_api.routing.path_parts import Name
from qdash_api.routing.required_role import RequiredRole
from qdash_api.routing.routes import Routes
from qdash_core.cooldowns.cryostats import CRYOSTAT
from qdash_core.documents.cooldowns import CooldownDocument

routes = Routes("cryostats")
declare_entity_routes(routes, CRYOSTAT)


@routes.get("/cryostats/{cryo_id}/cooldowns", needs=RequiredRole.VIEWER, answers=PageOf[CooldownDocument])
def cooldowns_of_cryostat(call: Call, cryo_id: Name) -> PageOf[CooldownDocument]:
    """List the cool-downs of a cryostat, newest first."""
    page = call.qdash.cooldowns.page(call.access, call.page, cryo_id=cryo_id)
    return PageOf.from_page(page, CooldownDocument.from_record)
