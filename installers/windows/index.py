"""Where files lie on the index that pip is set up for, printed as JSON: {file name: URL}.

`pip download` would run the program that a source package brings for its installation; only its address is wanted
here. pip has no public interface for that, so this is a process of its own, and the one place that knows pip's inside.
"""

import json
import sys
from collections.abc import Sequence
from typing import Any

from pip._internal.commands import create_command

from installers.windows.lock import PYTHON

_WINDOWS = ("--platform=win_amd64", f"--python-version={PYTHON}", "--implementation=cp")


def addresses(wanted: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The best file for 64-bit Windows of each distribution (name, version): its wheel, else its source package."""
    found: dict[str, str] = {}
    for name, version in wanted:
        for options in (
            [
                "--no-deps",
                "--only-binary=:all:",
                "--platform=win_amd64",
                "--python-version=3.13",
                "--implementation=cp",
            ],
            [f"--no-binary={name}"],
        ):
            candidate = _best([*options, "--ignore-requires-python"], name, version)
            if candidate is not None:
                found[candidate[0]] = candidate[1]
                break
        else:
            raise SystemExit(f"{name} {version} has no file for Windows.")
    return found


def _best(options: list[str], name: str, version: str) -> tuple[str, str] | None:
    from pip._internal.cli.cmdoptions import make_target_python  # noqa: PLC0415

    command: Any = create_command("download")
    with command.main_context():
        parsed, _ = command.parse_args([*options, name])
        session = command.get_default_session(parsed)
        finder = command._build_package_finder(
            parsed, session, make_target_python(parsed), parsed.ignore_requires_python
        )
        ranked = finder.find_best_candidate(name).iter_all()
        matching = [each for each in ranked if str(each.version) == version]
        evaluator = finder.make_candidate_evaluator(name)
        best = evaluator.compute_best_candidate(matching).best_candidate
        return (best.link.filename, best.link.url_without_fragment) if best is not None else None


if __name__ == "__main__":
    print(json.dumps(addresses(json.loads(sys.argv[1]))))
