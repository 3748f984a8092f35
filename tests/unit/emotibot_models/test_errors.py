from __future__ import annotations

from emotibot_models import errors


def test_every_error_belongs_to_the_tree():
    classes = [c for c in vars(errors).values() if isinstance(c, type)]
    assert all(issubclass(c, errors.ModelError) for c in classes)
    assert all(c.__name__ in (errors.__doc__ or "") for c in classes)
