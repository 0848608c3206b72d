"""The body: what all JSON of the API has in common."""

from msgspec import Struct


class Camel(Struct, kw_only=True, rename="camel"):
    """JSON for the world: camelCase."""
