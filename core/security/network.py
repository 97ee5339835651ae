"""Where a request comes from."""

import ipaddress

from flask import request


def client_network() -> str:
    """Return the client's address for throttling: IPv4 whole, IPv6 as its /64 network."""
    return network_of(request.remote_addr or "")


def network_of(address: str) -> str:
    """Return the throttling key of an address; an unreadable one shares the key `unknown`."""
    try:
        parsed = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def place_of(address: str) -> str:
    """Return as much of an address as tells one place from another: `203.0.113.*`.

    This is what is kept beside a session; the whole address is not.
    """
    try:
        parsed = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed).rpartition(".")[0] + ".*"
    return str(ipaddress.ip_network((parsed, 48), strict=False).network_address) + "*"


def client_place() -> str:
    """Return the place that the present request comes from."""
    return place_of(request.remote_addr or "")
