"""Why an address could not be asked, without the address: its path may be a secret, and the libraries' own words hold
all of it."""

from __future__ import annotations

import ssl

import aiohttp

from scheduler.sending import why


def in_words(error: aiohttp.ClientError | OSError | ValueError, host: str) -> str:
    """What went wrong at a host."""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"there is no host {host}, or its name cannot be looked up now"
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        fault = getattr(error, "certificate_error", None) or error.os_error
        if isinstance(fault, ssl.SSLCertVerificationError):
            return f"{host} is not trusted: {fault.verify_message}"
        return f"{host} speaks no TLS there, or none in common: is it an address with http://?"
    if isinstance(error, OSError) and error.strerror:
        return f"no connection to {host}: {why(error)}"
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return f"{host} closed the connection without an answer"
    return f"no answer from {host} that can be read: {type(error).__name__}"
