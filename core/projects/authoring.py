"""What an organiser does with project files: write a new one, check it, sign it, look at it."""

from pathlib import Path
from typing import Any

from core.errors import UsageError
from core.files import write_atomically
from core.projects.fields import read_table
from core.projects.link import JoinLink, check_bootstrap
from core.projects.manifest import BUILTIN, Manifest, builtin, load, parse, read_file
from core.projects.signing import sign_content
from net.identity import Identity


def new_project(path: Path, *, name: str, task: str = "text") -> Manifest:
    """Write an unsigned project file to edit: the built-in project of that task under another name, with its comments.

    An existing file is never overwritten. Raises UsageError, ManifestError, HomeError.
    """
    if path.exists():
        raise UsageError(f"{path} exists already; choose another file name.")
    if name in BUILTIN:
        raise UsageError(f"{name} is a built-in project; choose another name.")
    lines = builtin(task).toml.decode().splitlines()
    places = {"name = ": f'name = "{name}"', "title = ": f'title = "{name}"', "publisher = ": 'publisher = ""'}
    for number, line in enumerate(lines):
        for begin, changed in places.items():
            if line.startswith(begin):
                lines[number] = changed
    data = ("\n".join(lines) + "\n").encode()
    manifest = parse(data, "the new project", unsigned=True)
    write_atomically(path, data)
    return manifest


def check_project(path: Path) -> tuple[Manifest, list[str]]:
    """Read a project file, signed or not, and say in a sentence each what its organiser should know.

    Raises ManifestError for what makes it unusable.
    """
    manifest = load(path, unsigned=True)
    remarks = []
    if not manifest.signed:
        remarks.append(f"It is not signed yet; nobody can join it before: hivelet project sign {path}")
    if not manifest.licence:
        remarks.append("It names no licence of its data; volunteers may want to know it.")
    if not manifest.publisher:
        remarks.append("It names no publisher; volunteers may want to know who asks for their computers.")
    if any(layer.grid.size < 4 * layer.k_best for layer in manifest.layers):
        remarks.append("A layer has few experts for its k_best; when peers leave, samples may find too few of them.")
    return manifest, remarks


def sign_project(path: Path, identity: Identity) -> Manifest:
    """Sign a project file in place, as its publisher; its project id changes with the publisher's key.

    The file is written anew, without comments. Raises ManifestError, HomeError.
    """
    table = read_table(read_file(path), str(path))
    # What is signed is checked first, and a signature that does not hold any more may stand in it.
    unsigned = {name: value for name, value in table.data.items() if name != "signature"}
    signed = sign_content(unsigned, identity)
    manifest = parse(signed, str(path))
    write_atomically(path, signed)
    return manifest


def describe(manifest: Manifest) -> dict[str, Any]:
    """What `hivelet project show` tells, as plain values."""
    return {
        "project_id": manifest.project_id.hex(),
        "name": manifest.name,
        "title": manifest.title,
        "task": manifest.task,
        "metric": manifest.metric,
        "description": manifest.description.strip(),
        "licence": manifest.licence,
        "publisher": manifest.publisher,
        "publisher_key": manifest.publisher_key.hex(),
        "signed": manifest.signed,
        "min_version": manifest.min_version,
        "too_new": manifest.too_new,
        "experts": manifest.experts_total,
        "expert_parameters": manifest.expert_parameters,
        "layers": [
            {
                "prefix": layer.prefix,
                "dims": list(layer.dims),
                "k_best": layer.k_best,
                "expert": layer.expert.layer,
                "hidden": layer.expert.hidden,
                "inner": layer.expert.inner,
                "tiers": [{"rows": tier.rows, "inner": tier.expert.inner} for tier in layer.tiers],
                "expert_memory_bytes": max(expert.memory_bytes for expert, _ in layer.sizes),
            }
            for layer in manifest.layers
        ],
    }


def link_to(manifest: Manifest, bootstrap: list[str]) -> str:
    """The join link that the organiser sends round. Raises ManifestError for an address that cannot be used."""
    return str(JoinLink(manifest.project_id, manifest.name, tuple(check_bootstrap(address) for address in bootstrap)))
