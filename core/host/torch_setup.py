"""What torch is told once a process, before it computes."""

import platform

import torch


def configure_torch(threads: int) -> None:
    """threads: of one computation."""
    torch.set_num_threads(threads)
    if platform.machine().lower() in ("x86_64", "amd64"):
        # oneDNN keeps a compiled kernel for every batch size, and ours are all different: its cache grows with use.
        torch.backends.mkldnn.enabled = False  # type: ignore[assignment]
