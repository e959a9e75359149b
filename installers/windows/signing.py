"""Signing for Windows: the launchers, the uninstaller and setup.exe, each by itself, so that Windows names the
publisher at every one of them. Without a certificate nothing is signed.

HIVELET_WINDOWS_CERTIFICATE     a PKCS #12 file
HIVELET_WINDOWS_PASSWORD_FILE   a file with its password
HIVELET_TIMESTAMP_URL           of a timestamping service, so that signatures outlive the certificate; may be missing

`python signing.py FILE` signs one file; NSIS calls it for the uninstaller, which exists only while setup.exe is made.
"""

import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # a script's own folder is first there, where `installers` cannot be found

from installers.common.errors import BuildError  # noqa: E402
from installers.common.programs import require, run  # noqa: E402

CERTIFICATE, PASSWORD, TIMESTAMP = (
    "HIVELET_WINDOWS_CERTIFICATE",
    "HIVELET_WINDOWS_PASSWORD_FILE",
    "HIVELET_TIMESTAMP_URL",
)


@dataclass(frozen=True, slots=True)
class Signing:
    """certificate, password: files, both None where nothing is signed. timestamp: a URL, "" for none."""

    certificate: Path | None
    password: Path | None
    timestamp: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Signing":
        """What this build can do. Raises BuildError when it was told half of it."""
        certificate, password = environment.get(CERTIFICATE, "").strip(), environment.get(PASSWORD, "").strip()
        if not certificate:
            return cls(None, None, "")
        for name, said in ((CERTIFICATE, certificate), (PASSWORD, password)):
            if not Path(said).is_file():
                raise BuildError(f"{name} must name a file; it says {said!r}.")
        return cls(Path(certificate).absolute(), Path(password).absolute(), environment.get(TIMESTAMP, "").strip())

    @property
    def said(self) -> str:
        """One sentence for the build's log."""
        if self.certificate is None:
            return f"NOT signed: {CERTIFICATE} is not set. Windows will warn whoever opens setup.exe."
        if not self.timestamp:
            return f"Signed, without a timestamp: {TIMESTAMP} is not set. The signatures end with the certificate."
        return "Signed and timestamped."

    def command(self, path: Path, result: Path) -> list[str | Path]:
        """How osslsigncode is called. The password is in a file, where no list of processes shows it."""
        if self.certificate is None or self.password is None:
            raise BuildError(f"{path.name} cannot be signed: {CERTIFICATE} is not set.")
        tool = require("osslsigncode", "On Debian and Ubuntu: apt-get install osslsigncode.")
        stamp = ["-ts", self.timestamp] if self.timestamp else []
        secret: list[str | Path] = ["-pkcs12", self.certificate, "-readpass", self.password]
        return [tool, "sign", *secret, "-h", "sha256", "-n", "Hivelet", *stamp, "-in", path, "-out", result]

    def sign(self, path: Path) -> None:
        """Sign a program in place, or leave it alone where nothing is signed. Raises BuildError."""
        if self.certificate is None:
            return
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            result = Path(folder, path.name)
            run(self.command(path, result))
            result.chmod(path.stat().st_mode & 0o777)
            result.replace(path)

    def nsis(self) -> str:
        """The line for NSIS that has the uninstaller signed; nothing where nothing is signed."""
        if self.certificate is None:
            return ""
        words = (sys.executable, str(Path(__file__).resolve()))
        if bad := [word for word in words if set(word) & set("\"'`$\n")]:
            raise BuildError(f"NSIS cannot call a program in {bad[0]!r}.")
        return "!uninstfinalize '{} \"%1\"' = 0\n".format(" ".join(f'"{word}"' for word in words))


def main(paths: list[str]) -> int:
    """Returns the exit code."""
    try:
        signing = Signing.from_environment(os.environ)
        for path in paths:
            signing.sign(Path(path).absolute())
    except (BuildError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
