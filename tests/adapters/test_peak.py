"""The most memory: it counts from its beginning, and needs no module that some systems do not have."""

import subprocess
import sys

WITHOUT = "import sys; sys.modules['resource'] = None; import adapters.peak"
HELD = """
from adapters.peak import begin, peak

megabytes = 64
begin()
before = peak()
held = bytearray(megabytes << 20)
held[::4096] = b"x" * len(held[::4096])
del held
assert peak() - before > (megabytes - 8) << 20
begin()
assert peak() - before < (megabytes - 8) << 20
"""


def test_what_was_held_and_let_go_counts_until_it_begins_anew():
    """In a process of its own: one with models before it has room that it does not ask for again."""
    subprocess.run([sys.executable, "-c", HELD], check=True)


def test_it_is_imported_where_there_is_no_module_resource():
    subprocess.run([sys.executable, "-c", WITHOUT], check=True)
