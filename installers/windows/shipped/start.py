"""What the launchers run: Hivelet as an installed program, whose command is the launcher without a console."""

import os
import sys
from pathlib import Path

sys.frozen = True  # type: ignore[attr-defined]
sys.executable = str(Path(sys.executable).with_name("hivelet.exe"))
for name in ("stdin", "stdout", "stderr"):
    if getattr(sys, name) is None:  # started by a click: nobody listens
        mode = "r" if name == "stdin" else "w"
        setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - for as long as we live

if __name__ == "__main__":
    if sys.argv[1:2] == ["--setup"]:
        import setup_steps  # type: ignore[import-not-found]  # it lies beside this file

        sys.exit(setup_steps.main(sys.argv[2:]))
    from app.__main__ import main

    sys.exit(main())
