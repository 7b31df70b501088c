"""What every answer says to browsers, the same on every installation."""

from __future__ import annotations

from copy import deepcopy
from typing import Any
from urllib.parse import urlsplit

__all__ = [
    "CONTENT_SECURITY_POLICY",
    "PERMISSIONS_POLICY",
    "SECURE_CROSS_ORIGIN_OPENER_POLICY",
    "SECURE_REFERRER_POLICY",
    "X_FRAME_OPTIONS",
    "with_provider",
]

X_FRAME_OPTIONS = "DENY"
# Not no-referrer: a browser then sends "Origin: null" with every form, which the CSRF check rightly refuses. Other
# origins see no referrer under either.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
UNUSED_FEATURES = ("camera", "display-capture", "geolocation", "microphone", "midi", "payment", "usb", "fullscreen")
PERMISSIONS_POLICY: dict[str, list[str]] = {feature: [] for feature in UNUSED_FEATURES}
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}


def with_provider(policy: dict[str, Any], server_url: str) -> dict[str, Any]:
    """The policy with the identity provider's origin: the form that begins to sign in there is answered by a redirect
    to it, and browsers hold redirects of a form to form-action, too."""
    parts, widened = urlsplit(server_url), deepcopy(policy)
    widened["DIRECTIVES"]["form-action"].append(f"{parts.scheme}://{parts.netloc}")
    return widened
