"""`hivelet bench …`: measurements that anyone can repeat; each prints one JSON object with --json.

Nothing here computes: a command imports its module of `core.bench` when it is called, and hands over its options.
"""

import typer

app = typer.Typer(
    help="Measure this computer and this version. Everything stays on this computer.", no_args_is_help=True
)
