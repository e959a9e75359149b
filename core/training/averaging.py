"""Keeps the trunks of all trainers together: now and then two of them meet in the middle.

A sends its vector v; B, whose vector is b, answers the mean m = (v + b) / 2 and shifts itself by m - b; A shifts by
m - v. Both keep the steps that they took meanwhile, nobody waits for a third, and the mean over all trainers stays
what it was. A trainer that has just begun takes over the trunk of one that is further instead.

A vector from the network is believed when it has the right size, is finite, and is not far from this trainer's own.
"""

import asyncio
import logging
import math
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import torch

from core.errors import TensorError
from core.tensors.codec import decode, encode, require_finite
from core.tensors.descriptor import BatchTensorDescriptor
from core.training.trainers import MAX_AGE, KnownTrainer, TrainerList
from core.training.trunk import Trunk
from net.addresses import Contact, PeerId
from net.clock import Clock
from net.dht.base import Dht
from net.errors import NetError, RemoteError
from net.identity import peer_id_of
from net.rpc.base import Caller, Payload, Reply, Rpc
from net.wire.messages import FailureCode, TensorHeader, TrunkExchange, TrunkFetch, TrunkState

log = logging.getLogger("hivelet.averaging")

FURTHER = 2.0
FURTHER_STEPS = 10
"""Another trainer is further when its trunk has more than FURTHER times this one's steps, and FURTHER_STEPS more."""
SETTLED_STEPS = 200
"""After so many steps of its own a trainer is no beginner any more."""
MAX_NUMBER = 1e3
"""No parameter of a sound trunk is larger."""
MAX_DISTANCE = 3.0
"""A vector may be this many times one's own length away from one's own."""
AGE_LEAP = 1000
"""What one meeting can add to a trunk's age, whatever the other claims."""
MAX_PARTNERS = 1024
"""Peers that are remembered; while there are more, new ones must wait."""
_PROBLEMS = (NetError, TensorError)

