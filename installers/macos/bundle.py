"""What `Hivelet.app` says about itself, and where its parts lie."""

from pathlib import Path
from typing import Any

from installers.common.freezing import write_metadata

APP = "Hivelet.app"
IDENTIFIER = "org.hivelet.Hivelet"
LEAST_MACOS = "14.0"
"""The oldest macOS that torch's wheels run on."""


def info_plist(version: str) -> dict[str, Any]:
    """Info.plist. The program is an ordinary one, with an icon in the Dock and in Cmd-Tab (LSUIElement false): who
    opened it by a double click must find its window again, and macOS hides menu bar icons where room is short. Engines
    never show in the Dock, because they do not talk to the window server."""
    return {
        "CFBundleIdentifier": IDENTIFIER,
        "CFBundleName": "Hivelet",
        "CFBundleDisplayName": "Hivelet",
        "CFBundleIconFile": "hivelet.icns",
        "CFBundleShortVersionString": version,
        "CFBundleVersion": version,
        "CFBundleDevelopmentRegion": "en",
        "CFBundleLocalizations": ["en", "de"],
        "CFBundleURLTypes": [
            {"CFBundleURLName": f"{IDENTIFIER}.join", "CFBundleURLSchemes": ["hivelet"], "CFBundleTypeRole": "Viewer"}
        ],
        "LSApplicationCategoryType": "public.app-category.education",
        "LSMinimumSystemVersion": LEAST_MACOS,
        "LSUIElement": False,
        "LSBackgroundOnly": False,  # PyInstaller says otherwise of a program that is also a command line
        "NSHighResolutionCapable": True,
        "NSSupportsAutomaticTermination": False,
        "NSLocalNetworkUsageDescription": "Hivelet finds your other computers at home and trains with them.",
        "NSBonjourServices": ["_hivelet._tcp"],
    }


def entitlements() -> dict[str, bool]:
    """What the hardened runtime must allow: Python's ctypes makes machine code as it runs. Nothing else."""
    return {"com.apple.security.cs.allow-unsigned-executable-memory": True}


def contents(app: Path) -> Path:
    """The bundle's inside."""
    return app / "Contents"


def resources(app: Path) -> Path:
    """Where data lies; PyInstaller links it into Frameworks, where the program looks."""
    return contents(app) / "Resources"


def add_metadata(app: Path, name: str, version: str) -> Path:
    """A version, where Python's metadata is looked up: data lies in Resources, with a link to it in Frameworks, as
    the signature takes a folder with a dot in Frameworks for a framework."""
    folder = write_metadata(resources(app), name, version)
    link = contents(app) / "Frameworks" / folder.name
    link.symlink_to(Path("..", "Resources", folder.name), target_is_directory=True)
    return folder
