from app.backoff import Backoff


def test_waits_double_up_to_the_longest() -> None:
    backoff = Backoff()
    assert [backoff.fail() for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]


def test_many_failures_do_not_overflow() -> None:
    backoff = Backoff(failures=100_000)
    assert backoff.fail() == 60


def test_only_lasting_success_is_forgiven() -> None:
    backoff = Backoff()
    backoff.fail()
    backoff.fail()
    assert not backoff.succeeded_for(59)
    assert backoff.fail() == 4
    assert backoff.succeeded_for(60)
    assert backoff.fail() == 1


def test_a_person_may_reset_it() -> None:
    backoff = Backoff(failures=5)
    backoff.reset()
    assert backoff.fail() == 1
