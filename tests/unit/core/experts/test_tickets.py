"""What a host keeps between two calls: once, for one caller, for a while, within bounds."""

from itertools import count

import torch

from core.experts.tickets import Kept, TicketBook, TicketLimits
from core.experts.weights import Weights

ALICE, BOB = b"alice", b"bob"


def weights(numbers: int = 25) -> Weights:
    return Weights(torch.zeros(numbers), [torch.Size([numbers])])


def kept(nbytes: int = 100, of: Weights | None = None) -> Kept:
    return Kept(of or weights(), (), 1, nbytes)


def book(memory: int = 1000, share: float = 1.0) -> TicketBook:
    numbers = count(1)
    return TicketBook(TicketLimits(memory, share, life_s=10.0), lambda size: next(numbers).to_bytes(size, "big"))


def test_a_ticket_is_good_once() -> None:
    tickets, mine = book(), kept()
    ticket = tickets.issue(mine, "ffn.0", ALICE, 0.0)
    assert tickets.find(ticket, "ffn.0", ALICE, 1.0) is mine
    assert tickets.take(ticket, "ffn.0", ALICE, 1.0) is mine
    assert tickets.take(ticket, "ffn.0", ALICE, 1.0) is None
    assert (len(tickets), tickets.nbytes, tickets.redeemed, tickets.lost) == (0, 0, 1, 1)


def test_it_is_bound_to_its_caller_and_expert_and_cannot_be_guessed() -> None:
    tickets = TicketBook(TicketLimits())
    ticket = tickets.issue(kept(), "ffn.0", ALICE, 0.0)
    assert len(ticket) == 16
    assert ticket != tickets.issue(kept(), "ffn.0", ALICE, 0.0)
    assert tickets.take(ticket, "ffn.0", BOB, 1.0) is None
    assert tickets.take(ticket, "ffn.1", ALICE, 1.0) is None
    assert tickets.take(ticket, "ffn.0", ALICE, 1.0) is not None  # the attempts did not cost Alice hers


def test_it_lasts_a_while() -> None:
    tickets = book()
    ticket = tickets.issue(kept(), "ffn.0", ALICE, 0.0)
    assert tickets.find(ticket, "ffn.0", ALICE, 10.0)
    assert tickets.find(ticket, "ffn.0", ALICE, 10.1) is None
    tickets.expire(10.1)
    assert (len(tickets), tickets.nbytes) == (0, 0)


def test_when_memory_is_short_the_oldest_gives_way() -> None:
    tickets = book(memory=250)
    old, *new = [tickets.issue(kept(), "ffn.0", ALICE, float(at)) for at in range(3)]
    assert tickets.find(old, "ffn.0", ALICE, 3.0) is None
    assert all(tickets.find(each, "ffn.0", ALICE, 3.0) for each in new)
    assert tickets.nbytes == 200


def test_when_less_memory_is_allowed_the_oldest_give_way_at_once() -> None:
    tickets = book(memory=1000)
    old, *new = [tickets.issue(kept(), "ffn.0", ALICE, float(at)) for at in range(3)]
    tickets.limit(250)
    assert tickets.find(old, "ffn.0", ALICE, 3.0) is None
    assert all(tickets.find(each, "ffn.0", ALICE, 3.0) for each in new)
    tickets.issue(kept(), "ffn.0", ALICE, 3.0)
    assert tickets.nbytes == 200


def test_a_caller_that_hoards_loses_its_own_tickets_first() -> None:
    tickets = book(memory=1000, share=0.3)
    honest = tickets.issue(kept(), "ffn.0", BOB, 0.0)
    for at in range(50):
        tickets.issue(kept(), "ffn.0", ALICE, float(at) / 10)
    assert tickets.find(honest, "ffn.0", BOB, 5.0)
    assert tickets.nbytes == 400
    assert tickets.issue(kept(301), "ffn.0", ALICE, 6.0) == b""


def test_weights_that_only_tickets_need_count_as_their_memory() -> None:
    tickets, old = book(memory=350), weights()
    first = tickets.issue(kept(of=old), "ffn.0", ALICE, 0.0)
    second = tickets.issue(kept(of=old), "ffn.0", BOB, 0.0)
    old.superseded = True
    tickets.superseded(old)
    assert tickets.nbytes == 300
    taken = tickets.take(first, "ffn.0", ALICE, 1.0)
    assert taken is not None
    tickets.release(taken)
    assert tickets.nbytes == 200  # the other one still needs them
    tickets.forget("ffn.0")
    assert (tickets.find(second, "ffn.0", BOB, 1.0), tickets.nbytes, old.held) == (None, 0, 0)


def test_it_knows_how_many_callers_are_awaited() -> None:
    tickets = book()
    tickets.issue(kept(), "ffn.0", ALICE, 0.0)
    second = tickets.issue(kept(), "ffn.0", BOB, 2.0)
    assert tickets.awaited("ffn.0") == (2, 2.0)
    tickets.take(second, "ffn.0", BOB, 3.0)
    assert tickets.awaited("ffn.0") == (1, 2.0)
    assert tickets.awaited("ffn.1") == (0, 0.0)
