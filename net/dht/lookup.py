"""The iterative lookup as a state machine: told what peers answered, it says whom to ask next. No I/O, no time.

Kademlia asks the alpha nearest known peers, adds the contacts they name, and goes on until the `want` nearest
peers that answer have all been asked. Two refinements:

- Disjoint paths (S/Kademlia): the first contacts are dealt out to d paths; each path follows only what its own
  peers said, and no peer is asked twice. Colluders who name only each other capture the paths that meet one, not
  all of them.
- Broadening: a search that seems to have been captured goes on over as many new paths, from other first contacts,
  and no longer counts on anybody that the old ones asked.
- Stalled peers: one that has not answered for a while no longer holds up its path, but still counts if it does.
"""

from bisect import insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import islice

from net.addresses import PeerId
from net.dht.contacts import Candidate
from net.wire.limits import MAX_CONTACTS


class _State(Enum):
    HEARD = auto()  # named by somebody, not asked yet
    ASKED = auto()
    STALLED = auto()  # asked, and slow
    ANSWERED = auto()
    FAILED = auto()


@dataclass(slots=True)
class _Peer:
    candidate: Candidate
    distance: int
    hops: int  # 1 for the first contacts
    state: _State = _State.HEARD
    path: int | None = None  # number of the path that asked it


@dataclass(slots=True)
class _Path:
    number: int
    heard: list[tuple[int, _Peer]] = field(default_factory=list)  # sorted by distance; no two have the same
    names: set[PeerId] = field(default_factory=set)  # all that it ever heard of
    answered: bool = False
    holders: int = 0  # peers of this path that hold what is looked for
    waiting: int = 0  # asked by this path, neither answered nor stalled
    stalled: int = 0


