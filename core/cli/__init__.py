"""The command line; every command imports what it needs, so that `hivelet status` answers at once."""

import os
import sys
from collections.abc import Sequence
from typing import Any


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 failed, 2 bad use.

    What a person must know goes to stderr in one sentence; tracebacks go to the log alone.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:2] == ["bench", "expert-host"] and len(arguments) == 3:
        # Programs start this one, so it needs no parser for people, which would take 16 MB of what is measured.
        from core.bench.expert_host import run_host  # noqa: PLC0415

        return run_host(arguments[2])
    import typer  # noqa: PLC0415 - the window's process must start without it

    from core.cli.bench import LISTS  # noqa: PLC0415
    from core.cli.commands import app  # noqa: PLC0415
    from core.cli.options import spread  # noqa: PLC0415
    from core.cli.output import say_error  # noqa: PLC0415
    from core.errors import HiveletError  # noqa: PLC0415

    # Typer brings click along under a name that depends on its version; its public error leads to click's own.
    usage_error: type[Any] = typer.BadParameter.__mro__[1]
    try:
        result = app(args=spread(arguments, LISTS), prog_name="hivelet", standalone_mode=False)
    except HiveletError as error:
        say_error(str(error))
        return error.exit_code
    except (typer.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:
        # The reader of our output has gone (`hivelet log | head`): nothing more to say, and nothing went wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except usage_error as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            print(error)
        else:
            say_error(f"{' '.join(error.format_message().split()).rstrip('.')}. See `hivelet --help`.")
        return 2
    return result if isinstance(result, int) else 0
