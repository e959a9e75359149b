"""What is held out is never trained on, and both parts are what they claim to be."""

import gzip
import importlib.util

import numpy as np
import pytest
import torch

from core.errors import DataError
from core.projects.manifest import builtin
from core.training.data import (
    HELD_OUT_BYTES,
    ImageData,
    TextData,
    digits,
    load_dataset,
    python_topics,
    read_digits,
    read_folder,
    require_digits,
)
from installers.common.digits import add_digits


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_the_tail_is_never_trained_on(rng):
    data = TextData(b"a" * 90_000 + b"b" * 10_000, context=32, held_out=0.1)
    for _ in range(50):
        batch = data.batch(64, rng)
        assert batch.samples == 64 * 32
        assert set(torch.cat([batch.inputs, batch.targets]).flatten().tolist()) == {ord("a")}
    for batch in data.held_out():
        assert set(torch.cat([batch.inputs, batch.targets]).flatten().tolist()) == {ord("b")}


def test_targets_are_the_following_bytes(rng):
    data = TextData(bytes(range(200)) * 200, context=16, held_out=0.1)
    for batch in (data.batch(8, rng), *data.held_out()):
        assert torch.equal((batch.inputs + 1) % 200, batch.targets)
        assert batch.inputs.dtype == torch.int64
        assert batch.inputs.shape[1] == 16


def test_held_out_windows_are_always_the_same_and_spread():
    text = python_topics()
    data = TextData(text, context=64, held_out=0.1)
    first, second = data.held_out(), data.held_out()
    assert all(torch.equal(a.inputs, b.inputs) for a, b in zip(first, second, strict=True))
    assert sum(batch.samples for batch in first) == HELD_OUT_BYTES
    tail = text[-len(text) // 10 :]
    places = [tail.find(bytes(row.tolist())) for row in first[0].inputs]
    assert min(places) < len(tail) * 0.05
    assert max(places) > len(tail) * 0.9


def test_the_baseline_is_the_order_0_entropy():
    assert TextData(b"x" * 90_000 + b"ab" * 5_000, 16, 0.1).baseline == pytest.approx(1.0)
    assert TextData(b"x" * 90_000 + b"abcd" * 2_500, 16, 0.1).baseline == pytest.approx(2.0)
    built_in = load_dataset(builtin("text"))
    assert 4.4 < built_in.baseline < 4.7


def test_a_folder_of_text(tmp_path, manifest):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.txt").write_text("zweite Datei, größer " * 400, encoding="utf-8")
    (tmp_path / "a.txt").write_text("first file " * 400)
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\xff\xfe")
    (tmp_path / "zeros.bin").write_bytes(bytes(100))
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / ".hidden").write_text("secret")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("secret")
    text = read_folder(tmp_path)
    assert text == b"first file " * 400 + b"\n" + "zweite Datei, größer ".encode() * 400
    (tmp_path / "c.txt").write_text("more " * 4000)
    assert load_dataset(manifest, tmp_path).baseline > 1
    assert read_folder(tmp_path / "a.txt") == b"first file " * 400


@pytest.mark.parametrize("content", [{}, {"x.bin": b"\xff\xfe"}])
def test_a_folder_without_text(tmp_path, content):
    for name, data in content.items():
        (tmp_path / name).write_bytes(data)
    with pytest.raises(DataError, match="no UTF-8 text"):
        read_folder(tmp_path)


def test_unusable_data_is_named(tmp_path, manifest, digits_manifest):
    with pytest.raises(DataError, match="There is no folder"):
        load_dataset(manifest, tmp_path / "nothing")
    (tmp_path / "short.txt").write_text("short")
    with pytest.raises(DataError, match="has 5 bytes; training needs 16384 or more"):
        load_dataset(manifest, tmp_path)
    with pytest.raises(DataError, match="brings its own data"):
        load_dataset(digits_manifest, tmp_path)


def test_images_are_split_once_and_for_all(rng):
    images = np.arange(100, dtype=np.float32)[:, None].repeat(4, axis=1)
    data = ImageData(images, np.arange(100) % 10, held_out=0.2)
    held = {int(row[0]) for batch in data.held_out() for row in batch.inputs}
    again = ImageData(images, np.arange(100) % 10, held_out=0.2)
    assert held == {int(row[0]) for batch in again.held_out() for row in batch.inputs}
    assert len(held) == 20
    seen = {int(row[0]) for _ in range(20) for row in data.batch(64, rng).inputs}
    assert seen == set(range(100)) - held
    batch = data.batch(16, rng)
    assert torch.equal(batch.targets, batch.inputs[:, 0].long() % 10)


def test_the_baseline_of_images_is_the_most_frequent_class():
    classes = np.array([1] * 75 + [0] * 25)
    data = ImageData(np.zeros((100, 4), np.float32), classes, held_out=0.4)
    held = torch.cat([batch.targets for batch in data.held_out()])
    assert data.baseline == pytest.approx(float((held == 1).float().mean()))


def test_digits_without_scikit_learn(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(DataError, match="pip install scikit-learn"):
        require_digits()


def test_digits_as_an_installer_brings_them(monkeypatch, tmp_path):
    """The same images as scikit-learn's, without it."""
    expected = digits(0.2)
    add_digits(tmp_path)
    monkeypatch.setattr("core.training.data.files", lambda _package: tmp_path)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    found = digits(0.2)
    for ours, theirs in zip(found.held_out(), expected.held_out(), strict=True):
        assert torch.equal(ours.inputs, theirs.inputs)
        assert torch.equal(ours.targets, theirs.targets)


@pytest.mark.parametrize("data", [b"no archive", gzip.compress(b"1,2,x\n"), gzip.compress(b"1,2")[:-9]])
def test_damaged_digits_are_one_sentence(data):
    with pytest.raises(DataError, match="Please install it again"):
        read_digits(data)


def test_digits():
    data = digits(0.2)
    held = sum(batch.samples for batch in data.held_out())
    batch = data.batch(256, np.random.default_rng(0))
    assert held == 359
    assert batch.inputs.shape == (256, 64)
    assert batch.inputs.min() >= -1
    assert batch.inputs.max() <= 1
    assert 0.09 < data.baseline < 0.16
