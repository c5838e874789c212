"""Which addresses may be dialled: every spelling that leads inside is refused, unless the operator named it."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest
from twisted.internet.address import IPv4Address, IPv6Address

from crawler.guard import Guard, permits

PUBLIC = ("8.8.8.8", "93.184.216.34", "175.45.176.71", "2606:2800:220:1::1", "2a00:1450:4001::8a", "::ffff:8.8.8.8")
PRIVATE = (
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.255.255.254",
    "169.254.169.254", "172.16.0.1", "172.31.255.254", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.0.1",
    "198.18.0.1", "198.51.100.1", "203.0.113.7", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::7f00:1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.0.0.1",
    "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::8.8.8.8", "64:ff9b:1::a00:1", "100::1", "2001::1",
    "2001:0:7f00:1::", "2001:db8::1", "2002:7f00:1::", "2002:808:808::1", "fc00::1", "fd12:3456::1", "fe80::1",
    "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1",
)  # fmt: skip


@pytest.mark.parametrize("ip", PUBLIC)
def test_public_addresses_are_permitted(ip: str) -> None:
    """A public address may be dialled."""
    assert permits(ip)


@pytest.mark.parametrize("ip", PRIVATE)
def test_addresses_that_lead_inside_are_refused(ip: str) -> None:
    """Private, local, shared, multicast, reserved and translated addresses may not be dialled."""
    assert not permits(ip)


@pytest.mark.parametrize("ip", ["", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "1.2.3.4.5", "::g"])
def test_what_is_no_address_is_refused(ip: str) -> None:
    """Only an address as a resolver answers it is judged; anything else is refused."""
    assert not permits(ip)


@pytest.mark.parametrize(
    ("ip", "permitted"),
    [
        ("127.0.0.1", True),
        ("::ffff:127.0.0.1", True),
        ("127.0.0.2", False),
        ("::1", False),
        ("fd00::5", True),
        ("fd01::5", False),
        ("10.1.2.3", False),
        ("8.8.8.8", True),
    ],
)
def test_named_networks_are_let_through(ip: str, permitted: bool) -> None:
    """What the operator names is permitted, and nothing beside it."""
    assert permits(ip, (ip_network("127.0.0.1/32"), ip_network("fd00::/16"))) is permitted


class Names:
    """A resolver that answers what it is told to."""

    def __init__(self, *addresses: Any) -> None:
        self.addresses = addresses
        self.asked: list[str] = []

    def resolveHostName(
        self, receiver: Any, host: str, port: int = 0, types: Any = None, semantics: str = "TCP"
    ) -> Any:
        self.asked.append(host)
        receiver.resolutionBegan(self)
        for address in self.addresses:
            receiver.addressResolved(address)
        receiver.resolutionComplete()
        return self


class Dialler:
    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.steps: list[str] = []

    def resolutionBegan(self, resolution: Any) -> None:
        self.steps.append("began")

    def addressResolved(self, address: Any) -> None:
        self.addresses.append(address.host)

    def resolutionComplete(self) -> None:
        self.steps.append("complete")


def test_a_name_with_public_and_private_addresses_is_dialled_at_the_public_ones() -> None:
    """Of a mixed answer only the permitted addresses are passed on."""
    guard = Guard(Names(IPv4Address("TCP", "10.0.0.1", 80), IPv6Address("TCP", "2606:2800:220:1::1", 80)), ())
    dialler = Dialler()
    guard.resolveHostName(dialler, "mixed.example", portNumber=80)
    assert dialler.addresses == ["2606:2800:220:1::1"]
    assert dialler.steps == ["began", "complete"]
    assert guard.refusal("mixed.example") == ""


def test_a_name_with_private_addresses_alone_is_told_as_refused() -> None:
    """Where nothing of a name may be dialled, the guard says which address it was, once."""
    guard = Guard(Names(IPv4Address("TCP", "169.254.169.254", 80)), ["127.0.0.0/8"])
    dialler = Dialler()
    guard.resolveHostName(dialler, "inside.example.", portNumber=80)
    assert dialler.addresses == []
    assert guard.refusal("inside.example") == "169.254.169.254"
    assert guard.refusal("inside.example") == ""


def test_a_name_that_rebinds_is_judged_at_each_look_up() -> None:
    """The verdict belongs to one look-up: yesterday's public address permits nothing today, nor the reverse."""
    names = Names(IPv4Address("TCP", "93.184.216.34", 80))
    guard = Guard(names, ())
    guard.resolveHostName(first := Dialler(), "rebinds.example")
    names.addresses = (IPv4Address("TCP", "127.0.0.1", 80),)
    guard.resolveHostName(second := Dialler(), "rebinds.example")
    names.addresses = ()
    guard.resolveHostName(Dialler(), "rebinds.example")
    assert (first.addresses, second.addresses) == (["93.184.216.34"], [])
    assert guard.refusal("rebinds.example") == "", "a name without addresses is unknown, not refused"


@pytest.mark.parametrize("host", ["a..example", ".example", "x" * 64 + ".example", "x." * 127 + "example", "é" * 70])
def test_what_can_be_no_name_is_not_looked_up(host: str) -> None:
    """A name that DNS cannot carry has no address; the resolver, which would raise in a thread, is not asked."""
    names, dialler = Names(IPv4Address("TCP", "93.184.216.34", 80)), Dialler()
    Guard(names, ()).resolveHostName(dialler, host)
    assert (names.asked, dialler.addresses, dialler.steps) == ([], [], ["began", "complete"])


def test_an_international_name_is_looked_up_in_the_letters_of_dns() -> None:
    """As it stood in the URL: straße is not strasse."""
    names = Names(IPv4Address("TCP", "10.0.0.1", 80))
    guard = Guard(names, ())
    guard.resolveHostName(Dialler(), "straße.example")
    guard.resolveHostName(Dialler(), "중앙.example")
    assert names.asked == ["xn--strae-oqa.example", "xn--2e5b11e.example"]
    assert guard.refusal("xn--strae-oqa.example") == "10.0.0.1"
