"""Serialised tensors and descriptors of the researchers' API."""

import msgpack
import pytest
import torch

from core.api import BatchTensorDescriptor, CompressionType, deserialize_torch_tensor, serialize_torch_tensor
from core.errors import TensorError


@pytest.mark.parametrize("compression", list(CompressionType))
def test_hivemind_s_error_bounds_hold(compression: CompressionType) -> None:
    tensor = torch.randn(128, 128, 64, generator=torch.Generator().manual_seed(0)).requires_grad_()
    back = deserialize_torch_tensor(serialize_torch_tensor(tensor, compression))
    assert back.requires_grad
    error = (back - tensor).detach().square().mean()
    bound = {"none": 0.0, "float16": 5e-8, "bfloat16": 5e-6, "int8": 8e-4}[compression.encoding]
    assert error <= bound


def test_other_types_are_never_shortened() -> None:
    for tensor in (torch.arange(5), torch.tensor([True, False])):
        assert torch.equal(deserialize_torch_tensor(serialize_torch_tensor(tensor, CompressionType.FLOAT16)), tensor)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        msgpack.packb([]),
        msgpack.packb(([2**40], "float32", "none", False, b"")),
        msgpack.packb(([2**30, 2**30], "float32", "none", False, b"1234")),
        msgpack.packb(([1], "float33", "none", False, b"1234")),
        msgpack.packb(([1], "float32", "zip", False, b"1234")),
        msgpack.packb(([1], "float32", "int8", False, b"1234")),
        msgpack.packb(([-1], "float32", "none", False, b"")),
        msgpack.packb(([1], 3, "none", False, b"1234")),
    ],
)
def test_hostile_bytes_are_one_error(data: bytes) -> None:
    with pytest.raises(TensorError):
        deserialize_torch_tensor(data)


def test_descriptors_describe_batches() -> None:
    described = BatchTensorDescriptor.from_tensor(torch.zeros(7, 3, 2, dtype=torch.float16))
    assert (
        described
        == BatchTensorDescriptor(3, 2, dtype=torch.float16)
        == BatchTensorDescriptor([3, 2], dtype=torch.float16)
    )
    assert described.shape == (None, 3, 2)
    assert described.make_zeros(4).shape == (4, 3, 2)
    assert str(described.row) == "float16 [rows, 3, 2]"
    with pytest.raises(TensorError):
        BatchTensorDescriptor(3, dtype=torch.complex64)
