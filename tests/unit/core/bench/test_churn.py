"""`bench churn` in small: the same simulation with fewer nodes."""

from core.bench.churn import ChurnOptions, run_churn

FIELDS = {
    "nodes", "dead", "bad", "hops_mean", "hops_p99", "find_node_requests_mean", "find_value_requests_mean",
    "timeouts_mean", "success", "seconds", "max_rss_MB", "messages_per_node_hour_idle", "nearest_known", "table_dead",
}  # fmt: skip


def small(**changes) -> ChurnOptions:
    return ChurnOptions(**{"nodes": 60, "gets": 40, "lookups": 20, **changes})


def test_all_is_found_while_all_live():
    found = run_churn(small())
    assert found.keys() >= FIELDS
    assert found["success"] == 1.0
    assert found["find_value_requests_mean"] <= 4.6
    assert found["hops_mean"] <= 2.5
    assert found["nearest_known"] >= 0.95
    assert found["table_dead"] == found["timeouts_mean"] == 0


def test_nearly_all_is_found_while_30_percent_are_dead():
    found = run_churn(small(dead=0.3))
    assert found["success"] >= 0.98
    assert found["timeouts_mean"] > 1, "the dead are asked, and silent"
    assert 0.2 < found["table_dead"] < 0.4


def test_colluders_hide_nothing():
    found = run_churn(small(bad=0.2))
    assert found["success"] == 1.0
    assert found["find_value_requests_mean"] > 4, "over disjoint paths"


def test_the_same_seed_gives_the_same_figures():
    options = ChurnOptions(nodes=30, dead=0.2, gets=10, lookups=10, idle_minutes=5, seed=3)
    figures = [run_churn(options) for _ in range(2)]
    for found in figures:
        for name in ("seconds", "cpu_seconds", "max_rss_MB"):
            del found[name]
    assert figures[0] == figures[1]
    assert figures[0]["messages_per_node_hour_idle"] > 0
