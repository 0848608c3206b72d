"""The API's view of a proxy."""

from daemon.api.views.body import Camel


class ProxyView(Camel):
    """How far a proxy is."""

    ready: bool
    progress: float | None = None
    """From 0 to 1; null where nobody knows how long it will be."""
    bytes: int | None = None
    """How large it is, once it is ready."""
