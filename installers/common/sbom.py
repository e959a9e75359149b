"""The list of what an installer contains (a software bill of materials), as CycloneDX 1.6 JSON.

A distribution's hash is the SHA-256 over the sorted `path,hash` lines of its RECORD, which itself names the hash of
every file that came with it: the wheel is gone once it is installed. A file's hash is that of the file.
"""

import csv
import hashlib
import json
import re
import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from email.message import Message
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any, cast

from packaging.markers import UndefinedEnvironmentName
from packaging.requirements import Requirement

from installers.common.context import BuildContext
from installers.common.downloads import sha256_of
from installers.common.errors import BuildError

Component = dict[str, Any]
_MADE_HERE = ("INSTALLER", "REQUESTED", "direct_url.json")
"""Files of an installation that say how, not what."""


def write_sbom(context: BuildContext, path: Path, components: Iterable[Component]) -> Path:
    """Write the list. The same components give the same bytes."""
    listed = sorted(components, key=lambda each: (each["type"], each["name"], each.get("version", "")))
    content: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(context.epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {
                "type": "application",
                "name": "hivelet",
                "version": context.version,
                "licenses": [{"expression": "MIT"}],
                "properties": [{"name": "hivelet:commit", "value": context.commit}],
            },
        },
        "components": listed,
    }
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).digest()
    content["serialNumber"] = f"urn:uuid:{uuid.UUID(bytes=digest[:16], version=4)}"
    path.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="utf-8", newline="\n")
    return path


def distribution_components(
    requirements: Sequence[str], paths: Sequence[Path] | None = None, environment: dict[str, str] | None = None
) -> list[Component]:
    """The installed distributions that these requirements need, themselves included.

    paths: the folders where they are installed, by default this interpreter's. environment: markers of the system
    that they are for (PEP 508), where that is another. Raises BuildError when one is missing.
    """
    found = distributions(path=[str(path) for path in paths]) if paths else distributions()
    by_name = {_normal(each.metadata["Name"]): each for each in found if each.metadata["Name"]}
    wanted = [Requirement(text) for text in requirements]
    taken: dict[str, Component] = {}
    done: set[tuple[str, frozenset[str]]] = set()
    while wanted:
        requirement = wanted.pop()
        name = _normal(requirement.name)
        state = (name, frozenset(requirement.extras))
        if state in done:
            continue
        done.add(state)
        if name not in by_name:
            raise BuildError(f"{requirement.name} is needed but not installed, so it cannot be listed.")
        distribution = by_name[name]
        taken.setdefault(name, distribution_component(distribution))
        for text in distribution.requires or ():
            further = Requirement(text)
            if any(_applies(further, extra, environment) for extra in (*requirement.extras, "")):
                wanted.append(further)
    return list(taken.values())


def file_component(path: Path, name: str, version: str = "", origin: str = "") -> Component:
    """A file that came with no distribution. origin: where it is from, in a word."""
    component: Component = {"type": "file", "name": name, "hashes": [{"alg": "SHA-256", "content": sha256_of(path)}]}
    if version:
        component["version"] = version
    if origin:
        component["properties"] = [{"name": "hivelet:origin", "value": origin}]
    return component


def distribution_component(distribution: Distribution) -> Component:
    """One installed distribution, without what it needs."""
    name, version = _normal(distribution.metadata["Name"]), distribution.version
    component: Component = {
        "type": "library",
        "name": name,
        "version": version,
        "purl": f"pkg:pypi/{name}@{version}",
        "bom-ref": f"pkg:pypi/{name}@{version}",
    }
    if licences := _licences(cast(Message, distribution.metadata)):
        component["licenses"] = licences
    if record := distribution.read_text("RECORD"):
        component["hashes"] = [{"alg": "SHA-256", "content": _digest_of_record(record)}]
    return component


def _digest_of_record(record: str) -> str:
    rows = [row for row in csv.reader(record.splitlines()) if len(row) > 1 and row[1]]
    lines = sorted(
        f"{row[0]},{row[1]}"
        for row in rows
        if not row[0].startswith("..") and Path(row[0]).name not in _MADE_HERE  # scripts name the interpreter's folder
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _licences(metadata: Message) -> list[dict[str, Any]]:
    if expression := metadata.get("License-Expression"):
        return [{"expression": expression}]
    said = [line.split("::")[-1].strip() for line in metadata.get_all("Classifier", []) if line.startswith("License ")]
    if not said and (text := metadata.get("License", "").strip()):
        said = [text.splitlines()[0][:200]]
    return [{"license": {"name": name}} for name in said]


def _applies(requirement: Requirement, extra: str, environment: dict[str, str] | None) -> bool:
    if requirement.marker is None:
        return True
    try:
        return requirement.marker.evaluate({**(environment or {}), "extra": extra})
    except UndefinedEnvironmentName:
        return False


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
