"""Were honest peers hidden from a lookup? Ids are spread evenly, so peers stand equally close to each other everywhere.

Colluders who lead a lookup astray name only each other. They cannot choose their ids, so near the target they are as
much sparser than all peers together as they are fewer: a fifth of all peers stands five times as far apart.
"""

from collections.abc import Sequence

from net.dht.contacts import Candidate

COMPARED = 10
"""Peers of a lookup that are looked at."""

_SPARSE = 2.5
"""Of honest searches 1 in 200 looks so sparse by chance, and of those in which colluders are a fifth and all that was
found 24 in 25."""


def is_sparse(target: int, found: Sequence[Candidate], own: int, neighbours: Sequence[Candidate]) -> bool:
    """Whether peers stand much farther apart around `target` than around ourselves.

    target, own: ids as numbers. found: the COMPARED peers nearest to the target that answered, or fewer where there
    were no more; neighbours: those that we know nearest to us. Both nearest first.
    """
    if not neighbours:
        return False
    if len(found) < COMPARED:
        return len(found) < len(neighbours)
    return expected_nearer(target, found[COMPARED - 1], own, neighbours) > _SPARSE * COMPARED


def expected_nearer(target: int, peer: Candidate, own: int, neighbours: Sequence[Candidate]) -> float:
    """How many peers of the swarm are nearer to `target` than this one, going by how close ours stand to us."""
    return (target ^ peer.number) * len(neighbours) / (own ^ neighbours[-1].number)
