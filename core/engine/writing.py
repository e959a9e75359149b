"""Text that is read while it is written: one continuation at a time, in a thread of its own, bounded in every way."""

import asyncio
import codecs
import logging
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from core.errors import HiveletError, UsageError
from core.training.generation import Token
from net.words import say, sentence_of

log = logging.getLogger("hivelet.writing")

MOST_BYTES = 4000
MOST_PROMPT_CHARS = 4000
MOST_PIECES = 500

Pick = tuple[str, str]
"""An expert's uid, and the peer that hosts it ("": this computer)."""


@dataclass(slots=True)
class _Writing:
    """One continuation. pieces grow in the writing thread and are read in the loop's; a list's growth is atomic."""

    number: int
    pieces: list[tuple[str, list[Pick]]] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    done: bool = False
    problem: str = ""


class Writer:
    """Writes for whoever asks; belongs to the engine's loop.

    stream: as `Trainer.stream`; host_of: the peer id of an expert's host as hexadecimal digits, "" for this computer;
    called in the writing thread.
    """

    def __init__(self, stream: Callable[[str, int], Generator[Token]], host_of: Callable[[str], str]) -> None:
        self._stream = stream
        self._host_of = host_of
        self._writing = _Writing(0, done=True)
        self._task: asyncio.Task[None] | None = None

    def start(self, prompt: str, length: int) -> int:
        """Begin; returns the number to read it by. Raises UsageError while another one is being written."""
        if not self._writing.done:
            raise UsageError(say("Another text is being written; wait for its end, or stop it."))
        if not 1 <= length <= MOST_BYTES or len(prompt) > MOST_PROMPT_CHARS:
            raise UsageError(
                say(
                    "A text has 1 to {most} bytes, its prompt at most {letters} letters.",
                    most=MOST_BYTES,
                    letters=MOST_PROMPT_CHARS,
                )
            )
        writing = self._writing = _Writing(self._writing.number + 1)
        self._task = asyncio.get_running_loop().create_task(asyncio.to_thread(self._write, writing, prompt, length))
        return writing.number

    def read(self, number: int, after: int) -> dict[str, Any]:
        """The answer to `generate_read`. Raises UsageError for a text that is no longer kept."""
        writing = self._kept(number)
        done = writing.done  # before the pieces: what is done has all of them
        pieces = writing.pieces[max(0, after) :][:MOST_PIECES]
        whole = max(0, after) + len(pieces) == len(writing.pieces)
        return {"pieces": pieces, "done": done and whole, "problem": writing.problem}

    def stop(self, number: int) -> None:
        """Write no further. Raises UsageError for a text that is no longer kept."""
        self._kept(number).stopping.set()

    async def close(self) -> None:
        """Stop, and wait for the byte under way."""
        self._writing.stopping.set()
        if self._task is not None:
            await self._task

    def _kept(self, number: int) -> _Writing:
        if number != self._writing.number or not number:
            raise UsageError(say("This text is no longer kept; another one was written since."))
        return self._writing

    def _write(self, writing: _Writing, prompt: str, length: int) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        tokens = self._stream(prompt, length)
        try:
            for token in tokens:
                picks = [(uid, self._host_of(uid)) for layer in token.experts for uid in layer]
                writing.pieces.append((decoder.decode(bytes([token.byte])), picks))
                if writing.stopping.is_set():
                    break
        except HiveletError as error:
            writing.problem = sentence_of(error)
        except Exception:  # whoever waits for the text must hear of it; the log keeps the traceback
            log.exception("A text could not be written to its end")
            writing.problem = "The text could not be written to its end. The log says why."
        finally:
            tokens.close()  # gives the model back to the trainer
            rest = decoder.decode(b"", final=True)
            if rest:
                writing.pieces.append((rest, []))
            writing.done = True
