"""Every error crmkit raises, as one tree.

CrmkitError
├── ConfigError (ValueError)          a credential, address or setting is missing or wrong
├── ParameterError (TypeError)        a fetcher was called with something it does not take
├── RequestFailed                     the server was asked and did not answer as hoped
│   ├── AuthError                     the key is missing, wrong or expired
│   ├── PermissionDenied              the key works, the right is missing
│   ├── NotFound (LookupError)        no such record or path
│   ├── RateLimited                   too many calls, and waiting did not help
│   ├── ServerError                   the server failed (5xx)
│   └── NetworkError (ConnectionError)   no answer, or half of one
├── IncompleteFetch                   records are known or suspected to be missing; .frame and .receipt hold what came
├── ShapeError (ValueError)           the answer does not look as the contract sheet says
├── WriteStopped                      writing back met a surprise and went no further; .result says what was written
└── NotCached                         offline, and the cache does not hold it

Every error has crm, endpoint, status, retryable, retry_after and hint. Its text says what happened, in which call, what is
kept and what to do next; it never holds a response body, a header, a query value, a person's name or a credential.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from crmkit.receipts import Receipt

FIELDS = ("crm", "endpoint", "status", "retryable", "retry_after", "kept", "hint")


class CrmkitError(Exception):
    """Parent of every error that crmkit raises.

    Fields: crm (name of the system or None), endpoint (fetcher name or None), status (HTTP status or None), retryable (the
    same call may work later), retry_after (seconds or None), kept (what was saved) and hint (what to type next).
    """

    retryable = False

    def __init__(
        self,
        what: str,
        *,
        crm: str | None = None,
        endpoint: str | None = None,
        status: int | None = None,
        retryable: bool | None = None,
        retry_after: float | None = None,
        kept: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.crm = crm
        self.endpoint = endpoint
        self.status = status
        self.retryable = type(self).retryable if retryable is None else retryable
        self.retry_after = retry_after
        self.kept = kept
        self.hint = hint

    def __str__(self) -> str:
        call = ".".join(part for part in (self.crm, self.endpoint) if part)
        text = f"{call}: {self.what}" if call else self.what
        if self.kept:
            text += f" Kept: {self.kept}"
        if self.hint:
            text += f" Next: {self.hint}"
        return text

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.what, {name: getattr(self, name) for name in FIELDS})


def _rebuild(kind: type[CrmkitError], what: str, fields: dict[str, Any]) -> CrmkitError:
    """An error after its way through another process."""
    return kind(what, **fields)


class ConfigError(CrmkitError, ValueError):
    """A credential, an address or a setting is missing or wrong."""


class ParameterError(CrmkitError, TypeError):
    """A fetcher was called with a name or a value that it does not take."""


class RequestFailed(CrmkitError):
    """The server was asked and did not answer as hoped."""


class AuthError(RequestFailed):
    """The key is missing, wrong or expired."""


class PermissionDenied(RequestFailed):
    """The key works, but it may not read this."""


class NotFound(RequestFailed, LookupError):
    """There is no such record or path."""


class RateLimited(RequestFailed):
    """Too many calls; crmkit waited as long as it is willing to."""

    retryable = True


class ServerError(RequestFailed):
    """The server failed."""

    retryable = True


class NetworkError(RequestFailed, ConnectionError):
    """No answer came, or only half of one."""

    retryable = True


class IncompleteFetch(CrmkitError):
    """Records are known or suspected to be missing.

    .frame holds what came (a DataFrame), .receipt says why it is not everything. Pass allow_partial=True to get the frame
    instead of this error.
    """

    retryable = True
    frame: pd.DataFrame | None = None
    receipt: Receipt | None = None


class ShapeError(CrmkitError, ValueError):
    """The answer does not look as the contract sheet says; names the place, never the data."""


class WriteStopped(CrmkitError):
    """Writing back met a surprise and went no further.

    .result is a DataFrame, one line per request that was dealt with: what was written, what was left and why.
    """

    result: pd.DataFrame | None = None


class NotCached(CrmkitError):
    """crmkit is offline and the cache does not hold this answer."""
