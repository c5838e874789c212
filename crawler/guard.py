"""Which addresses may be dialled at all: the check that stands under every connection of the crawler."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from ssrfguard import Policy
from twisted.internet._idna import _idnaBytes
from twisted.internet._resolver import HostResolution
from twisted.internet.interfaces import IHostnameResolver, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

Network = IPv4Network | IPv6Network

_POLICY = Policy()
# Refused beside what ssrfguard refuses, so that neither list alone is the wall. `ipaddress.is_global` says yes to
# several of these on 3.11 (64:ff9b::7f00:1, 2002:7f00:1::, 224.0.0.1). A tunnel or translation prefix is refused
# whatever it carries: no news site lives behind one, and what arrives is not the address that was checked.
_REFUSED = tuple(
    ip_network(one)
    for one in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # shared by carriers (RFC 6598)
        "192.88.99.0/24",  # 6to4 relays (RFC 7526)
        "224.0.0.0/3",  # multicast, reserved and broadcast
        "::/96",  # unspecified, loopback, IPv4-compatible
        "64:ff9b::/96",  # NAT64 (RFC 6052)
        "64:ff9b:1::/48",  # NAT64, local use (RFC 8215)
        "2001::/32",  # Teredo
        "2002::/16",  # 6to4
        "fec0::/10",  # site-local
        "ff00::/8",
    )
)


def permits(ip: str, allowed: Iterable[Network] = ()) -> bool:
    """Say whether the crawler may connect to `ip`: a public address, or one inside a network that the operator named.

    An IPv4-mapped address (`::ffff:127.0.0.1`) is judged as the IPv4 address that it reaches. What is no address is
    refused.
    """
    try:
        address: IPv4Address | IPv6Address = ip_address(ip.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if any(address in network for network in allowed):
        return True
    if not address.is_global or any(address in network for network in _REFUSED):
        return False
    return _POLICY.permits_address(address)


@implementer(IHostnameResolver)
class Guard:
    """The reactor's name resolver, without the addresses that we do not dial.

    Twisted connects to what its resolver answers, literal addresses too, so what is checked here is what is dialled:
    redirects, rebinding and every spelling of an address end here. A look-up before the request would not do.
    Types are `Any` where zope's interfaces, whose methods take no `self`, would mislead mypy.
    """

    def __init__(self, resolver: Any, allowed: Iterable[str]) -> None:
        self._resolver = resolver
        self._allowed = tuple(ip_network(one) for one in allowed)
        self._refused: dict[str, str] = {}

    def refusal(self, host: str) -> str:
        """The address for which the last look-up of `host` was refused, told once; "" if none was."""
        return self._refused.pop(host.strip("[]").removesuffix("."), "")

    def resolveHostName(
        self,
        resolutionReceiver: Any,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[Any]] | None = None,
        transportSemantics: str = "TCP",
    ) -> Any:
        if not (name := _wire_name(hostName)):
            resolutionReceiver.resolutionBegan(resolution := HostResolution(hostName))
            resolutionReceiver.resolutionComplete()
            return resolution
        return self._resolver.resolveHostName(
            _Sieve(resolutionReceiver, self, name), name, portNumber, addressTypes, transportSemantics
        )

    def passes(self, ip: str) -> bool:
        return permits(ip, self._allowed)

    def resolved(self, host: str, refused: str) -> None:
        """Remember why nothing of `host` could be dialled; `refused` is "" where something could, or nothing was."""
        host = host.removesuffix(".")
        self._refused.pop(host, None)
        if refused:
            self._refused[host] = refused


def _wire_name(host: str) -> str:
    """The name in the letters that DNS knows; "" where it can be none (RFC 1035, section 2.3.4).

    Twisted hands over "straße" for xn--strae-oqa, which Python's own codec would ask for as "strasse", another host;
    and of an empty or too long label it makes an exception that reaches nobody but the log.
    """
    try:
        name = host if host.isascii() else _idnaBytes(host).decode("ascii")
    except UnicodeError:
        return ""
    labels = name.removesuffix(".").split(".")
    return name if len(name) <= 254 and all(0 < len(label) <= 63 for label in labels) else ""


@implementer(IResolutionReceiver)
class _Sieve:
    """Passes the addresses of one look-up on, but for the refused ones."""

    def __init__(self, receiver: Any, guard: Guard, host: str) -> None:
        self._receiver, self._guard, self._host = receiver, guard, host
        self._passed, self._refused = False, ""

    def resolutionBegan(self, resolution: Any) -> None:
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:
        if self._guard.passes(address.host):
            self._passed = True
            self._receiver.addressResolved(address)
        else:
            self._refused = address.host

    def resolutionComplete(self) -> None:
        self._guard.resolved(self._host, "" if self._passed else self._refused)
        self._receiver.resolutionComplete()


def install_guard(allowed: Iterable[str]) -> Guard:
    """Put a guard under every dial of this process's reactor, in place of an earlier one."""
    from twisted.internet import reactor  # here, since its import chooses the reactor

    known: Any = reactor.nameResolver
    guard = Guard(known._resolver if isinstance(known, Guard) else known, allowed)
    reactor.installNameResolver(guard)
    return guard
