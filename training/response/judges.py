"""What is measured of a list of replies, whoever wrote them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from emotibot_models.persona import has_own_life
from emotibot_models.ranking import emotion_fit, is_generic
from emotibot_models.text_emotion import TextEmotionModel
from emotibot_models.toxicity import ToxicityModel
from training.response.examples import Example
from training.response.overlap import overlap
from training.response.variety import variety


@dataclass(frozen=True)
class Judges:
    """The models that judge replies; the same for everybody who is judged."""

    text: TextEmotionModel
    toxicity: ToxicityModel

    def figures(
        self,
        replies: Sequence[str],
        examples: Sequence[Example],
        written: Collection[str] = frozenset(),
    ) -> dict[str, float]:
        """Variety, tone and faults of one reply an example; a missing reply is "".

        Replies that stand in ``written`` were thought about: "for me" claims no life there.
        """
        said = [(reply, e) for reply, e in zip(replies, examples, strict=True) if reply]
        texts = [reply for reply, _ in said]
        tones = self.text.scores(texts).tolist() if texts else []
        fits = [emotion_fit(tone, e.emotion) for tone, (_, e) in zip(tones, said, strict=True)]
        scores = self.toxicity.scores(texts)
        return {
            **variety(replies),
            "generic": _share([is_generic(text) for text in texts]),
            "emotion_fit": _share(fits),
            "own_life": _share([has_own_life(t) and t not in written for t in texts]),
            "toxic": _share([not self.toxicity.is_safe(score) for score in scores]),
        }

    def beside_human(
        self,
        replies: Sequence[str],
        examples: Sequence[Example],
        written: Collection[str] = frozenset(),
    ) -> dict[str, float]:
        """``figures``, and how close the replies are to what people answered."""
        human = [example.reply for example in examples]
        return {**self.figures(replies, examples, written), **overlap(replies, human)}


def _share(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))
