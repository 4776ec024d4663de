"""Ids that come out the same however often the same thing is worked out."""

from base64 import b32encode
from functools import lru_cache
from hashlib import sha256

# A case is stood again at each of its facts, and asks for the same ids each time. Some twenty cases'
# worth of them, which take a few megabytes.
MOST_KEPT = 16_384


@lru_cache(maxsize=MOST_KEPT)
def identify(prefix: str, *parts: str) -> str:
    """Return a short id that is a hash of its parts: 26 letters and digits behind the prefix."""
    # The unit separator cannot stand in an id, so ("a", "bc") and ("ab", "c") stay apart.
    digest = sha256("\x1f".join(parts).encode()).digest()
    # Twenty bytes are written without padding, in more letters than are kept.
    return f"{prefix}-{b32encode(digest[:20])[:26].decode().lower()}"
