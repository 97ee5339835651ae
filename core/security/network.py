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
