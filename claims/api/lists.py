"""Lists: named filters, named orders, and a cursor that says where the next page begins. No counts, no offsets."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model, Q, QuerySet
from django.utils.dateparse import parse_date
from rest_framework.request import Request

from claims.errors import Refused

PAGE = 50
MAX_PAGE = 200
SEARCH_CHARS = 1_000
PAGING = frozenset({"cursor", "page_size", "ordering"})
MAX_ID = 2**63 - 1


@dataclass(frozen=True)
class Kind:
    """What a parameter holds: how its text is read (name, text -> value) and its JSON Schema."""

    read: Callable[[str, str], Any]
    schema: dict[str, Any]


def _read_whole(name: str, given: str) -> int:
    if not (given.isascii() and given.isdigit() and len(given) < 20 and int(given) <= MAX_ID):
        raise _invalid(name, "a whole number")
    return int(given)


def _read_words(name: str, given: str) -> str:
    if len(given) > SEARCH_CHARS:
        raise Refused(
            "search_too_long", f"A search has at most {SEARCH_CHARS:,} characters, not {len(given):,}.", status=400
        )
    return given


def _read_day(name: str, given: str) -> date:
    try:
        found = parse_date(given)
    except ValueError:
        found = None
    if found is None:
        raise _invalid(name, "a day such as 2026-01-31")
    return found


def _read_share(name: str, given: str) -> float:
    try:
        number = float(given) if len(given) <= 40 else -1.0  # 7.260152458831944e-131 is one, too
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise _invalid(name, "a number from 0 to 1")
    return number


def one_of(*known: str) -> Kind:
    def read(name: str, given: str) -> str:
        if given not in known:
            raise _invalid(name, f"one of {', '.join(known)}")
        return given

    return Kind(read, {"type": "string", "enum": list(known)})


def _invalid(name: str, wanted: str) -> Refused:
    return Refused("invalid_filter", f"The parameter {name} must be {wanted}.", status=400)


WHOLE = Kind(_read_whole, {"type": "integer", "minimum": 0, "maximum": MAX_ID})
WORDS = Kind(_read_words, {"type": "string", "maxLength": SEARCH_CHARS, "pattern": r"^[^\u0000]*$"})
DAY = Kind(_read_day, {"type": "string", "format": "date"})
SHARE = Kind(_read_share, {"type": "number", "minimum": 0, "maximum": 1})


@dataclass(frozen=True)
class Filter:
    """One parameter: its kind, which condition it makes, and its line in the documentation."""

    kind: Kind
    condition: Callable[[Any], Q]
    help: str


@dataclass(frozen=True)
class Order:
    """A named order: the columns it sorts by (the last one unique), and a condition its rows must meet."""

    columns: tuple[str, ...]
    only: Q = field(default_factory=Q)


NEWEST = {"-created": Order(("-id",)), "created": Order(("id",))}


@dataclass(frozen=True)
class Listing:
    """What a list offers. The first order is the default."""

    filters: Mapping[str, Filter] = field(default_factory=dict)
    orders: Mapping[str, Order] = field(default_factory=lambda: NEWEST)

    @property
    def parameters(self) -> frozenset[str]:
        return PAGING | set(self.filters)

    def page(self, request: Request, rows: QuerySet[Any], shape: Callable[[Any], Any]) -> dict[str, Any]:
        """One page as {"results": [...], "next": address or null}; one query, and one row more than shown."""
        given = request._request.GET
        for name, one in self.filters.items():
            if name in given:
                rows = rows.filter(one.condition(one.kind.read(name, given[name])))
        name, order = self._order(given.get("ordering"))
        rows = rows.filter(order.only).order_by(*order.columns)
        if "cursor" in given:
            rows = rows.filter(_behind(order, read_cursor(given["cursor"], name, [WHOLE] * len(order.columns))))
        size = page_size(given.get("page_size"))
        found = list(rows[: size + 1])
        shown = found[:size]
        return {
            "results": [shape(row) for row in shown],
            "next": _next_address(request, name, order, shown[-1]) if len(found) > size else None,
        }

    def _order(self, given: str | None) -> tuple[str, Order]:
        if given is None:
            return next(iter(self.orders.items()))
        if given not in self.orders:
            raise Refused(
                "unknown_ordering", f"This list is ordered by {', '.join(self.orders)}; not {given[:60]!r}.", status=400
            )
        return given, self.orders[given]


def page_size(given: str | None) -> int:
    """The page size, brought into its limits: a list never fails for asking too much."""
    if given is None:
        return PAGE
    if not (given.isascii() and given.isdigit() and len(given) <= 40):
        raise _invalid("page_size", "a whole number above 0")
    return max(1, min(int(given), MAX_PAGE))


def _behind(order: Order, values: list[Any]) -> Q:
    """Rows after the last one shown: (a, b) < (x, y) spelt out, with the bound that an index can use in front."""
    condition, equal = Q(), Q()
    for column, value in zip(order.columns, values, strict=True):
        bare, compare = column.lstrip("-"), "lt" if column.startswith("-") else "gt"
        condition |= equal & Q(**{f"{bare}__{compare}": value})
        equal &= Q(**{bare: value})
    first = order.columns[0]
    return Q(**{f"{first.lstrip('-')}__{'lte' if first.startswith('-') else 'gte'}": values[0]}) & condition


def _next_address(request: Request, name: str, order: Order, last: Model) -> str:
    return next_address(request, name, [getattr(last, column.lstrip("-")) for column in order.columns])


def next_address(request: Request, name: str, values: list[Any]) -> str:
    """The address of the page behind the row with these values."""
    kept = {key: value for key, value in request._request.GET.items() if key != "cursor"}
    return f"{request.path}?{urlencode(kept | {'cursor': write_cursor(name, values)})}"


def write_cursor(order: str, values: list[Any]) -> str:
    raw = json.dumps([order, *values], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def read_cursor(given: str, order: str, kinds: Sequence[Kind]) -> list[Any]:
    """The values of the last row shown; refused when it is not a cursor of this list in this order."""
    try:
        raw = base64.b64decode(given.encode() + b"=" * (-len(given) % 4), altchars=b"-_", validate=True)
        found = json.loads(raw)
    except (binascii.Error, UnicodeError, ValueError, RecursionError):
        found = None
    is_ours = isinstance(found, list) and len(found) == len(kinds) + 1 and found[0] == order
    if not is_ours or not all(map(_fits, found[1:], kinds)):
        raise Refused("invalid_cursor", "No page begins here: this list gave out no such cursor.", status=404)
    return list(found[1:])


def _fits(value: Any, kind: Kind) -> bool:
    if kind is WORDS:
        return isinstance(value, str) and len(value) <= SEARCH_CHARS and "\0" not in value and value.isprintable()
    return type(value) in (int, float) and abs(value) <= MAX_ID
