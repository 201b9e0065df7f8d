"""Fixtures of the tests against the other tools themselves: those of tests/e2e, and

    peer("dbmate")   the tool, to be run in godwit's folder; a tool that cannot be had here fails the test by name

They are run by `./do peers`, never by `./do test`: what they need comes from registries that a machine may not reach.
"""
import importlib.util
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
E2E = HERE.parent / "e2e"
for _folder in (HERE, E2E):
    if str(_folder) not in sys.path:
        sys.path.insert(0, str(_folder))

_spec = importlib.util.spec_from_file_location("shared_fixtures", E2E / "conftest.py")
shared = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(shared)
globals().update({name: value for name, value in vars(shared).items() if not name.startswith("_")})

import getting  # noqa: E402  pylint: disable=wrong-import-position
from tools import Peer  # noqa: E402  pylint: disable=wrong-import-position


@pytest.fixture
def peer(godwit):
    def have(name):
        try:
            return Peer(name, getting.get(name), godwit)
        except getting.PeerError as error:
            raise pytest.fail.Exception(f"set-up of the peers: {error}", pytrace=False) from None

    return have
