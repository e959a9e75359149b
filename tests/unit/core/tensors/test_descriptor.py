"""Headers are judged before a byte is allocated."""

import pytest

from core.errors import TensorError
from core.tensors.descriptor import BatchTensorDescriptor, check_size
from net.wire.messages import TensorHeader

ROWS_OF_3 = BatchTensorDescriptor((3,))


def test_a_fitting_header_tells_its_rows() -> None:
    assert ROWS_OF_3.check(TensorHeader((5, 3), "float32", "none", 60), max_rows=5) == 5
    assert ROWS_OF_3.check(TensorHeader((5, 3), "float32", "bfloat16", 30), max_rows=8) == 5


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (TensorHeader((5, 4), "float32", "none", 80), "shape"),
        (TensorHeader((15,), "float32", "none", 60), "shape"),
        (TensorHeader((5, 3, 1), "float32", "none", 60), "shape"),
        (TensorHeader((), "float32", "none", 4), "shape"),
        (TensorHeader((5, 3), "float64", "none", 120), "element type"),
        (TensorHeader((5, 3), "object", "none", 60), "element type"),
        (TensorHeader((0, 3), "float32", "none", 0), "rows"),
        (TensorHeader((9, 3), "float32", "none", 108), "rows"),
        (TensorHeader((2**31, 3), "float32", "none", 60), "rows"),
        (TensorHeader((5, 3), "float32", "none", 61), "bytes"),
        (TensorHeader((5, 3), "float32", "zip", 60), "encoding"),
        (TensorHeader((5, 3), "float32", "float16", 60), "bytes"),
    ],
)
def test_a_header_that_does_not_fit_is_refused_in_one_sentence(header: TensorHeader, words: str) -> None:
    with pytest.raises(TensorError, match=words):
        ROWS_OF_3.check(header, max_rows=8)


def test_whole_numbers_do_not_travel_as_floats() -> None:
    with pytest.raises(TensorError, match="int64"):
        check_size(TensorHeader((4,), "int64", "float16", 8))


def test_a_size_beyond_the_stream_limit_is_refused_even_when_it_is_consistent() -> None:
    with pytest.raises(TensorError):
        check_size(TensorHeader((1 << 30, 16), "float32", "none", 1 << 36))
