"""Data sets: random batches to train on, and a held-out part that is never among them.

One sample is one row of the task: one byte position of a text, or one image.
"""

import gzip
import importlib.util
import io
import logging
import math
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from core.errors import DataError
from core.paths import FROZEN
from core.projects.manifest import Manifest

log = logging.getLogger("hivelet.data")

DIGITS = "digits.csv.gz"
"""Below `resources` in an installed program; from source, scikit-learn has the same file."""
MAX_TEXT_BYTES = 1 << 30
MIN_TEXT_BYTES = 16 * 1024
HELD_OUT_BYTES = 12 * 1024
"""Evaluation reads about so many bytes, in windows that lie evenly over the whole held-out part."""
HELD_OUT_BATCH = 1024  # samples a batch
SPLIT_SEED = 20200210


@dataclass(frozen=True, slots=True)
class Batch:
    """inputs: int64 [B, T] bytes or float32 [B, P] pixels; targets: int64 [B, T] following bytes or [B] classes."""

    inputs: torch.Tensor
    targets: torch.Tensor

    @property
    def samples(self) -> int:
        """Rows of the task in it: bytes or images."""
        return self.targets.numel()


class Dataset(Protocol):
    """What trainers and the evaluation need of a task's data. Safe to use from several threads."""

    @property
    def baseline(self) -> float:
        """The task's metric on the held-out part for the best predictor that never looks at its input."""
        ...

    def batch(self, size: int, rng: np.random.Generator) -> Batch:
        """`size` random sequences or images of the training part."""
        ...

    def held_out(self) -> Sequence[Batch]:
        """Always the same batches of the held-out part; each of them is spread over all of it."""
        ...


def load_dataset(manifest: Manifest, folder: Path | None = None) -> Dataset:
    """The project's data. folder: the user's own text for a text project. Raises DataError with one clear sentence."""
    if manifest.task == "text":
        text = python_topics() if folder is None else read_folder(folder)
        return TextData(text, manifest.model.context, manifest.held_out)
    if folder is not None:
        raise DataError(f"The project {manifest.name} brings its own data; leave --data out.")
    return digits(manifest.held_out)


