"""Fixtures of the report: the language is put back after every test."""

import pytest

from kla_sim import language


@pytest.fixture(autouse=True)
def _language_is_put_back():
    spoken = language.current()
    yield
    language.use(spoken)
