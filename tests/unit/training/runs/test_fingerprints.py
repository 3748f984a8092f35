from __future__ import annotations

from training.runs.fingerprints import fingerprints


def test_a_fingerprint_changes_with_its_manifest_alone(tmp_path):
    for name in ("face", "text"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text(name)
    before = fingerprints(tmp_path)
    (tmp_path / "text" / "manifest.json").write_text("other weights")
    after = fingerprints(tmp_path)
    assert list(before) == ["face", "text"]
    assert before["face"] == after["face"]
    assert before["text"] != after["text"]
