"""A Windows for one test: a Wine prefix with what Wine 8 lacks of Windows 10. Nothing of it is ever shipped.

What is added: functions of `ucrtbase` that numpy calls while it is loaded and one of `propsys` that Python calls, as
machine code in place of Wine's unimplemented ones; `bcryptprimitives`, `icuuc` and `mscms`, which Wine has not or not
whole. The installed program itself stays as it was shipped.
"""

import contextlib
import os
import shutil
import struct
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

_BUILTIN = Path("/usr/lib/x86_64-linux-gnu/wine/x86_64-windows")
_FIRST_OF_FLOAT, _FIRST_OF_DOUBLE = b"\x66\x0f\x6e\xc1\xc3", b"\xf2\x0f\x10\x01\xc3"
_SECOND_OF_FLOAT, _SECOND_OF_DOUBLE = b"\x48\xc1\xe9\x20" + _FIRST_OF_FLOAT, b"\xf2\x0f\x10\x41\x08\xc3"
_PATCHES = {
    "ucrtbase": {
        "crealf": _FIRST_OF_FLOAT, "cimagf": _SECOND_OF_FLOAT,
        "creal": _FIRST_OF_DOUBLE, "cimag": _SECOND_OF_DOUBLE,
        "creall": _FIRST_OF_DOUBLE, "cimagl": _SECOND_OF_DOUBLE,
    },
    "propsys": {"VariantToString": b"\xb8\x01\x40\x00\x80\xc3"},  # "not implemented", which Python lives with
}  # fmt: skip
_ICU = (
    "close", "reset", "getMaxCharSize", "getName", "getToUCallBack", "getFromUCallBack", "setToUCallBack",
    "setFromUCallBack", "cbToUWriteUChars", "toUnicode", "cbFromUWriteUChars", "toUCountPending", "fromUCountPending",
    "getStandardName", "getAvailableName", "countAvailable", "fromUnicode",
)  # fmt: skip
_NOTHING = "__declspec(dllexport) void *{}(void) {{ return 0; }}\n"
_SOURCES = {
    "icuuc": "".join(
        map(_NOTHING.format, [*(f"ucnv_{name}" for name in _ICU), "UCNV_FROM_U_CALLBACK_SUBSTITUTE",
                              "UCNV_TO_U_CALLBACK_SUBSTITUTE"])
    ) + "__declspec(dllexport) void *ucnv_open(const char *n, int *e) { if (e) *e = 16; (void)n; return 0; }\n",
    "mscms": "".join(
        map(_NOTHING.format, ("GetColorProfileFromHandle", "CloseColorProfile", "WcsCreateIccProfile",
                              "OpenColorProfileW"))
    ),
    "bcryptprimitives": "#include <windows.h>\n#include <bcrypt.h>\n"
    "__declspec(dllexport) BOOL ProcessPrng(PBYTE to, SIZE_T size)\n"
    "{ return BCryptGenRandom(NULL, to, (ULONG)size, BCRYPT_USE_SYSTEM_PREFERRED_RNG) == 0; }\n",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Done:
    """A program that has ended. output: what it printed on both channels."""

    code: int
    output: str


class Wine:
    """One prefix below `folder`. display: of an X server, such as ":97"."""

    def __init__(self, folder: Path, display: str) -> None:
        self.prefix = folder / "prefix"
        names = ",".join([*_PATCHES, *_SOURCES])
        self.environment = {
            **os.environ,
            "DISPLAY": display,
            "WINEPREFIX": str(self.prefix),
            "WINEARCH": "win64",
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": f"{names}=n,b;winemenubuilder.exe,mscoree,mshtml=d",
            "KMP_AFFINITY": "disabled",  # Wine does not tell OpenMP which processors there are
            "OMP_NUM_THREADS": "1",
            "HIVELET_LOOPBACK": "1",
        }
        self._run(["wineboot", "--init"], 300)
        self._run(["winecfg", "-v", "win10"], 60)
        system = self.prefix / "drive_c" / "windows" / "system32"
        for name, functions in _PATCHES.items():
            (system / f"{name}.dll").unlink()
            (system / f"{name}.dll").write_bytes(with_functions((_BUILTIN / f"{name}.dll").read_bytes(), functions))
        for name, source in _SOURCES.items():
            path = folder / f"{name}.c"
            path.write_text(source, encoding="ascii")
            (system / f"{name}.dll").unlink(missing_ok=True)
            command = ["x86_64-w64-mingw32-gcc", "-shared", "-O2", "-o", str(system / f"{name}.dll"), str(path)]
            subprocess.run([*command, "-lbcrypt"], check=True)

    @property
    def drive(self) -> Path:
        """C:"""
        return self.prefix / "drive_c"

    def run(self, program: str | Path, *arguments: str, timeout_s: float = 300.0, **more: str) -> Done:
        """Run a program to its end. more: of the environment."""
        return self._run(["wine", str(program), *arguments], timeout_s, more)

    def start(self, program: str | Path, *arguments: str) -> "subprocess.Popen[bytes]":
        """Run a program beside us. Its output is dropped."""
        silent = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(["wine", str(program), *arguments], env=self.environment, **silent)  # type: ignore[call-overload, no-any-return]

    def path(self, windows: str) -> Path:
        """Where a path of Windows lies here."""
        place = PureWindowsPath(windows)
        letter = place.drive.lower()
        root = self.drive if letter == "c:" else self.prefix / "dosdevices" / letter
        return root.joinpath(*place.parts[1:])

    def registry(self) -> set[str]:
        """The user's part of the registry, one line a key and a value, without what every program leaves there."""
        self._run(["wineserver", "--wait"], 120)  # it writes the files at its end
        lines, key = set(), ""
        for line in (self.prefix / "user.reg").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("["):
                key = line[: line.rindex("]") + 1]
                lines.add(key)
            elif line and not line.startswith(("#", ";", "WINE REGISTRY")):
                lines.add(f"{key} {line}")
        return lines

    def files(self) -> set[str]:
        """Every file and folder on C:."""
        return {path.relative_to(self.drive).as_posix() for path in self.drive.rglob("*")}

    def end(self) -> None:
        """Whatever still runs in the prefix is ended, and the prefix deleted."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._run(["wineserver", "--kill"], 60)
        shutil.rmtree(self.prefix, ignore_errors=True)

    def _run(self, command: Sequence[str], timeout_s: float, more: Mapping[str, str] | None = None) -> Done:
        # A pipe, because Wine takes a regular file for no standard output; read to the program's own end, because
        # what it has started keeps the pipe open.
        read, write = os.pipe()
        with os.fdopen(read, "rb") as output:
            os.set_blocking(read, False)
            environment = {**self.environment, **(more or {})}
            with subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=write, stderr=write
            ) as process:
                os.close(write)
                pieces: list[bytes] = []
                left = timeout_s
                while process.poll() is None and left > 0:
                    pieces.append(output.read() or b"")
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        process.wait(0.05)
                    left -= 0.05
                if process.poll() is None:
                    process.kill()
                    raise subprocess.TimeoutExpired(list(command), timeout_s, b"".join(pieces))
            pieces.append(output.read() or b"")
        return Done(process.returncode, b"".join(pieces).decode("utf-8", "replace"))


def with_functions(library: bytes, functions: Mapping[str, bytes]) -> bytes:
    """A copy of one of Wine's libraries in which these exported functions are other machine code."""
    data = bytearray(library)
    header = struct.unpack_from("<I", data, 0x3C)[0]
    sections, optional = struct.unpack_from("<H12xH", data, header + 6)
    first = header + 24 + optional

    def offset(address: int) -> int:
        for index in range(sections):
            size, virtual, raw_size, raw = struct.unpack_from("<IIII", data, first + 40 * index + 8)
            if virtual <= address < virtual + max(size, raw_size):
                return int(raw + address - virtual)
        raise ValueError(f"no section holds {address:#x}")

    exports = offset(struct.unpack_from("<I", data, header + 24 + 112)[0])
    names, table, name_table, ordinals = struct.unpack_from("<IIII", data, exports + 24)
    found = 0
    for index in range(names):
        start = offset(struct.unpack_from("<I", data, offset(name_table) + 4 * index)[0])
        name = data[start : data.index(0, start)].decode("ascii")
        if name in functions:
            ordinal = struct.unpack_from("<H", data, offset(ordinals) + 2 * index)[0]
            code = offset(struct.unpack_from("<I", data, offset(table) + 4 * ordinal)[0])
            data[code : code + len(functions[name])] = functions[name]
            found += 1
    if found != len(functions):
        raise ValueError(f"only {found} of {sorted(functions)} are exported")
    mark = b"Wine builtin DLL"
    data[0x40 : 0x40 + len(mark)] = data[0x40 : 0x40 + len(mark)].replace(mark, bytes(len(mark)))
    return bytes(data)
