"""Delays and failures on purpose, for demos and benches: an Rpc whose expert handlers are slow or broken."""

import asyncio
import random
from dataclasses import dataclass

from net.addresses import Contact
from net.errors import RemoteError
from net.rpc.base import Caller, Ended, Handler, M, Payload, Reply, StartingRpc, answered
from net.wire.messages import ExpertBackward, ExpertForward, FailureCode, Message


@dataclass(frozen=True, slots=True)
class DisturbedRpc:
    """Passes everything on, but answers expert requests `delay_s` later and fails a share of them."""

    inner: StartingRpc
    delay_s: float
    fail_rate: float
    rng: random.Random

    async def call(self, contact: Contact, request: Message, payload: Payload = (), *, timeout: float) -> Reply:
        """As net.rpc.base.Rpc.call; outgoing calls are not disturbed."""
        return await self.inner.call(contact, request, payload, timeout=timeout)

    def start(self, contact: Contact, request: Message, payload: Payload = (), *, timeout: float, ended: Ended) -> None:
        """As net.rpc.base.StartingRpc.start; outgoing calls are not disturbed."""
        self.inner.start(contact, request, payload, timeout=timeout, ended=ended)

    def handle(self, request_type: type[M], handler: Handler[M]) -> None:
        """As net.rpc.base.Rpc.handle."""
        disturbed = issubclass(request_type, ExpertForward | ExpertBackward)
        self.inner.handle(request_type, self._disturb(handler) if disturbed else handler)

    def _disturb(self, handler: Handler[M]) -> Handler[M]:
        async def slow(caller: Caller, request: M, payload: Payload) -> Reply | Message:
            await asyncio.sleep(self.delay_s)
            if self.rng.random() < self.fail_rate:
                raise RemoteError(FailureCode.INTERNAL, "This expert fails on purpose.")
            return await answered(handler(caller, request, payload))

        return slow
