from qdash_builtin.digests.delivery import DigestDelivery as DigestDelivery
from qdash_builtin.digests.feature import DIGEST_DELIVERY as DIGEST_DELIVERY
from qdash_builtin.digests.feature import DIGESTS as DIGESTS
from qdash_builtin.digests.operations import send_digest as send_digest
from qdash_builtin.digests.operations import show_digest as show_digest
from qdash_builtin.digests.operations import show_digest_page as show_digest_page
from qdash_builtin.digests.service import DigestService as DigestService