class Lookup:
    """One search for the peers nearest to `target`, or for those that hold something under it.

    seeds: first contacts. k: contacts believed of one answer. alpha: peers of one path asked at once. want: a path
    ends when its `want` nearest peers that still answer have answered. paths: d. holders: a path also ends once its
    share of this many peers that hold the value have answered; None for a search for peers. first: peers of one path
    asked at once before any of them has answered, by default alpha. max_asked: bound on
    requests, whatever strangers answer, until the search is broadened.
    """

    def __init__(
        self,
        target: bytes,
        seeds: Sequence[Candidate],
        *,
        k: int = MAX_CONTACTS,
        alpha: int = 3,
        want: int = MAX_CONTACTS,
        paths: int = 1,
        holders: int | None = None,
        first: int = 0,
        max_asked: int = 0,
    ) -> None:
        self.target = target
        self._k = k
        self._alpha = alpha
        self._first = first or alpha
        self._want = want
        self._bound = self._max_asked = max_asked or paths * (want + 2 * k)
        self._enough = None if holders is None else -(-holders // paths)
        self._peers: dict[PeerId, _Peer] = {}
        self._paths: list[_Path] = []
        self._earlier = 0  # paths of before the search was broadened
        self.asked = 0
        self.failures = 0
        self.number = int.from_bytes(target, "big")
        self._begin(paths, seeds)

    def broaden(self, seeds: Sequence[Candidate]) -> None:
        """Search once more over as many new paths from these first contacts; what was found stays found."""
        paths = len(self._paths) - self._earlier
        self._earlier = len(self._paths)
        self._max_asked = self.asked + self._bound
        self._begin(paths, seeds)

    def _begin(self, paths: int, seeds: Sequence[Candidate]) -> None:
        new = [_Path(self._earlier + number) for number in range(paths)]
        self._paths += new
        ranked = sorted({seed.peer_id: seed for seed in seeds}.values(), key=self._distance)
        for index, seed in enumerate(ranked):
            self._hear(new[index % paths], [seed], hops=1)

    # --- the driver's side ---------------------------------------------------------------------------------

    def next(self) -> list[Candidate]:
        """Whom to ask now, nearest first in each path. Each of them must end in `answered` or `failed`."""
        return [candidate for path in self._present for candidate in self._next_of(path)]

    def answered(self, peer_id: PeerId, contacts: Iterable[Candidate], *, holds: bool = False) -> None:
        """A peer that was asked named these (checked) contacts, and holds the value or not."""
        peer = self._settle(peer_id, _State.ANSWERED)
        if peer is None or peer.path is None:
            return
        path = self._paths[peer.path]
        path.answered = True
        path.holders += holds
        self._hear(path, sorted(contacts, key=self._distance)[: self._k], hops=peer.hops + 1)

    def failed(self, peer_id: PeerId) -> None:
        """A peer that was asked will not answer."""
        if self._settle(peer_id, _State.FAILED) is not None:
            self.failures += 1

    def stalled(self, peer_id: PeerId) -> None:
        """A peer that was asked is slow: let others be asked meanwhile."""
        peer = self._peers[peer_id]
        if peer.state is _State.ASKED and peer.path is not None:
            peer.state = _State.STALLED
            self._paths[peer.path].waiting -= 1
            self._paths[peer.path].stalled += 1

    @property
    def done(self) -> bool:
        """Whether the search is over (answers that are still under way may be ignored)."""
        return all(self._path_done(path) for path in self._present)

    # --- results -------------------------------------------------------------------------------------------

    def nearest(self, count: int) -> list[Candidate]:
        """Up to `count` peers that answered, nearest to the target first."""
        answered = [peer for peer in self._peers.values() if peer.state is _State.ANSWERED]
        answered.sort(key=lambda peer: peer.distance)
        return [peer.candidate for peer in answered[:count]]

    @property
    def hops(self) -> int:
        """Length of the chain of answers that led to the nearest peer that answered; 0 when none did."""
        answered = [peer for peer in self._peers.values() if peer.state is _State.ANSWERED]
        return min(answered, key=lambda peer: peer.distance).hops if answered else 0

    @property
    def heard_of(self) -> int:
        """How many peers were named in all."""
        return len(self._peers)

    # --- inside --------------------------------------------------------------------------------------------

    @property
    def _present(self) -> list[_Path]:
        return self._paths[self._earlier :]

    def _distance(self, candidate: Candidate) -> int:
        return self.number ^ candidate.number

    def _hear(self, path: _Path, candidates: Iterable[Candidate], hops: int) -> None:
        for candidate in candidates:
            peer_id = candidate.peer_id
            peer = self._peers.get(peer_id)
            if peer is None:
                peer = self._peers[peer_id] = _Peer(candidate, self.number ^ candidate.number, hops)
            elif (
                peer.candidate is not candidate
                and peer.state is _State.HEARD
                and candidate.contact.expires > peer.candidate.contact.expires
            ):
                peer.candidate = candidate  # its newer card: it may have been restarted elsewhere
            if peer_id not in path.names:
                path.names.add(peer_id)
                insort(path.heard, (peer.distance, peer))
        # What lies beyond could only matter after this many failures; it must not grow with every liar.
        del path.heard[4 * self._k + self._want :]

    def _window(self, path: _Path) -> Iterator[_Peer]:
        """The nearest `want` peers of a path that answered or still may, but for those that earlier paths asked."""
        alive = (
            peer
            for _, peer in path.heard
            if peer.state is not _State.FAILED
            and peer.state is not _State.STALLED
            and (peer.path is None or peer.path >= self._earlier)
        )
        return islice(alive, self._want)

    def _next_of(self, path: _Path) -> list[Candidate]:
        at_once = self._alpha if path.answered else self._first
        free = min(at_once - path.waiting, self._max_asked - self.asked)
        if self._enough is not None:  # more answers than are needed would be asked for in vain
            free = min(free, self._enough - path.holders - path.waiting)
        if free <= 0:
            return []
        chosen = list(islice((peer for peer in self._window(path) if peer.state is _State.HEARD), free))
        for peer in chosen:
            peer.state = _State.ASKED
            peer.path = path.number
        path.waiting += len(chosen)
        self.asked += len(chosen)
        return [peer.candidate for peer in chosen]

    def _has_enough(self, path: _Path) -> bool:
        return self._enough is not None and path.holders >= self._enough

    def _path_done(self, path: _Path) -> bool:
        if self._has_enough(path):
            return True
        may_ask = self.asked < self._max_asked
        size = 0
        for peer in self._window(path):
            if peer.state is _State.ASKED or (may_ask and peer.state is _State.HEARD):
                return False
            size += 1
        return not path.stalled or size >= self._want

    def _settle(self, peer_id: PeerId, state: _State) -> _Peer | None:
        """Record how a question ended; None when it had ended already or was never put."""
        peer = self._peers.get(peer_id)
        if peer is None or peer.path is None or peer.state not in {_State.ASKED, _State.STALLED}:
            return None
        if peer.state is _State.ASKED:
            self._paths[peer.path].waiting -= 1
        else:
            self._paths[peer.path].stalled -= 1
        peer.state = state
        return peer
