"""The sealing of relayed links: Noise's published test vector, and everything that must not open."""

import pytest
from nacl.bindings import crypto_scalarmult_base

from net.curve import agree
from net.errors import IdentityError
from net.nat.noise import Cipher, Initiator, Responder

ALICE, BOB, EVE = (bytes([number]) * 32 for number in (1, 2, 3))


def initiator(secret: bytes, callee: bytes, prologue: bytes = b"", ephemeral: bytes | None = None) -> Initiator:
    return Initiator(crypto_scalarmult_base(secret), lambda key: agree(secret, key), callee, prologue, ephemeral)


def responder(secret: bytes, prologue: bytes = b"", ephemeral: bytes | None = None) -> Responder:
    return Responder(crypto_scalarmult_base(secret), lambda key: agree(secret, key), prologue, ephemeral)


def linked() -> tuple[tuple[Cipher, Cipher], tuple[Cipher, Cipher]]:
    """(send, receive) of the caller, and of the callee."""
    caller, callee = initiator(ALICE, crypto_scalarmult_base(BOB)), responder(BOB)
    callee.read(caller.first())
    answer, *theirs = callee.answer()
    _, *ours = caller.finish(answer)
    return (ours[0], ours[1]), (theirs[0], theirs[1])


def test_the_published_vector() -> None:
    """cacophony's vector for this pattern and these functions."""
    caller_secret = bytes.fromhex("e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1")
    callee_secret = bytes.fromhex("4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893")
    caller = initiator(
        caller_secret,
        crypto_scalarmult_base(callee_secret),
        b"John Galt",
        bytes.fromhex("893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a"),
    )
    callee = responder(
        callee_secret,
        b"John Galt",
        bytes.fromhex("bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b"),
    )
    first = caller.first(b"Ludwig von Mises")
    assert first.hex() == (
        "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944718da798efbcd91528520204f904b9bd"
        "6c7413dccdc214d951e15253e39987f18146e8cd0873654207148333479d4d16c289f0294b29960a72f48e0b7bba2e89"
        "083169825e59642148d492020664ccf7"
    )
    assert callee.read(first) == (crypto_scalarmult_base(caller_secret), b"Ludwig von Mises")
    answer, to_caller, from_caller = callee.answer(b"Murray Rothbard")
    assert answer.hex() == (
        "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f1448088435361e70b2ed446e6c9ec387d1d6b3b84"
        "0f194e373979d241b203c4acafccf5"
    )
    payload, to_callee, from_callee = caller.finish(answer)
    assert payload == b"Murray Rothbard"
    sealed = to_callee.seal(b"F. A. Hayek")
    assert sealed.hex() == "050e9f3c8fac16b68dbce8f8c4bfbf6617c897f9ada4aa29aa19c8"
    assert from_caller.open(sealed) == b"F. A. Hayek"
    sealed = to_caller.seal(b"Carl Menger")
    assert sealed.hex() == "344233a6cabb7141d80f3da2fedc311d9646bbb0f505afe403a667"
    assert from_callee.open(sealed) == b"Carl Menger"


def test_messages_open_in_order_once_and_unchanged() -> None:
    (send, _), (_, receive) = linked()
    one, two, three = (send.seal(text) for text in (b"one", b"two", b"three"))
    assert receive.open(one) == b"one"
    for wrong in (one, three, two[:-1], two[:10], b"", bytes([two[0] ^ 1]) + two[1:]):
        (again, _), (_, other) = linked()
        first, second = again.seal(b"one"), again.seal(b"two")
        other.open(first)
        assert other.open(second) == b"two"
        with pytest.raises(IdentityError):
            other.open(wrong)
    assert receive.open(two) == b"two"
    with pytest.raises(IdentityError):
        receive.open(two)  # repeated


@pytest.mark.parametrize("where", range(0, 96, 5))
def test_no_bit_of_the_first_message_may_change(where: int) -> None:
    first = bytearray(initiator(ALICE, crypto_scalarmult_base(BOB)).first())
    first[where] ^= 0x40
    with pytest.raises(IdentityError):
        responder(BOB).read(bytes(first))


@pytest.mark.parametrize("length", [0, 1, 31, 32, 80, 95])
def test_first_messages_and_answers_that_end_too_soon(length: int) -> None:
    caller, callee = initiator(ALICE, crypto_scalarmult_base(BOB)), responder(BOB)
    first = caller.first()
    with pytest.raises(IdentityError):
        responder(BOB).read(first[:length])
    callee.read(first)
    answer, *_ = callee.answer()
    with pytest.raises(IdentityError):
        caller.finish(answer[: length // 2])


def test_only_the_one_who_was_called_can_answer() -> None:
    caller, thief = initiator(ALICE, crypto_scalarmult_base(BOB)), responder(EVE)
    with pytest.raises(IdentityError):
        thief.read(caller.first())
    # One who owns the first message's ephemeral key but not the callee's secret answers as himself.
    honest = initiator(ALICE, crypto_scalarmult_base(EVE))
    thief = responder(EVE)
    thief.read(honest.first())
    answer, *_ = thief.answer()
    with pytest.raises(IdentityError):
        caller.finish(answer)


def test_nobody_calls_in_anothers_name() -> None:
    eve = Initiator(
        crypto_scalarmult_base(ALICE), lambda key: agree(EVE, key), crypto_scalarmult_base(BOB), b"", bytes([7]) * 32
    )
    with pytest.raises(IdentityError):
        responder(BOB).read(eve.first())


def test_both_must_agree_on_the_prologue() -> None:
    with pytest.raises(IdentityError):
        responder(BOB, b"control").read(initiator(ALICE, crypto_scalarmult_base(BOB), b"bulk").first())


@pytest.mark.parametrize("key", [bytes(32), (1).to_bytes(32, "little"), b"", bytes(31), bytes(33)])
def test_keys_that_agree_with_everyone_or_are_none(key: bytes) -> None:
    with pytest.raises(IdentityError):
        initiator(ALICE, key).first()
    with pytest.raises(IdentityError):
        responder(BOB).read(key.ljust(96, b"\0"))
