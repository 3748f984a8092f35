from __future__ import annotations

import gzip

import pytest

from training.runs.errors import DataError
from training.runs.lines import read_records


def test_each_line_is_an_object_with_its_keys(tmp_path):
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"a": 1}\n{"a": 2, "b": 3}\n'))
    assert list(read_records(path, ("a",))) == [{"a": 1}, {"a": 2, "b": 3}]
    with pytest.raises(DataError, match=r"line 1, has no 'b'; it has \['a'\]"):
        list(read_records(path, ("b",)))


def test_what_cannot_be_read_is_a_sentence(tmp_path):
    path = tmp_path / "a.jsonl.gz"
    with pytest.raises(DataError, match="is missing"):
        list(read_records(path, ()))
    path.write_bytes(gzip.compress(b"{\n"))
    with pytest.raises(DataError, match="line 1, is no JSON"):
        list(read_records(path, ()))