_Request = Callable[[Contact], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class AveragingConfig:
    """announce_s: between two announcements; life_s: for which each is valid; refresh_s: between two looks for other
    trainers; timeout_s: for a partner's answer; rest_s: for which one that failed is left alone, doubled each time it
    fails again, up to longest_rest_s."""

    announce_s: float = 20.0
    life_s: float = 60.0
    refresh_s: float = 3.0
    timeout_s: float = 10.0
    rest_s: float = 2.0
    longest_rest_s: float = 60.0

    @classmethod
    def quick(cls) -> "AveragingConfig":
        """For short-lived swarms on one computer."""
        return cls(announce_s=5.0, life_s=15.0, refresh_s=1.0, timeout_s=5.0, longest_rest_s=10.0)


@dataclass(slots=True)
class _Partner:
    """What is remembered of one other trainer, by its peer id."""

    rest_s: float = 0.0
    resting_until: float = field(default=-math.inf)
    served_at: float = field(default=-math.inf)  # or met at this one's wish


class TrunkAverager:
    """Averages one project's trunk. Lives in the event loop; the trunk is shared with the trainer's threads."""

    def __init__(
        self,
        rpc: Rpc,
        dht: Dht,
        own: Callable[[], Contact],
        project_id: bytes,
        trunk: Trunk,
        clock: Clock,
        period_s: float,
        *,
        config: AveragingConfig | None = None,
        rng: random.Random | None = None,
    ) -> None:
        """Begins to answer other trainers at once. own: this peer's present card; period_s: mean time between
        two meetings that this one asks for."""
        self.config = config or AveragingConfig()
        self.meetings = 0  # trunks averaged, asked for by either side
        self.refused = 0  # vectors that were not believed
        self._rpc = rpc
        self._project_id = project_id
        self._trunk = trunk
        self._clock = clock
        self._period_s = period_s
        self._rng = rng or random.Random(peer_id_of(own().public_key))
        self._list = TrainerList(dht, own, project_id, clock, self.config.life_s)
        self._partners: dict[PeerId, _Partner] = {}
        self._asking: PeerId | None = None
        self._applied = 0  # the trunk's own steps when it was last averaged
        self._settled = False
        self._began = 0  # the trunk's own steps when this trainer last had to find out how far the others are
        self._schema = BatchTensorDescriptor(())
        rpc.handle(TrunkFetch, self._serve_fetch)
        rpc.handle(TrunkExchange, self._serve_exchange)

    @property
    def trainers_seen(self) -> int:
        """Trainers of this project that are announced, this one included."""
        return 1 + len(self._list.others)

    async def run(self) -> None:
        """Announce, look, average, until cancelled. Network problems are waited out."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._announce_forever())
            group.create_task(self._refresh_forever())
            group.create_task(self._average_forever())

    async def join(self) -> bool:
        """Take over the trunk of the trainer that is furthest, when one is further than this one.

        Best awaited once before training begins; `run` does the same for a beginner who learns of others later.
        """
        try:
            await self._list.refresh()
        except NetError as error:
            log.info("Other trainers cannot be looked up now: %s", error)
        return await self._catch_up()

    def woke(self) -> None:
        """This computer slept while the others went on: catch up with one that is further, as a beginner does, rather
        than draw it back. Who failed in between is not to blame."""
        self._settled, self._began = False, self._trunk.applied
        for partner in self._partners.values():
            partner.resting_until = -math.inf

    async def leave(self) -> None:
        """Tell the others, after `run` was cancelled, that this trainer is gone. They would notice anyway."""
        try:
            await self._list.withdraw()
        except NetError as error:
            log.debug("The trainer's announcement could not be withdrawn: %s", error)

    async def average(self) -> bool:
        """Meet one random trainer now. Returns whether that worked."""
        if self._is_beginner and await self._catch_up():
            return True
        partners = [trainer for trainer in self._list.others if self._may_ask(trainer)]
        self._rng.shuffle(partners)
        for partner in partners[:2]:
            if await self._ask(partner, self._exchange):
                return True
        return False

    # --- asking ---------------------------------------------------------------------------------------------

    async def _announce_forever(self) -> None:
        while True:
            try:
                await self._list.announce(self._trunk.age)
            except NetError as error:
                log.info("This trainer could not be announced: %s", error)
            await asyncio.sleep(self.config.announce_s)

    async def _refresh_forever(self) -> None:
        while True:
            try:
                await self._list.refresh()
                known = {trainer.peer_id for trainer in self._list.others}
                now = self._clock.monotonic()
                self._partners = {
                    peer_id: partner
                    for peer_id, partner in self._partners.items()
                    if peer_id in known or max(partner.resting_until, partner.served_at + self._period_s) > now
                }
            except NetError as error:
                log.info("Other trainers cannot be looked up now: %s", error)
            await asyncio.sleep(self.config.refresh_s * self._rng.uniform(0.8, 1.2))

    async def _average_forever(self) -> None:
        while True:
            await asyncio.sleep(self._period_s * self._rng.uniform(0.8, 1.2))
            # Who has learned nothing new, because it is paused, has nothing to tell; it still answers.
            if self._trunk.applied != self._applied or self._is_beginner:
                await self.average()

    @property
    def _is_beginner(self) -> bool:
        return not self._settled and self._trunk.applied - self._began < SETTLED_STEPS

    def _is_further(self, age: int) -> bool:
        own = self._trunk.age
        return age > FURTHER * own and age > own + FURTHER_STEPS

    def _may_ask(self, trainer: KnownTrainer) -> bool:
        partner = self._partners.get(trainer.peer_id)
        return partner is None or partner.resting_until <= self._clock.monotonic()

    async def _catch_up(self) -> bool:
        ahead = [trainer for trainer in self._list.others if self._is_further(trainer.age) and self._may_ask(trainer)]
        for trainer in sorted(ahead, key=lambda trainer: -trainer.age)[:3]:
            if await self._ask(trainer, self._fetch):
                return True
        return False

    async def _ask(self, trainer: KnownTrainer, how: _Request) -> bool:
        """Perform one request; a trainer that fails is left alone for a while."""
        self._asking = trainer.peer_id
        try:
            await how(trainer.contact)
        except _PROBLEMS as error:
            if isinstance(error, TensorError):
                self.refused += 1
            partner = self._partners.setdefault(trainer.peer_id, _Partner())
            if isinstance(error, RemoteError) and error.code == FailureCode.BUSY:
                pause = min(error.retry_after, self.config.longest_rest_s)
            else:
                pause = partner.rest_s = min(max(2 * partner.rest_s, self.config.rest_s), self.config.longest_rest_s)
                log.info("The trainer %s could not be met: %s", trainer.peer_id.hex()[:8], error)
            partner.resting_until = self._clock.monotonic() + pause
            return False
        finally:
            self._asking = None
        self._partners[trainer.peer_id] = _Partner(served_at=self._clock.monotonic())
        return True

    async def _fetch(self, contact: Contact) -> None:
        reply = await self._rpc.call(contact, TrunkFetch(self._project_id), timeout=self.config.timeout_s)
        age, vector = self._read_state(reply)
        self._check(vector)
        self._trunk.replace(age, vector)
        self._settle()
        log.info("Took over a trunk of %d steps from another trainer.", age)

    async def _exchange(self, contact: Contact) -> None:
        age, own = self._trunk.read()
        header, buffer = encode(own)
        request = TrunkExchange(self._project_id, min(age, MAX_AGE), (header,))
        reply = await self._rpc.call(contact, request, (buffer,), timeout=self.config.timeout_s)
        age, mean = self._read_state(reply)
        self._check(mean, own)
        self._trunk.shift(mean - own, self._believable(age))
        self._settle()

    def _read_state(self, reply: Reply) -> tuple[int, torch.Tensor]:
        if not isinstance(reply.message, TrunkState):
            raise TensorError("A trainer answered with something else than its trunk.")
        return min(reply.message.step, MAX_AGE), self._decode(reply.message.tensors, reply.payload)

    # --- answering ------------------------------------------------------------------------------------------

    async def _serve_fetch(self, _caller: Caller, request: TrunkFetch, _payload: Payload) -> Reply:
        self._require_project(request.project)
        return _state(*self._trunk.read())

    async def _serve_exchange(self, caller: Caller, request: TrunkExchange, payload: Payload) -> Reply:
        self._require_project(request.project)
        self._require_turn(caller.peer_id)
        try:
            theirs = self._decode(request.tensors, payload)
            age, own = self._trunk.read()
            if self._is_beginner and self._is_further(request.step):
                self._check(theirs)
                mean = theirs
                age = min(request.step, MAX_AGE)
            else:
                self._check(theirs, own)
                mean = (theirs + own) / 2
                age = max(age, self._believable(request.step))
        except TensorError as error:
            self.refused += 1
            raise RemoteError(FailureCode.BAD_TENSOR, str(error)) from error
        self._trunk.shift(mean - own, age)
        self._settle()
        return _state(age, mean)

    def _require_project(self, project_id: bytes) -> None:
        if project_id != self._project_id:
            raise RemoteError(FailureCode.NOT_FOUND, "This peer does not train that project.")

    def _require_turn(self, peer_id: PeerId) -> None:
        """Two who ask each other at the same moment would swap trunks instead of averaging them, and who asks again
        and again would pull this trunk over to its own."""
        if self._asking == peer_id and self._list.own_id < peer_id:
            raise RemoteError(FailureCode.BUSY, "We are asking you at this moment.", self._period_s)
        now = self._clock.monotonic()
        if peer_id not in self._partners and len(self._partners) >= MAX_PARTNERS:
            raise RemoteError(FailureCode.BUSY, "Too many trainers ask at once.", self._period_s)
        partner = self._partners.setdefault(peer_id, _Partner())
        wait = partner.served_at + self._period_s / 2 - now
        if wait > 0:
            raise RemoteError(FailureCode.BUSY, "We have averaged a moment ago.", min(wait, 3600.0))
        partner.served_at = now

    # --- both -----------------------------------------------------------------------------------------------

    def _decode(self, headers: tuple[TensorHeader, ...], payload: Payload) -> torch.Tensor:
        """The one vector of a message. Raises TensorError unless it has this trunk's size and is finite."""
        if len(headers) != 1 or len(payload) != 1:
            raise TensorError("A trunk travels as one tensor.")
        if self._schema.check(headers[0], self._trunk.size) != self._trunk.size:
            raise TensorError(f"A trunk of this project has {self._trunk.size} numbers.")
        vector = decode(headers[0], payload[0])
        require_finite([vector])
        return vector

    def _check(self, vector: torch.Tensor, own: torch.Tensor | None = None) -> None:
        """Raise TensorError unless the vector may be a trunk, and lies near one's own where that is given."""
        if not float(vector.abs().max()) <= MAX_NUMBER:
            raise TensorError("A trunk holds numbers that are too large to be sound.")
        if own is not None:
            distance, length = float((vector - own).norm()), float(own.norm())
            if not distance <= MAX_DISTANCE * length + 1.0:
                raise TensorError("A trunk is too far from this trainer's own.")

    def _believable(self, age: int) -> int:
        return min(age, self._trunk.age + AGE_LEAP)

    def _settle(self) -> None:
        self._settled = True
        self.meetings += 1
        self._applied = self._trunk.applied


def _state(age: int, vector: torch.Tensor) -> Reply:
    header, buffer = encode(vector)
    return Reply(TrunkState(min(age, MAX_AGE), (header,)), (buffer,))
