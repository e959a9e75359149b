"""Write tokens: who wants to store here must first have been answered here.

A token is a keyed hash of the asker's peer id, so that it costs no memory to hand out, cannot be made by others
and is of no use to anyone else. The secret changes every period; the one before it still counts.
"""

import hmac
import secrets
from collections.abc import Callable
from hashlib import blake2b

from net.addresses import PeerId

TOKEN_BYTES = 16


class WriteTokens:
    """Makes and checks tokens.

    period_s: seconds after which the secret changes; a token holds for one to two periods. new_secret: 32 random
    bytes that nobody can guess.
    """

    def __init__(self, period_s: float = 300.0, new_secret: Callable[[int], bytes] = secrets.token_bytes) -> None:
        self.period_s = period_s
        self._new_secret = new_secret
        self._current = new_secret(32)
        self._previous = self._current
        self._changed = float("-inf")

    def issue(self, peer_id: PeerId, now: float) -> bytes:
        """The token for one peer. now: any clock that does not jump, in seconds."""
        self._rotate(now)
        return self._token(self._current, peer_id)

    def accepts(self, token: bytes, peer_id: PeerId, now: float) -> bool:
        """Whether this peer got this token here lately."""
        self._rotate(now)
        return any(hmac.compare_digest(token, self._token(key, peer_id)) for key in (self._current, self._previous))

    def _rotate(self, now: float) -> None:
        age = now - self._changed
        if age < self.period_s:
            return
        # After two silent periods nothing that was issued counts any more.
        self._previous = self._current if age < 2 * self.period_s else self._new_secret(32)
        self._current = self._new_secret(32)
        self._changed = now

    def _token(self, secret: bytes, peer_id: PeerId) -> bytes:
        return blake2b(peer_id, digest_size=TOKEN_BYTES, key=secret).digest()
