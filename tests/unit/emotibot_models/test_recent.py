from __future__ import annotations

from emotibot_models.recent import Recent


def test_what_was_put_is_found_again():
    kept = Recent(2)
    kept.put("a", 1)
    assert (kept.get("a"), kept.get("b")) == (1, None)


def test_the_one_used_longest_ago_goes_first():
    kept = Recent(2)
    kept.put("a", 1)
    kept.put("b", 2)
    kept.get("a")
    kept.put("c", 3)
    assert (kept.get("a"), kept.get("b"), kept.get("c"), len(kept)) == (1, None, 3, 2)


def test_a_value_put_anew_takes_the_place_of_the_old_one():
    kept = Recent(2)
    kept.put("a", 1)
    kept.put("a", 2)
    assert (kept.get("a"), len(kept)) == (2, 1)
