"""What containers and affinity allow."""

import math
from pathlib import Path

import psutil
import pytest

from core.host.limits import Cgroup, MemoryLimit, memory, usable_cores


class Tree:
    """A made-up /sys/fs/cgroup and /proc/self/cgroup."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "cgroup"
        self.membership = folder / "membership"
        self.root.mkdir()

    def put(self, path: str, content: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)

    def cgroup(self, membership: str) -> Cgroup:
        self.membership.write_text(membership)
        return Cgroup(self.root, self.membership)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def test_version_2_takes_the_tightest_limit_on_the_way_up(tree):
    tree.put("a/cpu.max", "400000 100000\n")
    tree.put("a/b/cpu.max", "150000 100000\n")
    tree.put("a/b/c/cpu.max", "max 100000\n")
    tree.put("a/memory.max", "1000\n")
    tree.put("a/memory.current", "900\n")
    tree.put("a/memory.stat", "anon 1\ninactive_file 300\n")
    tree.put("a/b/memory.max", "max\n")
    cgroup = tree.cgroup("0::/a/b/c\n")
    assert cgroup.cpus() == 1.5
    assert cgroup.memory() == MemoryLimit(1000, 600)


def test_version_1(tree):
    tree.put("cpu/x/cpu.cfs_quota_us", "50000\n")
    tree.put("cpu/x/cpu.cfs_period_us", "100000\n")
    tree.put("cpu/cpu.cfs_quota_us", "-1\n")
    tree.put("memory/x/memory.limit_in_bytes", "2000\n")
    tree.put("memory/x/memory.usage_in_bytes", "500\n")
    tree.put("memory/x/memory.stat", "total_inactive_file 100\n")
    tree.put("memory/memory.limit_in_bytes", "9223372036854771712\n")
    cgroup = tree.cgroup("4:memory:/x\n3:cpu,cpuacct:/x\n0::/\n")
    assert cgroup.cpus() == 0.5
    assert cgroup.memory() == MemoryLimit(2000, 400)


def test_a_container_that_sees_the_hosts_group_name(tree):
    tree.put("cpu.max", "200000 100000\n")
    assert tree.cgroup("0::/docker/abc\n").cpus() == 2.0


@pytest.mark.parametrize("membership", ["", "nonsense", "0::/\n"])
def test_no_limit(tree, membership):
    tree.put("cpu.max", "max 100000")
    tree.put("memory.max", "garbage")
    cgroup = tree.cgroup(membership)
    assert cgroup.cpus() == math.inf
    assert cgroup.memory() is None


def test_usable_cores_and_memory_respect_the_container(tree):
    tree.put("cpu.max", "10000 100000")
    tree.put("memory.max", "1000000")
    tree.put("memory.current", "400000")
    cgroup = tree.cgroup("0::/\n")
    assert usable_cores(cgroup) == 0.1
    assert memory(cgroup) == (1_000_000, 600_000)


def test_a_container_larger_than_the_computer(tree):
    tree.put("memory.max", str(1 << 50))
    total, available = memory(tree.cgroup("0::/\n"))
    assert total == psutil.virtual_memory().total
    assert 0 < available <= total


def test_this_computer():
    assert 0.1 <= usable_cores() <= (psutil.cpu_count() or 1)
