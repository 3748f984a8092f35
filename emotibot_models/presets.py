"""Which weights each part of the pipeline loads."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path

from emotibot_models.errors import ArtifactError

STARTER = Path(__file__).parent / "starter"


@dataclass(frozen=True, kw_only=True)
class Preset:
    """One source a part: a local folder or a hub id of the same architecture."""

    text: str
    face: str
    response: str
    adapter: str = ""
    """A LoRA adapter for ``response``; empty where the folder brings its own, or none."""
    finder: str = str(STARTER / "face_detection")
    """Finds the face that ``face`` reads."""
    relevance: str = str(STARTER / "relevance")
    ranking: str = str(STARTER / "ranking")
    toxicity: str = str(STARTER / "toxicity")

    @property
    def has_starter_generator(self) -> bool:
        """Whether replies come from the generator that the starter's ranking was fitted with."""
        return Path(self.response) == STARTER / "response" and not self.adapter


PRESETS = {
    "starter": Preset(
        text=str(STARTER / "text_emotion"),
        face=str(STARTER / "face_emotion"),
        response=str(STARTER / "response"),
    ),
    "reference": Preset(
        text="distilbert-base-uncased",
        face="google/vit-base-patch16-224-in21k",
        response="google/flan-t5-base",
        toxicity="original",
    ),
}


def resolve(name: str, **overrides: str) -> Preset:
    """The named preset with some of its sources replaced; empty overrides change nothing.

    Raises:
        ArtifactError: there is no preset of that name, or no part of an override's name.
    """
    if name not in PRESETS:
        raise ArtifactError(f"There is no preset {name!r}; choose one of {', '.join(PRESETS)}.")
    given = {part: source for part, source in overrides.items() if source}
    parts = {field.name for field in fields(Preset)}
    if unknown := sorted(set(given) - parts):
        raise ArtifactError(f"A preset has no part {', '.join(unknown)}.")
    return replace(PRESETS[name], **given)
