"""dmgbuild runs this file; what it gives is in `defines`. Its window shows the program beside Applications."""

from pathlib import Path
from typing import Any

defines: dict[str, Any] = globals().get("defines", {})

_app = defines.get("app", "Hivelet.app")
format = "ULMO"  # noqa: A001 - dmgbuild's word; LZMA, which every macOS that torch runs on can open
filesystem = "HFS+"
files = [_app]
symlinks = {"Applications": "/Applications"}
icon_locations = {Path(_app).name: (150, 180), "Applications": (450, 180)}
window_rect = ((200, 160), (600, 400))
default_view = "icon-view"
icon_size = 112
text_size = 13
show_status_bar = False
show_toolbar = False
