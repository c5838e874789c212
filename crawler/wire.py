"""The connection itself: Scrapy's download handler with the limits that it lacks, and its failures in our words."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any, cast

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)
from twisted.internet._sslverify import ClientTLSOptions
from twisted.internet.defer import CancelledError
from twisted.internet.error import ConnectError, ConnectionDone, ConnectionLost
from twisted.internet.ssl import CertificateOptions, platformTrust
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS, RequestNotSent, RequestTransmissionFailed, ResponseNeverReceived
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer  # type: ignore[import-untyped]

from crawler.fault import LookFault
from storage.model.looking import Outcome

MAX_HEAD = 64 * 1024  # bytes of status line and header fields; without a limit a server filled 439 MB in 8 s
IDLE_CONNECTION_S = 60  # a walk's next request comes sooner or much later

# It warns of every answer that is too large, before we say so in our own words.
logging.getLogger("scrapy.core.downloader.handlers.http11").setLevel(logging.ERROR)


class StaleConnection(Exception):
    """The server had closed the connection that was kept for it: the request may be made once more."""


class HeadTooLarge(Exception):
    """The answer's header is larger than 64 kB."""


class BoundedHandler(HTTP11DownloadHandler):
    """HTTP/1.1 as Scrapy speaks it, with a limit for the header and one trust store for all connections.

    `_pool._factory` and `_contextFactory` are Scrapy's own: tests/crawler/test_fetch.py notices when they move.
    """

    def __init__(self, crawler: Any) -> None:
        super().__init__(crawler)
        self._pool._factory = _BoundedFactory
        self._pool.cachedConnectionTimeout = IDLE_CONNECTION_S
        # Twisted asks again at once where a kept connection turns out to be closed; `Fetcher` does so after the pause.
        self._pool.retryAutomatically = False
        self._contextFactory = cast(Any, OneTrustStore())


class _BoundedProtocol(_LenientHTTP11ClientProtocol):
    _head = 0
    _used = False

    def request(self, request: Any) -> Any:
        self._head = 0
        answer = super().request(request)
        # Twisted hangs up on a line of 16 kB, as if the server had; sites send longer ones, and MAX_HEAD is enough.
        cast(Any, self._parser).MAX_LENGTH = 16 * MAX_HEAD
        if self._used:
            answer.addErrback(_stale)
        self._used = True
        return answer

    def dataReceived(self, data: bytes) -> None:
        super().dataReceived(data)  # type: ignore[no-untyped-call]
        if self._parser is None or self._parser.state not in (STATUS, HEADER):
            return
        self._head += len(data)
        if self._head > MAX_HEAD:
            self._giveUp(Failure(HeadTooLarge()))  # type: ignore[no-untyped-call]
            cast(Any, self.transport).abortConnection()


def _stale(failure: Any) -> Any:
    """Not one byte of an answer came, and nobody of ours ended the request."""
    failure.trap(RequestNotSent, RequestTransmissionFailed, ResponseNeverReceived)
    if any(reason.check(CancelledError) for reason in getattr(failure.value, "reasons", ())):
        return failure
    raise StaleConnection


class _BoundedFactory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: Any) -> Any:
        return _BoundedProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


@implementer(IPolicyForHTTPS)
class OneTrustStore:
    """Certificates are verified, against authorities that are read once.

    Twisted's own way reads the system's authorities anew for each connection: 11 ms of CPU against less than 1.
    """

    def __init__(self) -> None:
        self._options = CertificateOptions(trustRoot=platformTrust())  # type: ignore[no-untyped-call]

    def creatorForNetloc(self, hostname: bytes, port: int) -> ClientTLSOptions:
        return ClientTLSOptions(self._options.clientConnectionForTLS, hostname.decode("ascii"))


def fault_of(error: Exception, host: str, timeout: timedelta, limit: int) -> LookFault | None:
    """Say in words why a request came to nothing; None where the error is none of the network's."""
    match error:
        case DownloadCancelledError():
            return LookFault(Outcome.TOO_LARGE, f"the answer is larger than {limit:,} bytes")
        case DownloadTimeoutError():
            return _unreachable(f"no whole answer within {timeout.total_seconds():g} s")
        case DownloadConnectionRefusedError():
            return _unreachable("connection refused")
        case CannotResolveHostError():
            return _unreachable(f"the name {host} has no address")
        case StaleConnection():
            return _unreachable("the connection was closed before an answer came")
        case DownloadFailedError():
            return _failed(error)
        case ConnectError() | OSError() | ValueError():  # ValueError: a host name that no name can be
            return _unreachable(str(error) or type(error).__name__)
    return None


def _unreachable(words: str) -> LookFault:
    return LookFault(Outcome.UNREACHABLE, words)


def _failed(error: DownloadFailedError) -> LookFault:
    reasons = [one.value for one in getattr(error.__cause__, "reasons", ())]
    for reason in reasons:
        if isinstance(reason, HeadTooLarge):
            return LookFault(Outcome.TOO_LARGE, f"the answer's header is larger than {MAX_HEAD:,} bytes")
        if type(reason).__module__.startswith(("OpenSSL", "service_identity")):
            return _unreachable(f"TLS: {_tls_words(reason)}")
    if any(isinstance(reason, ConnectionDone | ConnectionLost) for reason in reasons):
        return _unreachable("the connection was closed before an answer came")
    return _unreachable("the answer is no HTTP" if reasons else str(error) or "the request failed")


def _tls_words(reason: BaseException) -> str:
    """OpenSSL's own words: its errors are a list of (library, function, reason)."""
    told = reason.args[0] if reason.args else ""
    if isinstance(told, list) and told and isinstance(told[0], tuple):
        return ", ".join(str(one[-1]) for one in told)
    return "the certificate is for another host" if "Verification" in type(reason).__name__ else str(reason)
