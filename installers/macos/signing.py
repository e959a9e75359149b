"""Signing and notarising: which commands, in which order. Without an identity the program is signed for this Mac alone.

HIVELET_CODESIGN_IDENTITY   "Developer ID Application: …", in a keychain that is unlocked
HIVELET_NOTARY_PROFILE      what `xcrun notarytool store-credentials` was told
"""

import plistlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from installers.macos.bundle import contents, entitlements

IDENTITY, PROFILE = "HIVELET_CODESIGN_IDENTITY", "HIVELET_NOTARY_PROFILE"
AD_HOC = "-"
_MACHO = {bytes.fromhex(magic) for magic in ("cffaedfe", "cefaedfe", "feedfacf", "feedface", "cafebabe")}
_NOTARY_WAIT = "45m"


@dataclass(frozen=True, slots=True)
class Signing:
    """identity: of the certificate, AD_HOC for none; profile: of the notary's credentials, "" for none; entitlements:
    the file that says what the hardened runtime allows."""

    identity: str
    profile: str
    entitlements: Path

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], folder: Path) -> "Signing":
        """What this build can do. Writes the entitlements into `folder`."""
        path = folder / "entitlements.plist"
        path.write_bytes(plistlib.dumps(entitlements()))
        identity = environment.get(IDENTITY, "").strip()
        return cls(identity or AD_HOC, environment.get(PROFILE, "").strip() if identity else "", path)

    @property
    def said(self) -> str:
        """One sentence for the build's log."""
        if self.identity == AD_HOC:
            return f"NOT signed: {IDENTITY} is not set. macOS will refuse to open it by a double click."
        if not self.profile:
            return f"Signed by {self.identity}, NOT notarised: {PROFILE} is not set. macOS will warn of it."
        return f"Signed by {self.identity} and notarised."

    def sign_app(self, app: Path) -> list[list[str]]:
        """Libraries and programs inside first, then the bundle, whose seal covers them; then look at the result."""
        inner = [self._sign(path) for path in code_in(app)]
        check = ["codesign", "--verify", "--deep", "--strict", str(app)]
        return [*inner, self._sign(app), check]

    def finish_image(self, image: Path) -> list[list[str]]:
        """Sign the disk image, have Apple look at it, and attach what it says."""
        if self.identity == AD_HOC:
            return []
        sign = ["codesign", "--force", "--timestamp", "--sign", self.identity, str(image)]
        if not self.profile:
            return [sign]
        submit = ["xcrun", "notarytool", "submit", str(image), "--keychain-profile", self.profile]
        return [
            sign,
            [*submit, "--wait", "--timeout", _NOTARY_WAIT],
            ["xcrun", "stapler", "staple", str(image)],
            ["spctl", "--assess", "--type", "open", "--context", "context:primary-signature", str(image)],
        ]

    def _sign(self, path: Path) -> list[str]:
        command = ["codesign", "--force", "--sign", self.identity]
        if self.identity != AD_HOC:
            command += ["--options", "runtime", "--timestamp", "--entitlements", str(self.entitlements)]
        return [*command, str(path)]


def code_in(app: Path) -> list[Path]:
    """Every Mach-O file in the bundle but the main program, the deepest first; frameworks as a whole."""
    main = contents(app) / "MacOS" / "hivelet"
    found: set[Path] = set()
    for path in app.rglob("*"):
        if path.is_symlink() or not path.is_file() or path == main or not _is_code(path):
            continue
        outer = [parent for parent in path.parents if parent.suffix == ".framework" and app in parent.parents]
        found.add(outer[0] if outer else path)
    return sorted(found, key=lambda path: (-len(path.parts), str(path)))


def _is_code(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) in _MACHO
