"""Tensors to bytes and back, without copying where that is possible.

Bytes travel in little-endian order, rows first, and carry no description of themselves: the header does.
"""

import ctypes
import math
import sys
from collections.abc import Sequence

import numpy
import torch

from core.errors import TensorError
from core.tensors import blockwise
from core.tensors.descriptor import (
    DTYPE_NAMES,
    DTYPES,
    ENCODINGS,
    INT8,
    PLAIN,
    BatchTensorDescriptor,
    check_size,
    stored_dtype,
)
from net.rpc.base import Buffer
from net.wire.messages import TensorHeader

if sys.byteorder != "little":  # every system that torch supports is; say so rather than send garbage
    raise ImportError("Hivelet needs a little-endian computer.")

_NUMPY = {name: numpy.dtype(name) for name in ("float32", "float16", "float64", "int64", "int32", "uint8")}
"""Element types that mean the same to numpy, whatever bits there are."""

_SOONER_COPIED = 8192
"""Bytes that are sooner copied than looked at for how they lie."""

_TINY = 1e-30
"""Sums of squares of float32 above it have lost nothing to the end of the range."""


def encode(tensor: torch.Tensor, encoding: str = PLAIN) -> tuple[TensorHeader, memoryview]:
    """Describe `tensor` and expose its bytes. Raises TensorError for a type or encoding that cannot travel.

    The buffer shares the tensor's memory when it lies contiguously on the CPU and needs no conversion, and keeps
    that memory alive; it must not be changed until the buffer has been sent. Floats beyond the range of "float16"
    are clamped to its largest number, as infinity would be refused by the receiver.
    """
    dtype = DTYPE_NAMES.get(tensor.dtype)
    if dtype is None:
        raise TensorError(f"A tensor of type {tensor.dtype} cannot travel.")
    data = tensor.detach() if tensor.requires_grad else tensor
    if encoding != PLAIN:
        data = _shortened(data, stored_dtype(dtype, encoding), encoding)
    if not data.is_cpu:
        data = data.cpu()
    header = TensorHeader(tuple(tensor.shape), dtype, encoding, data.nbytes)
    return header, _bytes_of(data.contiguous())


def _shortened(raw: torch.Tensor, stored: torch.dtype, encoding: str) -> torch.Tensor:
    """The numbers as they travel."""
    if encoding == INT8:
        return blockwise.quantize(raw.cpu())
    if raw.dtype != stored and stored == torch.float16:
        limit = torch.finfo(torch.float16).max
        raw = raw.clamp(-limit, limit)
    return raw.to(stored)


def decode(header: TensorHeader, buffer: Buffer) -> torch.Tensor:
    """The tensor that `header` describes, on the CPU. Raises TensorError unless the buffer has the announced size.

    Shares the buffer's memory when that is writable, aligned, large and not shortened; copies it otherwise. Check the
    header against a schema first (`decode_batch` does): this function only checks it against itself.
    """
    check_size(header)
    return _decode(header, buffer)


def _decode(header: TensorHeader, buffer: Buffer) -> torch.Tensor:
    """See `decode`; the header has been checked."""
    view = memoryview(buffer)
    if view.nbytes != header.nbytes:
        raise TensorError(f"A tensor announces {header.nbytes} bytes, but {view.nbytes} came.")
    stored, dtype = stored_dtype(header.dtype, header.encoding), DTYPES[header.dtype]
    if header.nbytes == 0:
        return torch.empty(header.shape, dtype=dtype)
    if header.nbytes <= _SOONER_COPIED or view.readonly or _address(view) % stored.itemsize:
        view = memoryview(bytearray(view))
    if header.encoding == PLAIN and (known := _NUMPY.get(header.dtype)):
        return torch.from_numpy(numpy.ndarray(header.shape, known, view))  # one step less than by torch alone
    flat = torch.frombuffer(view, dtype=stored)
    if header.encoding == INT8:
        return blockwise.dequantize(flat.view(torch.uint8), header.shape).to(dtype)
    if stored == torch.bool:
        flat = flat.view(torch.uint8) != 0  # a byte other than 0 and 1 is no valid bool in memory
    tensor = flat.view(header.shape)
    return tensor if stored == dtype else tensor.to(dtype)


def decode_batch(
    headers: Sequence[TensorHeader],
    buffers: Sequence[Buffer],
    schema: Sequence[BatchTensorDescriptor],
    max_rows: int,
) -> list[torch.Tensor]:
    """Decode tensors that must match `schema` one by one and have equally many rows. Raises TensorError.

    Every header is checked before anything is decoded. Values are not looked at; see `require_finite`.
    """
    if not len(headers) == len(buffers) == len(schema):
        raise TensorError(f"{len(schema)} tensors were expected, {len(headers)} came.")
    rows = [descriptor.check(header, max_rows) for descriptor, header in zip(schema, headers, strict=True)]
    if rows and rows.count(rows[0]) != len(rows):
        raise TensorError("The tensors of one call have different numbers of rows.")
    return [_decode(header, buffer) for header, buffer in zip(headers, buffers, strict=True)]


def is_finite(tensor: torch.Tensor) -> bool:
    """Whether every number is neither NaN nor infinite."""
    if not tensor.dtype.is_floating_point:
        return True
    # A sum is 30 times faster than isfinite().all() and is never finite when a NaN or Inf went in; large finite
    # numbers may overflow it, so a suspicious sum is looked into.
    squares = _squares_of_few(tensor)
    total = tensor.sum().item() if squares is None else squares
    return math.isfinite(total) or bool(torch.isfinite(tensor).all())


def length(tensor: torch.Tensor) -> float:
    """The square root of the sum of squares of all numbers; not finite where one of them is not, or nearly so."""
    squares = _squares_of_few(tensor)
    if squares is None or not _TINY < squares < math.inf:  # it may have lost what it should tell
        return float(torch.linalg.vector_norm(tensor))
    return math.sqrt(squares)


def _squares_of_few(tensor: torch.Tensor) -> float | None:
    """The sum of squares where there are so few numbers that calling torch takes longer than the sum; else None."""
    few = tensor.dtype is torch.float32 and tensor.is_cpu and tensor.nbytes <= _SOONER_COPIED
    if not few or tensor.requires_grad:
        return None
    numbers = tensor.numpy()
    return float(numpy.vdot(numbers, numbers))


def require_finite(tensors: Sequence[torch.Tensor]) -> None:
    """Raise TensorError when a tensor holds NaN or infinity."""
    if not all(map(is_finite, tensors)):
        raise TensorError("A tensor holds NaN or infinite numbers.")


def check_encoding(encoding: str) -> str:
    """Return `encoding`; raise TensorError when there is none of that name."""
    if encoding not in ENCODINGS:
        raise TensorError(f"There is no tensor encoding {encoding[:16]!r}; choose one of {', '.join(ENCODINGS)}.")
    return encoding


def _bytes_of(data: torch.Tensor) -> memoryview:
    """data: contiguous, on the CPU."""
    if not data.numel():
        return memoryview(b"")
    if data.dtype == torch.bfloat16:  # numpy has none, and bytes are all that is needed
        data = data.view(torch.int16)
    return data.numpy().data.cast("B")


def _address(view: memoryview) -> int:
    return ctypes.addressof(ctypes.c_char.from_buffer(view))
