"""What a build leaves beside its installers: SHA256SUMS, and the facts that the program tells about its build."""

import json
from datetime import UTC, datetime
from pathlib import Path

from installers.common.context import BuildContext
from installers.common.downloads import sha256_of

SUMS = "SHA256SUMS"
BUILD_INFO = "build.json"


def write_checksums(folder: Path) -> Path:
    """SHA256SUMS over every file in the folder, in the form that `sha256sum --check` reads."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != SUMS)
    sums = folder / SUMS
    sums.write_text("".join(f"{sha256_of(path)}  {path.name}\n" for path in files), encoding="utf-8", newline="\n")
    return sums


def write_build_info(context: BuildContext, target: str, resources: Path) -> Path:
    """`build.json` in an installed program's `resources` folder: {version, commit, date, target}.

    date: of the commit, ISO 8601 in UTC, so that two builds of one commit say the same.
    """
    facts = {
        "version": context.version,
        "commit": context.commit,
        "date": datetime.fromtimestamp(context.epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "target": target,
    }
    path = resources / BUILD_INFO
    path.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8", newline="\n")
    return path
