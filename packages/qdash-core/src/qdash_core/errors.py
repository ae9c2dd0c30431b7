"""One root error, and below it one class for each thing that the caller can do about it."""


class QDashError(Exception):
    """Root of every error that QDash raises on purpose. Its message says what, where and what to try."""


class InvalidInputError(QDashError, ValueError):
    """Something that was asked for cannot be: correct the name, value, file or setting."""


class NotFoundError(InvalidInputError):
    """What was named does not exist: look at the names that do."""


class AccessDeniedError(QDashError):
    """The user may not do this here: ask an owner of the project, or act as somebody who may."""


class LoginError(QDashError):
    """Who asks has not shown who they are: log in again, or ask for another set-up link."""


class MissingInputError(QDashError):
    """A task needs a value that the chip does not have yet: run the task that makes it."""


class PluginError(QDashError):
    """A plugin broke its contract: mend or block it."""


class BackendError(QDashError):
    """The hardware or its library refused: look at the laboratory."""


class AnalysisError(QDashError):
    """The data do not hold the effect that was looked for: measure again, or look at the device."""


class TaskTimeoutError(QDashError):
    """A task took longer than its `timeout_s`: look at what it waits for."""


class FlowError(QDashError):
    """What ran a flow broke off, by an error of its own or the end of its process: mend it, resume the execution."""


class TaskStuckError(TaskTimeoutError):
    """A task did not stop when its time was up, and its run has been ended: mend the task, and resume the execution."""


class StoreError(QDashError):
    """The store cannot be opened, read or written."""


class StoreUnavailableError(StoreError):
    """The store cannot be reached or written now: wait, or look at its server and its disk."""


class ConflictError(StoreError):
    """Somebody else wrote first, or what should be new exists already: read again and decide."""


class StaleError(ConflictError):
    """What should be changed was changed since it was read: read it again and decide."""


class TooManyError(QDashError):
    """Too much was asked for in a short time: wait, and ask again.

    Parameters
    ----------
    message : str
        What was asked for too often.
    retry_after_s : float
        After so many seconds it may be asked for again.
    """

    def __init__(self, message: str, *, retry_after_s: float = 60.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class LockedError(QDashError):
    """Another run holds the lease on the instrument: wait for its end, let this one wait in the queue, or release the lease."""


class IllegalTransitionError(QDashError):
    """A task or execution was asked to leave a state that it cannot leave that way."""
