"""Tensors as bytes, and descriptions of batches."""

from enum import IntEnum
from typing import Any

import msgpack
import torch

from core.errors import TensorError
from core.tensors.codec import decode, encode
from core.tensors.descriptor import DTYPE_NAMES
from core.tensors.descriptor import BatchTensorDescriptor as RowDescriptor
from net.wire.limits import MAX_DIMS
from net.wire.messages import TensorHeader


class CompressionType(IntEnum):
    """How a tensor is shortened, with Hivemind's names and numbers, and BFLOAT16 besides.

    All 8-bit types are the same here: blocks of 128 numbers with a scale each, more exact than any of Hivemind's
    and as short; MEANSTD_16BIT is FLOAT16. Only floating-point tensors are shortened.
    """

    NONE = 0
    MEANSTD_16BIT = 1
    FLOAT16 = 2
    QUANTILE_8BIT = 3
    UNIFORM_8BIT = 4
    BLOCKWISE_8BIT = 5
    BFLOAT16 = 6

    @property
    def encoding(self) -> str:
        """Its name on the wire."""
        return _ENCODINGS[self]


_ENCODINGS = {
    CompressionType.NONE: "none",
    CompressionType.MEANSTD_16BIT: "float16",
    CompressionType.FLOAT16: "float16",
    CompressionType.QUANTILE_8BIT: "int8",
    CompressionType.UNIFORM_8BIT: "int8",
    CompressionType.BLOCKWISE_8BIT: "int8",
    CompressionType.BFLOAT16: "bfloat16",
}


def serialize_torch_tensor(
    tensor: torch.Tensor,
    compression_type: CompressionType = CompressionType.NONE,
    info: object = None,  # noqa: ARG001 - Hivemind's; every tensor describes itself here
    allow_inplace: bool = False,  # noqa: ARG001 - Hivemind's; the tensor is never changed
) -> bytes:
    """A tensor on the CPU as bytes, to be read by `deserialize_torch_tensor`. Raises TensorError.

    Bytes, not a protobuf message: msgpack of (shape, type, encoding, requires_grad) and the tensor's own bytes.
    """
    encoding = CompressionType(compression_type).encoding if tensor.is_floating_point() else "none"
    header, buffer = encode(tensor, encoding)
    fields = (header.shape, header.dtype, header.encoding, tensor.requires_grad, bytes(buffer))
    packed: bytes = msgpack.packb(fields)
    return packed


def deserialize_torch_tensor(serialized_tensor: bytes) -> torch.Tensor:
    """The tensor. Raises TensorError for bytes that are none; nothing is allocated before they were checked."""
    try:
        shape, dtype, encoding, requires_grad, data = msgpack.unpackb(serialized_tensor, max_array_len=MAX_DIMS)
        sound = isinstance(dtype, str) and isinstance(encoding, str) and isinstance(data, bytes)
        sound = sound and all(type(size) is int and 0 <= size < 2**31 for size in shape)
    except (ValueError, TypeError, msgpack.UnpackException) as error:
        raise TensorError("These bytes are no serialized tensor.") from error
    if not sound:
        raise TensorError("These bytes are no serialized tensor.")
    header = TensorHeader(tuple(shape), dtype, encoding, len(data))
    tensor = decode(header, data)
    return tensor.requires_grad_(bool(requires_grad) and tensor.is_floating_point())


class BatchTensorDescriptor:
    """Describes batches: tensors whose first dimension varies. size: the other dimensions; a list of them works too.

    dtype: float32 where none is named. requires_grad and compression are remembered; the latter says how inputs and
    outputs that fit this description may travel.
    """

    def __init__(
        self,
        *size: Any,
        dtype: torch.dtype | None = None,
        requires_grad: bool = False,
        compression: CompressionType = CompressionType.NONE,
    ) -> None:
        if len(size) == 1 and isinstance(size[0], list | tuple):
            size = tuple(size[0])
        self.size = (None, *map(int, size))
        self.dtype = dtype or torch.float32
        self.requires_grad = requires_grad
        self.compression = CompressionType(compression)
        if self.dtype not in DTYPE_NAMES:
            raise TensorError(f"A tensor of type {self.dtype} cannot travel.")

    @property
    def shape(self) -> tuple[int | None, ...]:
        """`size`."""
        return self.size

    @property
    def row(self) -> RowDescriptor:
        """The same for the rest of Hivelet."""
        return RowDescriptor(tuple(size for size in self.size[1:] if size is not None), DTYPE_NAMES[self.dtype])

    @classmethod
    def from_tensor(
        cls, tensor: torch.Tensor, compression: CompressionType = CompressionType.NONE
    ) -> "BatchTensorDescriptor":
        """What describes batches like this one."""
        kept = compression if tensor.is_floating_point() else CompressionType.NONE
        return cls(*tensor.shape[1:], dtype=tensor.dtype, requires_grad=tensor.requires_grad, compression=kept)

    def make_zeros(self, *batch_size: int, **kwargs: Any) -> torch.Tensor:
        """A batch of zeros."""
        settings = {"dtype": self.dtype, "requires_grad": self.requires_grad, **kwargs}
        return torch.zeros((*batch_size, *self.row.row_shape), **settings)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BatchTensorDescriptor) and (self.size, self.dtype) == (other.size, other.dtype)

    def __hash__(self) -> int:
        return hash((self.size, self.dtype))

    def __repr__(self) -> str:
        return f"BatchTensorDescriptor({', '.join(map(str, self.size[1:]))}, dtype={self.dtype})"
