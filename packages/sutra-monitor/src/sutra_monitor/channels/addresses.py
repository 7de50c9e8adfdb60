"""The addresses that a host stands for, and which of them an alert may go to.

A name is looked up once and every address that it has is checked; what connects uses these, so that no later
answer of a name server leads elsewhere.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from sutra_monitor.channels.base import ChannelError

__all__ = ["checked_addresses"]

_TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
"""In which an IPv4 address is the last 32 bits (RFC 6052, RFC 8215)."""


def checked_addresses(host: str, port: int, *, allow_private: bool) -> list[str]:
    """The addresses of a host. Raises `ChannelError` where it has none, or one that is not allowed."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ChannelError(f"{host} has no address: {error}") from None
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    for address in addresses:
        if not _is_allowed(address, allow_private=allow_private):
            raise ChannelError(
                f"{host} is at {address}, which is no public address; "
                "allow_private = true lets alerts go there, if that is meant"
            )
    return addresses


def _is_allowed(text: str, *, allow_private: bool) -> bool:
    try:
        address = _meant(ip_address(text))
    except ValueError:
        return False
    if address.is_multicast or address.is_unspecified:
        return False
    return allow_private or address.is_global


def _meant(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address inside an IPv6 address, where there is one."""
    if isinstance(address, IPv4Address):
        return address
    inside = address.ipv4_mapped or address.sixtofour
    if inside is None and any(address in network for network in _TRANSLATED):
        inside = IPv4Address(int(address) & 0xFFFFFFFF)
    return inside or address
