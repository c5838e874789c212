"""Where a message leads: the pages of an article and of an alert, a rule's feed, the signed link that stops a rule."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import logging
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

log = logging.getLogger("dateline.tell")

_PURPOSE = b"dateline: stop or start a rule in a channel\0"
_KEY_BYTES = 32


class SigningKey:
    """The key in the data folder that signs links; made when it is first needed, readable by its owner alone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._key = b""

    def __repr__(self) -> str:
        return f"SigningKey({str(self._path)!r})"

    def token(self, rule: str, channel: str) -> str:
        """What stops this rule in this channel, and nothing else; it does not expire, as mails do not. Raises OSError
        where the key can be neither read nor made."""
        said = json.dumps([rule, channel], ensure_ascii=False).encode()
        return f"{_b64(said)}.{_b64(self._mac(said))}"

    def opened(self, token: str) -> tuple[str, str] | None:
        """Rule and channel of a token that this key signed; None for any other. Raises OSError."""
        said, _, mac = token.partition(".")
        try:
            content, signed = _unb64(said), _unb64(mac)
            if not hmac.compare_digest(self._mac(content), signed):
                return None
            rule, channel = json.loads(content)
        except (binascii.Error, ValueError):
            return None
        return rule, channel

    def _mac(self, said: bytes) -> bytes:
        if not self._key:
            self._key = _read_or_make(self._path)
        return hmac.new(self._key, _PURPOSE + said, hashlib.sha256).digest()


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses of our own, "" where there are none. A message that leaves the machine leads to `base_url`."""

    base_url: str = ""
    key: SigningKey | None = field(default=None, compare=False)

    def article(self, guid: str) -> str:
        """The saved copy: every revision, with what changed."""
        return f"{self.base_url}/article/{quote(guid, safe='')}" if self.base_url else ""

    def alert(self, number: int) -> str:
        """Why it was raised, clause by clause, and what became of it."""
        return f"{self.base_url}/alerts/{number}" if self.base_url else ""

    def rule(self, name: str) -> str:
        """The rule's feed."""
        return f"{self.base_url}/feeds/rule/{quote(name, safe='')}.rss" if self.base_url else ""

    def rules(self) -> str:
        """The rules in force, each with what stops it."""
        return f"{self.base_url}/rules" if self.base_url else ""

    def alerts(self) -> str:
        return f"{self.base_url}/alerts" if self.base_url else ""

    def stop(self, rule: str, channel: str) -> str:
        """The page that stops a rule in a channel. A message without it is better than none: where the key fails, the
        log says so."""
        if not self.base_url or self.key is None or not rule:
            return ""
        try:
            return f"{self.base_url}/stop?token={self.key.token(rule, channel)}"
        except OSError as reason:
            log.error("no link to stop rule=%s reason=%s", rule, reason)
            return ""


def _read_or_make(path: Path) -> bytes:
    """The key; of two processes that make it at once, the first one's."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f"{path.name}.{uuid4().hex}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(secrets.token_bytes(_KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
            path.hardlink_to(fresh)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    key = path.read_bytes()
    if len(key) != _KEY_BYTES:
        raise OSError(f"{path} is no key of {_KEY_BYTES} bytes: remove it, and links of earlier mails with it")
    return key


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _unb64(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
