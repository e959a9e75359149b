"""What torch is told once a process, before it computes."""

import platform

import torch

_wanted = 0  # threads of one computation; 0: nobody has said anything, so torch's own number stays


def compute_with(threads: int) -> None:
    """Threads of one computation, from each computing thread's next batch on."""
    global _wanted  # noqa: PLW0603 - torch's own setting is the process's, too
    _wanted = threads
    torch.set_num_threads(threads)


def follow_threads() -> None:
    """For this thread, which computes: torch gives every thread a number of its own when it first computes, and
    changes only the caller's later."""
    if _wanted and torch.get_num_threads() != _wanted:
        torch.set_num_threads(_wanted)


def begin_thread() -> None:
    """For a thread of ours that will compute, before it does: numbers below 1e-38 count as zero. Moments of what is no
    longer trained shrink to such numbers and stay there by rounding; a processor then takes ten times as long for
    each step. Threads that torch starts from this one do the same."""
    torch.set_flush_denormal(True)


def configure_torch(threads: int) -> None:
    """threads: of one computation."""
    compute_with(threads)
    if platform.machine().lower() in ("x86_64", "amd64"):
        # oneDNN keeps a compiled kernel for every batch size, and ours are all different: its cache grows with use.
        torch.backends.mkldnn.enabled = False  # type: ignore[assignment]