class TextData:
    """Windows of one long text; its tail is held out.

    context: bytes of a window. Raises DataError when the text is too short to hold anything out.
    """

    def __init__(self, text: bytes, context: int, held_out: float) -> None:
        tail = round(len(text) * held_out)
        if len(text) < MIN_TEXT_BYTES or tail < 4 * (context + 1):
            raise DataError(f"The text has {len(text)} bytes; training needs {MIN_TEXT_BYTES} or more.")
        every_byte = np.frombuffer(text, np.uint8)
        self._train = every_byte[: len(text) - tail]
        self._tail = every_byte[len(text) - tail :]
        self._context = context

    @cached_property
    def baseline(self) -> float:
        """Bits per byte of the held-out text for a predictor that knows how often each byte occurs in it, no more:
        its order-0 entropy."""
        counts = np.bincount(self._tail)
        shares = counts[counts > 0] / self._tail.size
        return float(-(shares * np.log2(shares)).sum())

    def batch(self, size: int, rng: np.random.Generator) -> Batch:
        """`size` windows at random places."""
        return self._windows(self._train, rng.integers(0, self._train.size - self._context, size))

    def held_out(self) -> Sequence[Batch]:
        """Windows that lie evenly over the tail."""
        fitting = (self._tail.size - 1) // self._context
        count = min(fitting, max(1, HELD_OUT_BYTES // self._context))
        starts = np.linspace(0, self._tail.size - self._context - 1, count).astype(np.int64)
        parts = math.ceil(count * self._context / HELD_OUT_BATCH)
        return [self._windows(self._tail, starts[part::parts]) for part in range(parts)]

    def _windows(self, text: NDArray[np.uint8], starts: NDArray[np.int64]) -> Batch:
        places = starts[:, None] + np.arange(self._context + 1)
        windows = torch.from_numpy(text[places].astype(np.int64))
        return Batch(windows[:, :-1].contiguous(), windows[:, 1:].contiguous())


class ImageData:
    """Images and their classes, split once and for all by a fixed shuffle. images: float32 [M, P]; classes: [M]."""

    def __init__(self, images: NDArray[np.float32], classes: NDArray[np.int64], held_out: float) -> None:
        order = np.random.default_rng(SPLIT_SEED).permutation(len(classes))
        tail = max(1, round(len(classes) * held_out))
        self._images, self._classes = torch.from_numpy(images[order]), torch.from_numpy(classes[order])
        self._train = len(classes) - tail

    @property
    def baseline(self) -> float:
        """Held-out accuracy of always naming the class that is most frequent there."""
        return float(torch.bincount(self._classes[self._train :]).max()) / (len(self._classes) - self._train)

    def batch(self, size: int, rng: np.random.Generator) -> Batch:
        """`size` random images."""
        picks = torch.from_numpy(rng.integers(0, self._train, size))
        return Batch(self._images[picks], self._classes[picks])

    def held_out(self) -> Sequence[Batch]:
        """All held-out images."""
        parts = math.ceil((len(self._classes) - self._train) / HELD_OUT_BATCH)
        return [
            Batch(self._images[self._train + part :: parts], self._classes[self._train + part :: parts])
            for part in range(parts)
        ]


def python_topics() -> bytes:
    """CPython's own reference text, which every CPython brings along: all topics in sorted order."""
    try:
        from pydoc_data import topics  # noqa: PLC0415 - half a megabyte that only text trainers need
    except ImportError as error:
        raise DataError(
            "This Python lacks its documentation (pydoc_data); give a folder of text with --data."
        ) from error
    return "".join(topics.topics[name] for name in sorted(topics.topics)).encode()


def read_folder(folder: Path) -> bytes:
    """All UTF-8 files below `folder` in sorted order, hidden ones and those that are no text left out.

    A single file is taken as it is. Raises DataError.
    """
    if not folder.exists():
        raise DataError(f"There is no folder {folder}; --data names a folder of UTF-8 text.")
    try:
        paths = [folder] if folder.is_file() else sorted(p for p in folder.rglob("*") if _is_plain(p, folder))
        texts: list[bytes] = []
        room = MAX_TEXT_BYTES
        for path in paths:
            text = path.read_bytes() if path.stat().st_size <= room else b""
            if not text or not _is_text(text):
                log.info("%s is not used: it is empty, too large or no UTF-8 text.", path)
                continue
            texts.append(text)
            room -= len(text)
    except OSError as error:
        raise DataError(f"The text in {folder} cannot be read ({error.strerror}).") from error
    if not texts:
        raise DataError(f"There is no UTF-8 text in {folder}.")
    return b"\n".join(texts)


def _is_plain(path: Path, folder: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return not hidden and not path.is_symlink() and path.is_file()


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\0" not in data


def require_digits() -> None:
    """Raise DataError, with what to install, unless the digits can be loaded here."""
    if not files("resources").joinpath(DIGITS).is_file() and importlib.util.find_spec("sklearn") is None:
        if FROZEN:
            raise DataError(f"Hivelet is damaged: {DIGITS} is missing. Please install it again.")
        raise DataError(
            "The digits come with scikit-learn, which is not installed. "
            f"Install it with: {sys.executable} -m pip install scikit-learn"
        )


def digits(held_out: float) -> ImageData:
    """scikit-learn's 1,797 handwritten digits, 8 x 8 pixels from -1 to 1. Raises DataError where it is missing."""
    require_digits()
    brought = files("resources").joinpath(DIGITS)
    if brought.is_file():
        images, classes = read_digits(brought.read_bytes())
    else:
        from sklearn.datasets import load_digits  # noqa: PLC0415 - an optional and slow import

        images, classes = load_digits(return_X_y=True)
    return ImageData((images / 8.0 - 1.0).astype(np.float32), classes.astype(np.int64), held_out)


def read_digits(data: bytes) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Images (n x 64, from 0 to 16) and classes (n) of the file that installers bring. Raises DataError."""
    try:
        table = np.loadtxt(io.BytesIO(gzip.decompress(data)), delimiter=",", ndmin=2)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise DataError(f"Hivelet is damaged: {DIGITS} cannot be read ({error}). Please install it again.") from error
    return table[:, :-1], table[:, -1].astype(np.int64)
