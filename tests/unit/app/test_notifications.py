from app.notifications import RateLimit


def test_one_of_a_kind_in_a_while() -> None:
    limit = RateLimit(quiet=600)
    assert limit.allows("crash", 0)
    assert not limit.allows("crash", 599)
    assert limit.allows("other", 599)
    assert limit.allows("crash", 600)
