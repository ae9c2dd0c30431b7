"""Limits of one process of the host: the number of concurrent requests of each kind."""

from __future__ import annotations

from anyio import CapacityLimiter
from anyio.lowlevel import RunVar

from qdash_api.process.slots import Slots
from qdash_core.errors import StoreUnavailableError, TooManyError

READERS, READERS_PER_USER = 8, 6
"""Fast reads. Each thread costs memory, and more would not be faster, as Python runs one at a time."""
AUTHENTICATIONS, AUTHENTICATIONS_PER_TOKEN = 2, 1
"""Authentications, less than 1 ms each; neither reads nor another token with many requests delay them."""
WRITERS, WRITERS_PER_USER = 8, 6
"""Requests that may write. The store commits one write at a time, so more threads would only wait for it."""
WRITE_QUEUE, WRITE_QUEUE_S = 32, 1.0
"""Queued writes of one user, and their longest wait in seconds: enough for a burst, short for a locked store."""
WRITE_WAIT_S = 5.0
"""Longest wait of a write for the write lock of the store, in seconds."""
LOGINS, LOGIN_QUEUE, LOGIN_QUEUE_S = 4, 8, 2.0
"""Logins and set-ups, which need no token: they use no slot of authenticated users."""
SLOW_READS, SLOW_READS_PER_USER = 4, 2
SLOW_WRITES, SLOW_WRITES_PER_USER = 2, 1
"""Slow reads (figures, thumbnails, previews, exports) and slow writes (imports, refits, saved flows)."""
SLOW_QUEUE, SLOW_QUEUE_S = 32, 10.0
PLUGIN_CALLS, PLUGIN_CALLS_PER_USER = 4, 2
"""Reads of plugins, and the same number of writes. Their routes do not declare whether they are slow."""
PLUGIN_THREADS = 2 * PLUGIN_CALLS
_STREAM_THREADS = 200
"""Threads that wait for the messages of streams and check the access of their users: two for each of the most answers that settings allow."""
_AUDIT_THREADS = WRITERS
"""Threads that record outcomes, as many as writers, since each outcome also waits for the write lock."""


class RequestLimits:
    """Slots and threads of each kind of request. Created in the event loop.

    Readers, writers and logins have separate threads, so that writers that wait for a locked store do not block readers.

    Attributes
    ----------
    authentications
        Slots of the authentication of each request, whose user is not known yet: limited for each token.
    readers, writers, logins, slow_reads, slow_writes, plugin_reads, plugin_writes
        Slots of each kind. A slow write or a write of a plugin also holds a slot of `writers`. A quick read waits for its
        slot as long as its client does.
    """

    def __init__(self) -> None:
        self.authentications = Slots(AUTHENTICATIONS, per_user=AUTHENTICATIONS_PER_TOKEN)
        self.readers = Slots(READERS, per_user=READERS_PER_USER)
        self.audit = CapacityLimiter(_AUDIT_THREADS)
        self.streams = CapacityLimiter(_STREAM_THREADS)
        self.writers = Slots(
            WRITERS,
            per_user=WRITERS_PER_USER,
            queue=WRITE_QUEUE,
            wait_s=WRITE_QUEUE_S,
            refusal=_make_write_refusal,
        )
        self.logins = Slots(
            LOGINS, per_user=LOGINS, queue=LOGIN_QUEUE, wait_s=LOGIN_QUEUE_S, refusal=_make_login_refusal
        )
        self.slow_reads = _make_slow_slots(SLOW_READS, SLOW_READS_PER_USER)
        self.slow_writes = _make_slow_slots(SLOW_WRITES, SLOW_WRITES_PER_USER)
        self.plugin_reads = _make_slow_slots(PLUGIN_CALLS, PLUGIN_CALLS_PER_USER)
        self.plugin_writes = _make_slow_slots(PLUGIN_CALLS, PLUGIN_CALLS_PER_USER)

    def for_route(self, *, reads: bool, slow: bool, anonymous: bool) -> tuple[Slots, ...]:
        """Return the kinds of slots that a request to a route holds, in the order of acquisition."""
        if reads:
            return (self.slow_reads,) if slow else (self.readers,)
        if anonymous:
            return (self.logins,)
        return (self.slow_writes, self.writers) if slow else (self.writers,)

    def for_plugin(self, *, reads: bool) -> tuple[Slots, ...]:
        """Return the kinds of slots that a request to a plugin holds, in the order of acquisition."""
        return (self.plugin_reads,) if reads else (self.plugin_writes, self.writers)


def get_current_limits() -> RequestLimits:
    """Return the limits of the running event loop. A process of the host has one loop."""
    try:
        return _limits_of_loop.get()
    except LookupError:
        limits = RequestLimits()
        _limits_of_loop.set(limits)
        return limits


_limits_of_loop: RunVar[RequestLimits] = RunVar("qdash-limits")


def _make_slow_slots(total: int, per_user: int) -> Slots:
    def refusal() -> TooManyError:
        return TooManyError(
            f"too many slow requests (figures, refits, imports, exports, previews, plugins): at most {per_user} of a user and "
            f"{total} in total run at the same time, and this one waited {SLOW_QUEUE_S:g} s or your queue is full; "
            "try again later",
            retry_after_s=SLOW_QUEUE_S,
        )

    return Slots(total, per_user=per_user, queue=SLOW_QUEUE, wait_s=SLOW_QUEUE_S, refusal=refusal)


def _make_write_refusal() -> StoreUnavailableError:
    return StoreUnavailableError(
        "too many writes wait for the store, which another process may have locked; nothing was written: try again later"
    )


def _make_login_refusal() -> TooManyError:
    return TooManyError("too many logins at the same time; try again later", retry_after_s=LOGIN_QUEUE_S)
