"""`hivelet project`: make, check, sign and join training runs."""

import typer

app = typer.Typer(help="Training runs: make, check, sign, join.", no_args_is_help=True)
