"""Tensors come back as they were, share memory where they may, and never smuggle anything in."""

import math

import pytest
import torch

from core.errors import TensorError
from core.tensors.codec import check_encoding, decode, decode_batch, encode, is_finite, length, require_finite
from core.tensors.descriptor import DTYPES, BatchTensorDescriptor
from net.wire.messages import TensorHeader


def sample(dtype: torch.dtype) -> torch.Tensor:
    return (torch.arange(24).reshape(2, 3, 4) % 5).to(dtype)


@pytest.mark.parametrize("name", sorted(DTYPES))
@pytest.mark.parametrize("kind", [bytes, bytearray])
def test_every_type_comes_back_equal(name: str, kind: type) -> None:
    tensor = sample(DTYPES[name])
    header, view = encode(tensor)
    assert header == TensorHeader((2, 3, 4), name, "none", view.nbytes)
    back = decode(header, kind(view))
    assert back.dtype == tensor.dtype
    assert torch.equal(back, tensor)


@pytest.mark.parametrize("encoding", ["float16", "bfloat16"])
@pytest.mark.parametrize("name", ["float32", "float64", "float16", "bfloat16"])
def test_shortened_floats_come_back_in_their_own_type_and_near(name: str, encoding: str) -> None:
    tensor = torch.randn(8, 16, generator=torch.Generator().manual_seed(0)).to(DTYPES[name])
    header, view = encode(tensor, encoding)
    assert view.nbytes == 8 * 16 * 2
    back = decode(header, bytearray(view))
    assert back.dtype == tensor.dtype
    torch.testing.assert_close(back, tensor, rtol=2**-7, atol=1e-3)


def test_half_precision_error_stays_within_the_bound_of_the_field() -> None:
    tensor = torch.randn(128, 128, 64, generator=torch.Generator().manual_seed(0))
    header, view = encode(tensor, "float16")
    assert (decode(header, bytearray(view)) - tensor).pow(2).mean() < 5e-8


def test_numbers_beyond_half_precision_are_clamped_not_infinite() -> None:
    header, view = encode(torch.tensor([1e30, -1e30]), "float16")
    assert decode(header, bytearray(view)).tolist() == [65504.0, -65504.0]


def test_sending_shares_the_tensors_memory() -> None:
    tensor = torch.zeros(4)
    _, view = encode(tensor)
    tensor[2] = 1.0
    assert bytes(view) == torch.tensor([0.0, 0.0, 1.0, 0.0]).numpy().tobytes()


def test_receiving_shares_a_writable_buffer() -> None:
    header, view = encode(torch.zeros(4096))
    buffer = bytearray(view)
    back = decode(header, buffer)
    buffer[3:4] = b"\x40"  # the highest byte of the first number: 2.0
    assert back[0] == 2.0


@pytest.mark.parametrize("count", [3, 4096])
def test_a_misaligned_buffer_is_copied(count: int) -> None:
    tensor = torch.arange(count, dtype=torch.float32)
    header, view = encode(tensor)
    assert torch.equal(decode(header, memoryview(bytearray(b"x" + view))[1:]), tensor)


def test_what_is_not_contiguous_travels_in_row_order() -> None:
    tensor = torch.arange(6.0).reshape(2, 3).T
    header, view = encode(tensor)
    assert torch.equal(decode(header, bytearray(view)), tensor)


@pytest.mark.parametrize("shape", [(0, 4), (), (1,)])
def test_empty_tensors_and_single_numbers_travel(shape: tuple[int, ...]) -> None:
    tensor = torch.ones(shape)
    header, view = encode(tensor.requires_grad_())
    assert torch.equal(decode(header, bytearray(view)), tensor.detach())


def test_a_byte_that_is_no_bool_becomes_one() -> None:
    back = decode(TensorHeader((3,), "bool", "none", 3), bytearray(b"\x00\x01\xff"))
    assert back.view(torch.uint8).tolist() == [0, 1, 1]


@pytest.mark.parametrize("size", [0, 15, 17])
def test_too_few_or_too_many_bytes_are_refused(size: int) -> None:
    with pytest.raises(TensorError, match="16 bytes"):
        decode(TensorHeader((4,), "float32", "none", 16), bytearray(size))


