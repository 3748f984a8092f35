from __future__ import annotations

import pytest

from training.text_emotion.evaluate import evaluate


def test_evaluation_reports_per_label_f1_with_support_and_an_interval(weights, data):
    figures = evaluate(weights, data, "cpu")
    assert figures["f1"]["joy"] == pytest.approx(1.0)
    assert figures["support"]["joy"] == 20
    assert (figures["examples"], figures["copies_in_train"]) == (60, 0)
    assert figures["macro_f1_27_low"] <= figures["macro_f1_27"] <= figures["macro_f1_27_high"]
    assert figures["macro_f1_28"] > figures["macro_f1_27"]
