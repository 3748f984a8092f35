"""How well a reply answers what was said: a bi-encoder over contexts and replies.

Both sides share one mean-pooled encoder, and each has a small head of its own, because what is
said and what answers it are not the same kind of sentence. Sentences that fit everywhere ("I am
sorry to hear that") are close to every context; ``score`` therefore takes off a share of a reply's
similarity to the average context.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerBase

from emotibot_models.artifacts import WEIGHTS, Manifest, load_weights, open_folder
from emotibot_models.ctranslate import Runtime
from emotibot_models.devices import pick_device
from emotibot_models.encoder import (
    MeanPooledEncoder,
    padded,
    read_config,
    read_tokenizer,
    serve,
    token_ids,
    unfilled,
)
from emotibot_models.errors import ArtifactError
from emotibot_models.graphs import OnDevice, text_shapes

TASK = "relevance"
ARCHITECTURE = "mean-pooled-bi-encoder"
BETWEEN_TURNS = "</s>"
"""Stands between the turns of a context; the message that is answered comes last."""
BATCH = 32
BATCH_ON_GPU = 128


class BiEncoder(nn.Module):
    """Token ids (B, L) and their mask (B, L) in, one unit vector a text (B, H) out."""

    centre: Tensor

    def __init__(self, encoder: MeanPooledEncoder) -> None:
        super().__init__()
        self.encoder = encoder
        self.context_head = _zeroed(encoder.width)
        self.reply_head = _zeroed(encoder.width)
        self.register_buffer("centre", torch.zeros(encoder.width))

    def contexts(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Unit vectors (B, H) of what was said."""
        return self.as_context(self.encoder(ids, mask))

    def as_context(self, pooled: Tensor) -> Tensor:
        """Of what the encoder gave for it (B, H)."""
        return nn.functional.normalize((pooled + self.context_head(pooled)).float(), dim=-1)

    def replies(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Unit vectors (B, H) of what answers it."""
        return self.as_reply(self.encoder(ids, mask))

    def as_reply(self, pooled: Tensor) -> Tensor:
        """Of what the encoder gave for it (B, H)."""
        return nn.functional.normalize((pooled + self.reply_head(pooled)).float(), dim=-1)


class RelevanceModel:
    """Rates replies to a context, without gradients, in batches of alike length."""

    def __init__(
        self,
        model: BiEncoder,
        tokenizer: PreTrainedTokenizerBase,
        manifest: Manifest,
        device: torch.device,
        *,
        graphs: bool = False,
    ) -> None:
        """``graphs`` makes CUDA graphs of the encoder on a GPU."""
        self._width = model.encoder.width
        self._centre = model.centre.cpu()
        self._model = model.to(device).eval()
        self._encoder = OnDevice(model.encoder, device, graphs=graphs)
        self._tokenizer = tokenizer
        self._frame = frame_of(tokenizer)
        self._pad = int(tokenizer.convert_tokens_to_ids("[PAD]"))
        self._batch = BATCH_ON_GPU if device.type == "cuda" else BATCH
        self._context_tokens = int(manifest.settings["context_tokens"])
        self._reply_tokens = int(manifest.settings["reply_tokens"])
        self._specificity = float(manifest.settings["specificity"])

    @classmethod
    def load(
        cls, source: str | Path, device: str = "auto", runtime: Runtime = Runtime.EXACT
    ) -> RelevanceModel:
        """The model of a weights folder, checked against its manifest.

        Raises:
            ArtifactError: the folder is missing, altered, or made for something else.
        """
        folder = Path(source)
        manifest = open_folder(folder, task=TASK)
        if manifest.architecture != ARCHITECTURE:
            raise ArtifactError(
                f"{folder} holds a {manifest.architecture!r}, not {ARCHITECTURE!r}."
            )
        with unfilled():
            model = BiEncoder(MeanPooledEncoder.from_config(read_config(folder)))
        _fill(model, load_weights(folder / WEIGHTS), folder)
        place = pick_device(device)
        serve(model.encoder, place, runtime)
        graphs = runtime is not Runtime.TORCH
        return cls(model, read_tokenizer(folder), manifest, place, graphs=graphs)

    def warm(self) -> None:
        """Prepare now what the first texts would wait for."""
        self._encoder.warm(text_shapes())

    def embed_contexts(self, contexts: list[str]) -> Tensor:
        """Unit vectors (N, H) on the CPU; turns are told apart by ``BETWEEN_TURNS``."""
        turns = [text.split(BETWEEN_TURNS) for text in contexts]
        ids = iter(self._ids([turn for own in turns for turn in own]))
        rows = [
            joined([next(ids) for _ in own], self._frame, self._context_tokens) for own in turns
        ]
        return self._embed(rows, replies=False)

    def embed_replies(self, replies: list[str]) -> Tensor:
        """Unit vectors (N, H) on the CPU."""
        rows = [framed(ids, self._frame, self._reply_tokens) for ids in self._ids(replies)]
        return self._embed(rows, replies=True)

    def _ids(self, texts: list[str]) -> list[list[int]]:
        """The token ids of each text alone, all of them at once."""
        return token_ids(self._tokenizer, texts, framed=False)

    def score(self, context: str, replies: list[str]) -> list[float]:
        """A score a reply: its cosine with the context, less where it fits everywhere."""
        if not replies:
            return []
        return self.compare(self.embed_contexts([context]), self.embed_replies(replies))[0].tolist()

    def compare(self, contexts: Tensor, replies: Tensor) -> Tensor:
        """Scores (N, M) of embedded contexts (N, H) and embedded replies (M, H)."""
        everywhere = replies @ self._centre  # (M,)
        return contexts @ replies.T - self._specificity * everywhere

    @torch.inference_mode()
    def _embed(self, rows: list[list[int]], *, replies: bool) -> Tensor:
        side = self._model.as_reply if replies else self._model.as_context
        out = torch.zeros(len(rows), self._width)
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        for start in range(0, len(order), self._batch):
            part = order[start : start + self._batch]
            out[part] = side(self._encoder(*padded([rows[i] for i in part], pad=self._pad))).cpu()
        return out


def as_context(turns: Sequence[str]) -> str:
    """The turns as one text for ``embed_contexts``: oldest first, the message last."""
    return f" {BETWEEN_TURNS} ".join(turns)


def context_ids(tokenizer: PreTrainedTokenizerBase, text: str, limit: int) -> list[int]:
    """``[CLS] turn [SEP] turn [SEP]``; where that is longer than ``limit``, its end is kept."""
    turns = [plain_ids(tokenizer, turn) for turn in text.split(BETWEEN_TURNS)]
    return joined(turns, frame_of(tokenizer), limit)


def joined(turns: list[list[int]], frame: tuple[int, int], limit: int) -> list[int]:
    """What ``context_ids`` makes, of turns that are token ids already; ``frame`` is both marks."""
    start, end = frame
    ids = [token for turn in turns for token in (*turn, end)]
    return [start, *ids[-(limit - 1) :]]


def reply_ids(tokenizer: PreTrainedTokenizerBase, text: str, limit: int) -> list[int]:
    """``[CLS] reply [SEP]``; where that is longer than ``limit``, its beginning is kept."""
    return framed(plain_ids(tokenizer, text), frame_of(tokenizer), limit)


def framed(ids: list[int], frame: tuple[int, int], limit: int) -> list[int]:
    """What ``reply_ids`` makes, of a reply that is token ids already; ``frame`` is both marks."""
    start, end = frame
    return [start, *ids[: limit - 2], end]


def frame_of(tokenizer: PreTrainedTokenizerBase) -> tuple[int, int]:
    """The marks where a text begins and ends."""
    start, end = (int(tokenizer.convert_tokens_to_ids(mark)) for mark in ("[CLS]", "[SEP]"))
    return start, end


def plain_ids(tokenizer: PreTrainedTokenizerBase, text: str) -> list[int]:
    """The token ids of a text alone."""
    ids: list[int] = tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
    return ids


def _zeroed(width: int) -> nn.Linear:
    """A head that adds nothing until it is trained."""
    head = nn.Linear(width, width, bias=False)
    nn.init.zeros_(head.weight)
    return head


def _fill(model: nn.Module, state: dict[str, Tensor], folder: Path) -> None:
    try:
        model.load_state_dict(state)
    except RuntimeError as exc:
        raise ArtifactError(f"{folder}: {WEIGHTS} does not fit config.json.") from exc