def test_types_and_encodings_outside_the_table_are_refused() -> None:
    with pytest.raises(TensorError, match="complex64"):
        encode(torch.zeros(2, dtype=torch.complex64))
    with pytest.raises(TensorError, match="encoding"):
        encode(torch.zeros(2), "pickle")
    with pytest.raises(TensorError, match="no tensor encoding"):
        check_encoding("pickle")
    assert check_encoding("bfloat16") == "bfloat16"


def test_a_batch_must_match_its_schema_and_agree_on_rows() -> None:
    schema = [BatchTensorDescriptor((2,)), BatchTensorDescriptor((3,))]
    a, b, c = encode(torch.ones(4, 2)), encode(torch.ones(4, 3)), encode(torch.ones(5, 3))
    decoded = decode_batch([a[0], b[0]], [a[1], b[1]], schema, max_rows=4)
    assert [tuple(tensor.shape) for tensor in decoded] == [(4, 2), (4, 3)]
    with pytest.raises(TensorError, match="numbers of rows"):
        decode_batch([a[0], c[0]], [a[1], c[1]], schema, max_rows=9)
    with pytest.raises(TensorError, match="2 tensors were expected, 1 came"):
        decode_batch([a[0]], [a[1]], schema, max_rows=9)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_are_not_finite_are_found(bad: float) -> None:
    tensor = torch.ones(5, 5)
    require_finite([tensor])
    tensor[3, 3] = bad
    assert not is_finite(tensor)
    with pytest.raises(TensorError, match="NaN"):
        require_finite([torch.ones(2), tensor])


def test_large_numbers_whose_sum_overflows_are_finite() -> None:
    assert is_finite(torch.full((4,), 3e38))
    assert is_finite(torch.tensor([2**62, 2**62]))


def test_int8_error_stays_within_the_bound_of_the_field() -> None:
    """Hivemind's bound for 8 bits, on its own tensor; blocks with a scale each stay far below it."""
    tensor = torch.randn(128, 128, 64, generator=torch.Generator().manual_seed(0))
    header, view = encode(tensor, "int8")
    assert header.nbytes == view.nbytes == tensor.numel() * (1 + 4 / 128)
    error = (decode(header, bytearray(view)) - tensor).pow(2).mean()
    assert error < 8e-4 / 10


@pytest.mark.parametrize("shape", [(0, 5), (1,), (127,), (128,), (129,), (3, 5, 50), ()])
@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_int8_is_near_for_every_shape_and_scale(shape: tuple[int, ...], scale: float) -> None:
    tensor = torch.randn(shape, generator=torch.Generator().manual_seed(1)) * scale
    header, view = encode(tensor, "int8")
    back = decode(header, bytes(view))
    assert back.shape == tensor.shape
    assert torch.all((back - tensor).abs() <= tensor.abs().amax() / 253 if tensor.numel() else back)


def test_int8_keeps_zeros_and_subnormals_finite_and_lets_infinity_be_seen() -> None:
    header, view = encode(torch.tensor([0.0, 1e-42]), "int8")
    assert decode(header, bytearray(view)).tolist() == [0.0, 0.0]
    for bad in (float("nan"), float("inf"), -float("inf")):
        header, view = encode(torch.tensor([1.0, bad]), "int8")
        assert not is_finite(decode(header, bytearray(view)))


def test_hostile_int8_headers_are_refused_before_a_byte_is_allocated() -> None:
    schema = BatchTensorDescriptor((8,))
    for shape, nbytes in [((2, 8), 16), ((2, 8), 64), ((2, 8), 21), ((2**31, 8), 2**26)]:
        with pytest.raises(TensorError):
            schema.check(TensorHeader(shape, "float32", "int8", nbytes), 2**31)
    assert schema.check(TensorHeader((2, 8), "float32", "int8", 20), 2) == 2
    for dtype in ("int64", "bool"):
        with pytest.raises(TensorError, match="cannot travel"):
            decode(TensorHeader((2, 8), dtype, "int8", 20), bytes(20))


@pytest.mark.parametrize("count", [3, 100_000])
@pytest.mark.parametrize("scale", [1.0, 1e-25, 1e16])
def test_a_length_is_right_however_small_or_large_the_numbers(count: int, scale: float) -> None:
    numbers = torch.linspace(-1, 1, count) * scale
    assert length(numbers) == pytest.approx(float(numbers.double().norm()), rel=1e-4)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_length_tells_of_numbers_that_are_not_finite(bad: float) -> None:
    assert not math.isfinite(length(torch.tensor([1.0, bad])))
    assert length(torch.zeros(4)) == 0.0
    assert length(torch.empty(0)) == 0.0
