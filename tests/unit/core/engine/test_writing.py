"""Text that is read while it is written: in pieces, one at a time, to be stopped at any moment."""

import asyncio
import threading

import pytest

from core.engine.writing import MOST_BYTES, MOST_PIECES, Writer
from core.errors import UsageError
from core.training.generation import Token


async def all_of(writer, number):
    pieces = []
    while True:
        answer = writer.read(number, len(pieces))
        pieces += answer["pieces"]
        if answer["done"]:
            return pieces, answer["problem"]
        await asyncio.sleep(0)


def bytes_of(text, closed=None):
    def stream(_prompt, _length):
        try:
            for byte in text:
                yield Token(byte, (("ffn0.1", "ffn0.2"), ("ffn1.3",)))
        finally:
            if closed is not None:
                closed.append(True)

    return stream


async def test_pieces_come_with_experts_and_their_hosts():
    closed = []
    writer = Writer(bytes_of(b"ok", closed), lambda uid: "" if uid == "ffn0.1" else "beef")
    pieces, problem = await all_of(writer, writer.start("p", 2))
    picks = [("ffn0.1", ""), ("ffn0.2", "beef"), ("ffn1.3", "beef")]
    assert pieces == [("o", picks), ("k", picks)]
    assert (problem, closed) == ("", [True])


async def test_a_letter_of_several_bytes_comes_whole_and_a_torn_one_is_replaced():
    writer = Writer(bytes_of("ä".encode() + b"\xc3"), lambda _uid: "")
    pieces, _ = await all_of(writer, writer.start("p", 3))
    assert "".join(text for text, _picks in pieces) == "ä\ufffd"


async def test_one_at_a_time_and_stopped_on_request():
    go_on = threading.Semaphore(0)

    def stream(_prompt, _length):
        while True:
            go_on.acquire()
            yield Token(ord("x"), ())

    writer = Writer(stream, lambda _uid: "")
    number = writer.start("p", 100)
    with pytest.raises(UsageError, match="Another text"):
        writer.start("p", 100)
    writer.stop(number)
    go_on.release()
    pieces, _ = await all_of(writer, number)
    assert len(pieces) == 1
    again = writer.start("p", 100)
    with pytest.raises(UsageError, match="no longer kept"):
        writer.read(number, 0)
    writer.stop(again)
    go_on.release()
    await writer.close()


@pytest.mark.parametrize("length", [0, -1, MOST_BYTES + 1])
async def test_endless_wishes_are_refused(length):
    with pytest.raises(UsageError, match="A text has"):
        Writer(bytes_of(b""), lambda _uid: "").start("p", length)


async def test_an_answer_is_never_longer_than_one_message_takes():
    writer = Writer(bytes_of(b"x" * (MOST_PIECES + 1)), lambda _uid: "")
    number = writer.start("p", MOST_BYTES)
    await all_of(writer, number)
    first = writer.read(number, 0)
    assert (len(first["pieces"]), first["done"]) == (MOST_PIECES, False)
    last = writer.read(number, MOST_PIECES)
    assert (len(last["pieces"]), last["done"]) == (1, True)


async def test_a_fault_is_told_to_the_reader(caplog):
    def stream(_prompt, _length):
        yield Token(ord("x"), ())
        raise RuntimeError("a secret detail")

    writer = Writer(stream, lambda _uid: "")
    pieces, problem = await all_of(writer, writer.start("p", 9))
    assert [text for text, _ in pieces] == ["x"]
    assert problem == "The text could not be written to its end. The log says why."
    assert "a secret detail" in caplog.text

    def refuses(_prompt, _length):
        raise UsageError("This project writes no text.")
        yield

    writer = Writer(refuses, lambda _uid: "")
    assert await all_of(writer, writer.start("p", 9)) == ([], "This project writes no text.")
