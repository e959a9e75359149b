"""Builds one installer: `python installers/build.py linux-deb|linux-run|windows|macos [--output DIR]`.

Each target is a package or module under `installers` with a function `build(context) -> list[Path]`, which puts
finished files into `context.output` and returns them. What they share is in `installers/common`.
"""

import argparse
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # a script's own folder is first there, where `installers` cannot be found

from installers.common.context import BuildContext  # noqa: E402
from installers.common.errors import BuildError  # noqa: E402
from installers.common.results import write_checksums  # noqa: E402

TARGETS = {
    "linux-deb": "installers.linux.deb",
    "linux-run": "installers.linux.run",
    "windows": "installers.windows",
    "macos": "installers.macos",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0 built, 1 failed, 2 bad use."""
    parser = argparse.ArgumentParser(prog="installers/build.py", description="Build one of Hivelet's installers.")
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--output", type=Path, default=ROOT / "dist", help="where the results go (default: dist)")
    parser.add_argument("--reuse-frozen", action="store_true", help="do not freeze the program again")
    options = parser.parse_args(argv)
    try:
        output = options.output.absolute()
        output.mkdir(parents=True, exist_ok=True)
        context = BuildContext.of(ROOT, output, reuse_frozen=options.reuse_frozen)
        print(f"Hivelet {context.version} ({context.commit or 'no commit'}) for {options.target}", flush=True)
        built = build(options.target, context)
    except (BuildError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    write_checksums(output)
    for path in built:
        print(f"{path.stat().st_size / 1e6:8.1f} MB  {path}")
    return 0


def build(target: str, context: BuildContext) -> list[Path]:
    """Build one target and return its files. Raises BuildError, OSError."""
    name = TARGETS[target]
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not (name == error.name or name.startswith(f"{error.name}.")):
            raise BuildError(f"{error}. Building needs: pip install -e '.[build]'") from error
        raise BuildError(f"The target {target} does not exist in this checkout: there is no {name}.") from error
    if not hasattr(module, "build"):
        raise BuildError(f"The target {target} does not exist in this checkout: {name} has no build().")
    built = module.build(context)
    if missing := [str(path) for path in built if not path.is_file()]:
        raise BuildError(f"The target {target} names files that it did not make: {', '.join(missing)}.")
    return list(built)


if __name__ == "__main__":
    sys.exit(main())
