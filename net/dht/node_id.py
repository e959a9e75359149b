"""The space in which peers and keys live together: 256-bit numbers and the distance XOR.

A peer's id is the SHA-256 of its public key, a key is a SHA-256 too, so both are 32 bytes and spread evenly.
"""

import random

ID_BYTES = 32
ID_BITS = 8 * ID_BYTES


def distance(left: bytes, right: bytes) -> int:
    """Kademlia's metric: XOR, read as a big-endian number."""
    return int.from_bytes(left, "big") ^ int.from_bytes(right, "big")


def common_prefix(left: bytes, right: bytes) -> int:
    """Number of leading bits in which two ids agree: 0 for opposite halves of the space, 256 for the same id."""
    return ID_BITS - distance(left, right).bit_length()


def bucket_index(own: bytes, other: bytes) -> int:
    """The bucket of `own`'s table that `other` belongs to: their common prefix, in [0, 256).

    Bucket 0 covers the far half of the space, every next one half of what remains. ValueError for `own` itself.
    """
    index = common_prefix(own, other)
    if index == ID_BITS:
        raise ValueError("a peer has no bucket for itself")
    return index


def random_id_in_bucket(own: bytes, index: int, rng: random.Random) -> bytes:
    """A random id that falls into bucket `index` of `own`'s table."""
    if not 0 <= index < ID_BITS:
        raise ValueError(f"there is no bucket {index}")
    low_bits = ID_BITS - index - 1
    flipped = int.from_bytes(own, "big") ^ (1 << low_bits)
    value = (flipped >> low_bits << low_bits) | rng.getrandbits(low_bits) if low_bits else flipped
    return value.to_bytes(ID_BYTES, "big")
