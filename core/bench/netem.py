"""A line made by Linux itself: a network namespace for this process alone, whose loopback is slow, long and lossy."""

import ctypes
import os
import subprocess
import sys

from core.bench.line import LineSpec
from core.errors import HiveletError

if sys.platform == "linux":
    from core.bench import tunnel

_NEW_NETWORK = 0x40000000  # CLONE_NEWNET, from Linux's sched.h
_SEGMENT = ("mtu", "1500", "gso_max_segs", "1")
"""Packets as on a real line: what the loopback would send as one piece of 64 KB would be lost as one."""
_TIMEOUT_S = 10.0


def queue_of(spec: LineSpec) -> tuple[str, ...]:
    """tc's words for it. Each packet passes the loopback once, so half the delay each way; both directions share the
    rate."""
    rate = ("rate", f"{spec.rate * 8:.0f}bit") if spec.rate else ()
    return ("netem", *rate, "delay", f"{spec.delay_s * 500:g}ms", "loss", f"{spec.loss * 100:g}%")


def enter(spec: LineSpec) -> str:
    """Move this process, which must not have begun threads that use the network, and all that it starts from now on.

    The namespace ends with them. Returns what makes the line: tc's netem, or a tunnel in this process where the kernel
    has no netem. Raises HiveletError in one sentence where the system or the user cannot do that.
    """
    if sys.platform != "linux" or os.geteuid() != 0:
        raise HiveletError("A line that the kernel's TCP crosses needs Linux and root; leave --netem out for another.")
    if ctypes.CDLL(None, use_errno=True).unshare(_NEW_NETWORK):
        raise HiveletError(f"No network namespace can be made here ({os.strerror(ctypes.get_errno())}).")
    _run("ip", "link", "set", "lo", *_SEGMENT, "up")
    try:
        _run("tc", "qdisc", "add", "dev", "lo", "root", *queue_of(spec))
    except HiveletError:
        tunnel.divert(spec, lambda command: _run("ip", *command.split()))
        return "a tunnel in user space"
    return "tc netem"


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    except OSError as error:
        raise HiveletError(f"{command[0]} (iproute2) cannot be run: {error.strerror}.") from error
    if done.returncode:
        said = " ".join(done.stderr.split())[:200].rstrip(".")
        raise HiveletError(f"The kernel makes no such line: `{' '.join(command)}` says: {said}.")
