"""What every answer passes: the Host check before, the headers that all have after."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Nothing is loaded from elsewhere and no script runs, but our own file on an article's page, so that what a site wrote
# cannot reach the reader's browser even if it got through the sanitiser.
HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    # Ask each time. Without it a browser guesses, and shows the pages of a new version in the style of the one before.
    "cache-control": "no-cache",
}
# For an article's page, whose slider fetches comparisons from the same page: no inline script, none from elsewhere.
WITH_SCRIPT = HEADERS["content-security-policy"] + "; script-src 'self'; connect-src 'self'"

WITH_FORM = HEADERS["content-security-policy"].replace("form-action 'none'", "form-action 'self'")


class Doorway:
    """An ASGI application around another.

    A page on the internet whose name is made to resolve to 127.0.0.1 could otherwise read ours (DNS rebinding): only
    our own names are answered. Addresses in digits are, too: nobody can rebind those.
    """

    def __init__(self, app: ASGIApp, names: Iterable[str]) -> None:
        self._app = app
        self._names = {name.lower() for name in names} | {"localhost"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        app = self._app if self._is_ours(Headers(scope=scope).get("host", "")) else _NOT_OURS
        await app(scope, receive, send_with_headers)

    def _is_ours(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return name.rstrip(".") in self._names or _is_address(name)


_NOT_OURS = PlainTextResponse(
    "Dateline is not known under this name. Mend: set [daemon] base_url to the address that readers use.\n", 421
)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
