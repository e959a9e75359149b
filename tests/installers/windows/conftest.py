"""setup.exe in two versions, the next one signed by a certificate of the test's own, and a Windows to install them."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from installers import windows
from installers.common.context import ROOT, BuildContext
from installers.common.results import write_checksums
from installers.windows import signing
from tests.installers.windows.desk import Desk, windows_desk

TOOLS = (
    "wine", "wineboot", "makensis", "x86_64-w64-mingw32-gcc", "Xvfb", "openbox", "trayer", "xdotool", "import",
    "openssl", "osslsigncode",
)  # fmt: skip


@pytest.fixture(scope="session", autouse=True)
def _able() -> None:
    """Rather a clear failure than a skipped test."""
    missing = [name for name in TOOLS if shutil.which(name) is None]
    if missing or os.name != "posix" or os.geteuid() != 0:
        pytest.fail(f"needs root, who fills a disk, and here: {', '.join(missing) or 'all tools'}", pytrace=False)


@dataclass(frozen=True, slots=True)
class Setup:
    """version, commit: what it is made of. certificate: that signed it, None for one that is not signed."""

    path: Path
    version: str
    commit: str
    certificate: Path | None = None


@pytest.fixture(scope="session")
def released(pytestconfig: pytest.Config, results: Path) -> Setup:
    """The installer as it is released, without secrets; with --reuse-built, that of the last run."""
    context = BuildContext.of(ROOT, results)
    found = results / f"hivelet-{context.version}-windows-x64-setup.exe"
    if not (pytestconfig.getoption("--reuse-built") and found.is_file()):
        assert windows.build(context)[0] == found
        write_checksums(results)
    return Setup(found, context.version, context.commit)


@pytest.fixture(scope="session")
def following(pytestconfig: pytest.Config, results: Path) -> Setup:
    """The next version, signed: only what it says of itself differs. It is compressed less."""
    context = BuildContext.of(ROOT, results)
    head, last = re.fullmatch(r"(.*?)(\d+)", context.version).groups()
    work = context.work / "following"
    work.mkdir(parents=True, exist_ok=True)
    certificate, bundle, password = _certificate(work)
    found = results / f"hivelet-{head}{int(last) + 1}-windows-x64-setup.exe"
    if not (pytestconfig.getoption("--reuse-built") and found.is_file()):
        later = replace(context, version=f"{head}{int(last) + 1}", work=work)
        if not later.downloads.exists():
            later.downloads.symlink_to(context.downloads)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(windows, "COMPRESSOR", "zlib")
            patch.setenv(signing.CERTIFICATE, str(bundle))
            patch.setenv(signing.PASSWORD, str(password))
            assert windows.build(later)[0] == found
    return Setup(found, f"{head}{int(last) + 1}", context.commit, certificate)


def _certificate(folder: Path) -> tuple[Path, Path, Path]:
    """A certificate that nobody trusts, kept beside what it signed: itself, with its key, and the key's password."""
    certificate, bundle, password = (folder / name for name in ("signer.pem", "signer.p12", "password"))
    if not bundle.exists():
        key = folder / "key.pem"
        subject = ["-subj", "/CN=Hivelet test", "-addext", "extendedKeyUsage=codeSigning", "-days", "3650"]
        made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate]
        subprocess.run([*made, *subject], check=True, capture_output=True)
        password.write_text("only for the test")
        export = ["openssl", "pkcs12", "-export", "-inkey", key, "-in", certificate, "-out", bundle]
        subprocess.run([*export, "-passout", f"file:{password}"], check=True, capture_output=True)
        key.unlink()
    return certificate, bundle, password


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with windows_desk(tmp_path) as made:
        yield made
