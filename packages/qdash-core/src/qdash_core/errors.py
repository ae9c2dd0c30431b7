"""Exceptions, with one class for each possible reaction of the caller."""


class QDashError(Exception):
    """Root of all errors of QDash. The message states the problem, its location and a remedy."""


class InvalidInputError(QDashError, ValueError):
    """An argument is not valid: correct the name, value, file or setting."""


class UnconfirmedError(InvalidInputError):
    """A request is unusual, such as a value far from all evidence: check it, then repeat it with a confirmation."""


class NotFoundError(InvalidInputError):
    """The named object does not exist: choose an existing name."""


class NotOfferedError(NotFoundError):
    """A host has no such route: its feature is blocked or not installed there, or host and client have different versions."""


class AccessDeniedError(QDashError):
    """The user lacks the required role: ask an owner of the project, or act as another user."""


class LoginError(QDashError):
    """The caller is not authenticated: log in again, or request another set-up link.

    `needs_set_up` tells whether nobody can log in yet, since no user has a password.
    """

    def __init__(self, message: str, *, needs_set_up: bool = False) -> None:
        super().__init__(message)
        self.needs_set_up = needs_set_up


class MissingInputError(QDashError):
    """A task needs a value that the chip does not have yet: run the task that produces it."""


class PluginError(QDashError):
    """A plugin broke its contract: fix or block it."""


class PluginFailedError(PluginError):
    """The code of a plugin raised an unexpected error: its last failure in `qdash plugins list` has the place; tell its author.

    `message` names the call and its plugin, without the text of the error, which may hold anything. `local_message`
    adds text and place of the error, for users of this machine; it is empty if a host reports it.
    """

    def __init__(self, message: str, *, local_message: str = "") -> None:
        super().__init__(message)
        self.local_message = local_message


class BackendError(QDashError):
    """The hardware or its library failed: check the laboratory."""


class AssistantError(QDashError):
    """An assistant or its endpoint failed: check its settings and its endpoint, or ask again later."""


class AnalysisError(QDashError):
    """The data do not show the expected effect: measure again, or check the device."""


class NoSignalError(AnalysisError):
    """The expected signal is absent: noise alone explains the data, or only a drive off resonance does."""


class TaskTimeoutError(QDashError):
    """A task exceeded its `timeout_s`: check the cause of the delay."""


class FlowError(QDashError):
    """A flow or its process ended unexpectedly: fix the cause and resume the execution."""


class CancelledError(QDashError):
    """The execution of a notebook or script was cancelled elsewhere, and has ended: start another one to go on."""


class TaskStuckError(TaskTimeoutError):
    """A task did not stop at its time limit, and its run was ended: fix the task and resume the execution."""


class StoreError(QDashError):
    """The store cannot be opened, read or written."""


class StoreUnavailableError(StoreError):
    """The store cannot be reached or written now: wait, or check its server and its disk."""


class ConflictError(StoreError):
    """Another writer was first, or a new record already exists: read again and decide."""


class StaleError(ConflictError):
    """The record was changed since it was read: read it again and decide."""


class TooManyError(QDashError):
    """Too many requests in a short time: wait, and try again.

    `retry_after_s` is the time until the next permitted request, in seconds.
    """

    def __init__(self, message: str, *, retry_after_s: float = 60.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class NothingToDoError(QDashError):
    """No target meets the conditions of the request: nothing needs to be measured."""


class LockedError(QDashError):
    """Another run holds the instrument lock: wait for its end, queue this run, or release the lock."""


class IllegalTransitionError(QDashError):
    """Error for a change of state that the present state of a task or execution does not permit."""
