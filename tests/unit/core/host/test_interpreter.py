"""Python's own settings, looked at in a process of their own: they hold for all of it."""

import json
import subprocess
import sys

_LOOK = """
import gc, json, sys
from core.host.interpreter import hand_over_quickly, spare_imports
import core.engine.attachment
before = len(gc.get_objects())
hand_over_quickly()
spare_imports()
print(json.dumps([before, len(gc.get_objects()), sys.getswitchinterval()]))
"""


def test_collections_skip_what_was_imported_and_threads_hand_over_quickly() -> None:
    done = subprocess.run([sys.executable, "-c", _LOOK], capture_output=True, text=True, timeout=60, check=True)
    before, after, interval = json.loads(done.stdout)
    assert before > 100_000  # with what the engine has imported when it asks for this, torch is here
    assert after < before / 10
    assert interval < 0.001
