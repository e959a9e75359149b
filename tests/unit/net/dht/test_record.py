"""What exactly is signed, and what validators let through."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from net.dht.record import Name, SequenceNumbers, newest, signed_bytes, verify_record
from net.dht.validation import RecordValidator, SignatureCheck
from net.errors import RecordError
from net.wire.limits import MAX_CLOCK_SKEW_S, MAX_RECORD_LIFE_S


def test_the_signed_bytes_are_these():
    signed = signed_bytes(b"k" * 32, b"sub", b"o" * 32, 7, 1.5, b"value")
    assert signed == (
        b"hivelet-dht-record-1\0" + b"k" * 32 + b"o" * 32 + b"\0\0\0\0\0\0\0\x07" + b"\x3f\xf8\0\0\0\0\0\0"
        b"\0\x03" + b"\0\0\0\x05" + b"sub" + b"value"
    )


@settings(deadline=None, derandomize=True)
@given(st.binary(max_size=8), st.binary(max_size=8), st.binary(max_size=8), st.binary(max_size=8))
def test_no_two_records_share_their_signed_bytes(subkey, value, other_subkey, other_value):
    one = signed_bytes(bytes(32), subkey, bytes(32), 1, 1.0, value)
    other = signed_bytes(bytes(32), other_subkey, bytes(32), 1, 1.0, other_value)
    assert (one == other) == ((subkey, value) == (other_subkey, other_value))


def test_a_good_record(make_record, now):
    verify_record(make_record())
    RecordValidator().check(make_record(), now)


@pytest.mark.parametrize(
    "change",
    [
        {"key": b"x" * 32},
        {"subkey": b"other"},
        {"owner": b"x" * 32},
        {"seq": 2},
        {"expires": 1_700_000_061.0},
        {"value": b"other"},
        {"signature": bytes(64)},
    ],
)
def test_every_field_is_signed(make_record, now, change):
    with pytest.raises(RecordError, match="signature"):
        RecordValidator().check(replace(make_record(), **change), now)


@pytest.mark.parametrize(
    "seconds", [0.0, -5.0, MAX_RECORD_LIFE_S + MAX_CLOCK_SKEW_S + 1, 1e18, math.inf, -math.inf, math.nan]
)
def test_expiries_that_are_refused(make_record, now, seconds):
    with pytest.raises(RecordError):
        RecordValidator().check(make_record(life=seconds), now)


def test_the_longest_life_passes_for_peers_whose_clock_is_slow(make_record, now):
    RecordValidator().check(make_record(life=MAX_RECORD_LIFE_S), now - MAX_CLOCK_SKEW_S)


@pytest.mark.parametrize(
    "change",
    [
        {"key": b"short"},
        {"owner": b""},
        {"signature": b"x"},
        {"subkey": bytes(65)},
        {"value": bytes(1001)},
        {"seq": -1},
        {"seq": 2**63},
    ],
)
def test_bounds(make_record, now, change):
    with pytest.raises(RecordError):
        RecordValidator().check(replace(make_record(), **change), now)


def test_signatures_are_checked_last_and_once(make_record, now):
    asked = []
    validator = RecordValidator(signature=lambda record, _: asked.append(record))
    with pytest.raises(RecordError):
        validator.check(make_record(life=-1), now)
    assert asked == []
    check = SignatureCheck(capacity=2)
    for seq in range(5):
        check(make_record(seq=seq), now)
    assert len(check._good) == 2
    check(make_record(seq=4), now)
    with pytest.raises(RecordError):
        check(replace(make_record(seq=4), value=b"not what was signed"), now)


def test_an_application_may_add_a_check(make_record, now):
    def no_values(record, _):
        if record.value:
            raise RecordError("no values here")

    with pytest.raises(RecordError, match="no values here"):
        RecordValidator(no_values).check(make_record(), now)


def test_newest(make_record, bob):
    old, new, others = make_record(seq=1), make_record(seq=2, value=b"new"), make_record(owner=bob)
    assert newest([old, new, others]) == newest([new, others, old]) == {Name.of(new): new, Name.of(others): others}


def test_an_owner_that_says_two_things_at_once_is_read_the_same_everywhere(make_record):
    one, other = make_record(value=b"one"), make_record(value=b"other")
    assert newest([one, other]) == newest([other, one])


def test_sequence_numbers_grow():
    numbers = SequenceNumbers()
    first = numbers.next(1000.0)
    assert first == 1_000_000
    assert numbers.next(1000.0) == first + 1
    assert numbers.next(900.0) == first + 2, "a clock set back must not make old what is new"
    assert SequenceNumbers().next(1001.0) > first + 2, "nor a restart"
    numbers.seen(first + 100)
    assert numbers.next(1000.0) == first + 101
