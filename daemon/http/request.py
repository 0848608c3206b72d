"""Request: what the gate looks at in a request before the application sees it."""

from collections.abc import MutableMapping
from typing import Any

from daemon.http.strangers import CONNECTION, HEAD_BYTES, Connection
from daemon.peer import PERSON

Scope = MutableMapping[str, Any]

API = ("/api", "/schema", "/metrics")
"""Where the application answers; all else at the port is the page."""

OPEN = "/open"

SHARE, SHARED = "/share", "/shared/"
"""Where a guest comes in, and what is for guests."""


class Request:
    """What the gate looks at in a request."""

    def __init__(self, scope: Scope) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query: bytes = scope["query_string"]
        self.connection: Connection | None = scope.get("extensions", {}).get(CONNECTION)
        self._headers: list[tuple[bytes, bytes]] = scope["headers"]
        self._scope = scope

    @property
    def names(self) -> set[str]:
        return {name.decode("latin-1") for name, _ in self._headers}

    def all(self, name: str) -> list[str]:
        """The values of every header of that name."""
        return [value.decode("latin-1") for key, value in self._headers if key == name.encode()]

    def joined(self, name: str) -> str:
        """Those values as one list; empty where there are none."""
        return ", ".join(self.all(name))

    def cookies(self, named: str) -> list[str]:
        """The values of the cookie of that name. Those of other ports come along, well formed or not."""
        pairs = [one.strip().partition("=") for line in self.all("cookie") for one in line.split(";")]
        return [value for name, _, value in pairs if name == named]

    @property
    def is_too_long(self) -> bool:
        """Whether its head is longer than one may be; one that comes in pieces is stopped before."""
        size = sum(len(name) + len(value) for name, value in self._headers)
        return size + len(self.path) + len(self.query) > HEAD_BYTES

    def trust(self) -> None:
        """Have the connection known by which it came: it has shown the token."""
        if self.connection:
            self.connection.trust()

    @property
    def came_from(self) -> str:
        """Who is at the other end: PEER, HUB, or an address."""
        return (self._scope.get("client") or ("",))[0]

    def name(self, person: str) -> None:
        """Have it known who has sent it by the hub's proxy."""
        self._scope.setdefault("extensions", {})[PERSON] = person

    @property
    def is_for_api(self) -> bool:
        return any(self.path == one or self.path.startswith(f"{one}/") for one in API)

    @property
    def is_for_guests(self) -> bool:
        return self.path == SHARE or self.path.startswith(SHARED)

    @property
    def is_for_page(self) -> bool:
        """Whether a person will see the answer."""
        return not self.is_for_api and "text/html" in self.joined("accept")

    @property
    def is_visit(self) -> bool:
        """Whether a person goes to an entrance of the gallery, maybe by a link on some other page."""
        return (
            self.method == "GET"
            and self.path in {"/", OPEN, SHARE, SHARED}
            and self.all("sec-fetch-mode") == ["navigate"]
            and self.all("sec-fetch-dest") == ["document"]
        )

    @property
    def is_from_elsewhere(self) -> bool:
        return any(value not in {"same-origin", "none"} for value in self.all("sec-fetch-site"))
