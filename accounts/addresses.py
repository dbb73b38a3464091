"""Where on the network a request comes from."""

import ipaddress

from allauth.account.adapter import get_adapter
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The visitor's address behind our own proxies; of an IPv6 address the /64, which one household shares.

    The number of proxies to trust is `ALLAUTH_TRUSTED_PROXY_COUNT`: too few, and the whole town is one visitor.
    """
    address = ipaddress.ip_address(get_adapter(request).get_client_ip(request))
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((address, 64), strict=False).network_address)
    return str(address)
