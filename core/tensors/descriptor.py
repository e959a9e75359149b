"""What a tensor from the network must look like before a byte of it is believed."""

from dataclasses import dataclass
from math import prod

import torch

from core.errors import TensorError
from core.tensors import blockwise
from net.wire.limits import STREAM_BYTES
from net.wire.messages import TensorHeader

DTYPES: dict[str, torch.dtype] = {
    "float32": torch.float32,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
    "float64": torch.float64,
    "int64": torch.int64,
    "int32": torch.int32,
    "uint8": torch.uint8,
    "bool": torch.bool,
}
"""The closed table of element types, by their name on the wire."""

DTYPE_NAMES: dict[torch.dtype, str] = {dtype: name for name, dtype in DTYPES.items()}

PLAIN, INT8 = "none", "int8"

ENCODINGS: dict[str, torch.dtype | None] = {
    PLAIN: None,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
    INT8: torch.int8,
}
"""How bytes may travel, from the most exact to the shortest: as they are, as this shorter type, or ("int8") in blocks
with a scale each, see `core.tensors.blockwise`. Only floating-point tensors are shortened."""


def stored_dtype(dtype: str, encoding: str) -> torch.dtype:
    """The element type of the bytes that travel. Raises TensorError for a pair that is not in the tables."""
    plain = DTYPES.get(dtype)
    if plain is None:
        raise TensorError(f"A tensor has the unknown element type {dtype[:16]!r}.")
    if encoding not in ENCODINGS:
        raise TensorError(f"A tensor has the unknown encoding {encoding[:16]!r}.")
    short = ENCODINGS[encoding]
    if short is None:
        return plain
    if not plain.is_floating_point:
        raise TensorError(f"Numbers of type {dtype} cannot travel as {encoding}.")
    return short


def encoded_size(shape: tuple[int, ...], dtype: str, encoding: str) -> int:
    """Bytes of such a tensor on the wire. Raises TensorError for names that are not in the tables."""
    stored, count = stored_dtype(dtype, encoding), prod(shape)
    return blockwise.encoded_bytes(count) if encoding == INT8 else stored.itemsize * count


@dataclass(frozen=True, slots=True)
class BatchTensorDescriptor:
    """A batch: any number of rows (the first dimension), each of shape `row_shape` and element type `dtype`."""

    row_shape: tuple[int, ...]
    dtype: str = "float32"

    @classmethod
    def of(cls, tensor: torch.Tensor) -> "BatchTensorDescriptor":
        """What describes batches like this one. Raises TensorError for an element type that cannot travel."""
        dtype = DTYPE_NAMES.get(tensor.dtype)
        if dtype is None:
            raise TensorError(f"A tensor of type {tensor.dtype} cannot travel.")
        return cls(tuple(tensor.shape[1:]), dtype)

    @property
    def is_float(self) -> bool:
        """Whether its numbers have fractions, and so gradients."""
        return DTYPES[self.dtype].is_floating_point

    def matches(self, tensor: torch.Tensor, rows: int) -> bool:
        """Whether this very tensor is such a batch, of that many rows."""
        return tuple(tensor.shape) == (rows, *self.row_shape) and tensor.dtype == DTYPES[self.dtype]

    def __str__(self) -> str:
        return f"{self.dtype} [rows{''.join(f', {size}' for size in self.row_shape)}]"

    def check(self, header: TensorHeader, max_rows: int) -> int:
        """Return the row count that `header` announces; raise TensorError unless everything in it fits.

        Nothing is allocated: shape, element type, encoding and byte count are compared with this schema first.
        """
        if len(header.shape) != 1 + len(self.row_shape) or header.shape[1:] != self.row_shape:
            raise TensorError(f"A tensor has the shape {header.shape}; expected rows of {self.row_shape}.")
        if header.dtype != self.dtype:
            raise TensorError(f"A tensor has the element type {header.dtype[:16]!r}; expected {self.dtype}.")
        rows = header.shape[0]
        if not 1 <= rows <= max_rows:
            raise TensorError(f"A tensor has {rows} rows; 1 to {max_rows} are allowed.")
        check_size(header)
        return rows


def check_size(header: TensorHeader) -> None:
    """Raise TensorError unless the header's byte count is what its shape, type and encoding need."""
    size = encoded_size(header.shape, header.dtype, header.encoding)
    if header.nbytes != size or size > STREAM_BYTES:
        raise TensorError(f"A tensor of shape {header.shape} announces {header.nbytes} bytes; it should take {size}.")
