"""The only HTTP client. `PUBLIC` is for foreign addresses, `CONFIGURED` for endpoints that the operator set.

`fetch_politely` is for pages and feeds: it waits for its turn at each host and follows robots.txt. All answer with what
came, whatever its status; what is not asked for, or does not come in whole, is a Refused with a code of its own.
"""

from claims.outbound.client import Fetched, ask, fetch, post_json, put_stream
from claims.outbound.policy import CONFIGURED, PUBLIC, Policy
from claims.outbound.politeness import fetch_politely

__all__ = ["CONFIGURED", "PUBLIC", "Fetched", "Policy", "ask", "fetch", "fetch_politely", "post_json", "put_stream"]
