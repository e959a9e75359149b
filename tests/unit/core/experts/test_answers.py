"""Answers on their way from other threads to the one that waits."""

import threading

from core.experts.answers import Answers
from core.experts.outcome import Outcome

GOOD = Outcome(0)


def test_answers_come_one_by_one_or_several_at_once() -> None:
    answers = Answers(3, patience=10)
    answers.put(lambda: [(2, GOOD)])
    answers.put(lambda: [(0, GOOD), (1, GOOD)])
    assert [index for index, _ in answers.take()] == [2, 0, 1]
    assert answers.pending == 0
    assert answers.take() == []


def test_nothing_in_time_is_an_empty_answer() -> None:
    answers = Answers(1, patience=10)
    assert answers.take(timeout=0.0) == []
    assert answers.pending == 1


def test_patience_ends_even_when_no_timeout_is_given() -> None:
    assert Answers(1, patience=0.0).take() == []


def test_quiet_answers_wait_for_a_loud_one_or_for_the_timeout() -> None:
    answers = Answers(3, patience=10)
    answers.put(lambda: [(0, GOOD)], quiet=True)
    answers.put(lambda: [(1, GOOD)])
    assert [index for index, _ in answers.take()] == [1, 0]
    answers.put(lambda: [(2, GOOD)], quiet=True)
    assert [index for index, _ in answers.take(timeout=0.0)] == [2]


def test_unpacking_happens_in_the_waiting_thread() -> None:
    answers = Answers(1, patience=10)
    seen = []

    def unpack():
        seen.append(threading.current_thread())
        return [(0, GOOD)]

    thread = threading.Thread(target=lambda: answers.put(unpack))
    thread.start()
    answers.take()
    thread.join()
    assert seen == [threading.current_thread()]
