from qdash_core.digests.delivery import DigestDelivery as DigestDelivery
from qdash_core.digests.feature import DIGEST_DELIVERY as DIGEST_DELIVERY
from qdash_core.digests.feature import DIGESTS as DIGESTS
from qdash_core.digests.service import DigestService as DigestService
from qdash_core.resources.digests import send_digest as send_digest
from qdash_core.resources.digests import show_digest as show_digest
from qdash_core.resources.digests import show_digest_page as show_digest_page
