"""The XOR space."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from net.dht.node_id import ID_BITS, bucket_index, common_prefix, distance, random_id_in_bucket

ids = st.binary(min_size=32, max_size=32)


def test_distance_and_prefix_by_hand():
    zero, low, high = bytes(32), bytes(31) + b"\x01", b"\x80" + bytes(31)
    assert distance(zero, low) == 1
    assert common_prefix(zero, low) == 255
    assert bucket_index(zero, high) == 0
    assert common_prefix(zero, zero) == ID_BITS


def test_no_bucket_for_oneself():
    with pytest.raises(ValueError, match="itself"):
        bucket_index(bytes(32), bytes(32))


@settings(deadline=None, derandomize=True)
@given(ids, ids, ids)
def test_distance_is_a_metric(a, b, c):
    assert distance(a, b) == distance(b, a)
    assert (distance(a, b) == 0) == (a == b)
    assert distance(a, c) <= distance(a, b) + distance(b, c)


@settings(deadline=None, derandomize=True)
@given(ids, st.integers(0, ID_BITS - 1), st.randoms())
def test_random_id_falls_into_its_bucket(own, index, rng):
    assert bucket_index(own, random_id_in_bucket(own, index, rng)) == index


@pytest.mark.parametrize("index", [-1, ID_BITS])
def test_bucket_out_of_range(index):
    with pytest.raises(ValueError, match="no bucket"):
        random_id_in_bucket(bytes(32), index, random.Random(1))
