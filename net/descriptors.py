"""Open files: a peer with hundreds of connections needs more than the 1024 that many systems allow at first."""

import logging
import sys

logger = logging.getLogger(__name__)

WANTED = 8192


def raise_descriptor_limit(wanted: int = WANTED) -> int | None:
    """Raise this process's own limit as far as it may, up to `wanted`; returns it, None where there is none."""
    if sys.platform == "win32":
        return None  # sockets are not counted there
    import resource  # noqa: PLC0415 - it exists on POSIX only

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    goal = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft == resource.RLIM_INFINITY or soft >= goal:
        return soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (goal, hard))
    except (OSError, ValueError) as error:
        logger.info("The limit of open files stays at %d: %s", soft, error)
        return soft
    return goal


def share_of_descriptors(wanted: int) -> int:
    """How many connections one listener may hold: `wanted`, but at most a quarter of the files allowed."""
    if sys.platform == "win32":
        return wanted
    import resource  # noqa: PLC0415 - it exists on POSIX only

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return wanted if soft == resource.RLIM_INFINITY else min(wanted, max(1, soft // 4))
