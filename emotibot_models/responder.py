"""The reply generator: a T5-class model with a LoRA adapter merged into it at load."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from emotibot_models.artifacts import MANIFEST, open_folder
from emotibot_models.devices import pick_device
from emotibot_models.encoder import padded
from emotibot_models.persona import has_own_life
from emotibot_models.prompts import PROMPT_VERSION, intent_of, newest_ids
from emotibot_models.sampling import Sampling, chances, draw
from emotibot_models.t5 import ADAPTER, BASE, merged, open_base, open_transformers
from emotibot_models.types import Candidate, ReplySource
from emotibot_models.wording import even, finished

TASK = "response"
PROMPT_TOKENS = 128
REPLY_TOKENS = 32
STRAY = " .,;:!?-'\""
"""What no reply begins with."""


class Responder:
    """Samples replies to a list of prompts at a time."""

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        *,
        device: torch.device,
        prompt_tokens: int = PROMPT_TOKENS,
        sampling: Sampling | None = None,
    ) -> None:
        self._model = model.to(device).eval()
        self._tokenizer = tokenizer
        self._device = device
        self._prompt_tokens = prompt_tokens
        self._sampling = sampling or Sampling(max_new_tokens=REPLY_TOKENS)
        silent = set(tokenizer.all_special_ids) - {tokenizer.eos_token_id}
        self._forbidden = torch.tensor(sorted(silent | _marks(tokenizer)), dtype=torch.long)

    @classmethod
    def load(
        cls,
        source: str | Path,
        device: str = "auto",
        adapter: str | Path | None = None,
        sampling: Sampling | None = None,
    ) -> Responder:
        """Load our own weights folder, or a T5 (folder or hub id) with an optional LoRA adapter.

        Raises:
            ArtifactError: the weights are damaged, a pickle, or no T5, or they were trained on
                other prompts.
        """
        folder = Path(source)
        if (folder / MANIFEST).is_file():
            manifest = open_folder(folder, task=TASK, prompt_version=PROMPT_VERSION)
            model, tokenizer = open_base(folder / BASE)
            if adapter is None and (folder / ADAPTER).is_dir():
                adapter = folder / ADAPTER
            prompt_tokens = int(manifest.settings.get("prompt_tokens", PROMPT_TOKENS))
        else:
            model, tokenizer = open_transformers(source)
            prompt_tokens = PROMPT_TOKENS
        if adapter is not None:
            model = merged(model, adapter)
        return cls(
            model,
            tokenizer,
            device=pick_device(device),
            prompt_tokens=prompt_tokens,
            sampling=sampling,
        )

    def generate(
        self,
        prompts: list[str],
        *,
        seed: int | Sequence[int | None] | None = None,
        samples: int = 6,
    ) -> list[list[Candidate]]:
        """Up to ``samples`` different replies to each prompt, likeliest first, all in one batch.

        ``seed`` is one for all prompts or one for each. The numbers that decide a reply depend on
        seed and prompt alone, so the company in the batch changes a reply only where rounding
        does. Replies that claim a life of their own are left out: a list may be short or empty.
        """
        if not prompts:
            return []
        seeds = [seed] * len(prompts) if seed is None or isinstance(seed, int) else list(seed)
        ids, mask = self._encoded(prompts)
        how = self._sampling
        drawn = draw(
            self._model,
            ids,
            mask,
            uniforms=chances(prompts, seeds, samples=samples, steps=how.max_new_tokens),
            temperatures=torch.tensor(
                [how.temperatures[n % len(how.temperatures)] for n in range(samples)]
            ).repeat(len(prompts)),
            how=how,
            forbidden=self._forbidden,
        )
        texts = self._tokenizer.batch_decode(drawn.ids, skip_special_tokens=True)
        scored = list(zip(texts, drawn.log_likelihoods, strict=True))
        return [
            _candidates(prompt, scored[n * samples : (n + 1) * samples])
            for n, prompt in enumerate(prompts)
        ]

    def log_likelihood(self, prompts: list[str], replies: list[str]) -> list[float]:
        """The mean log-probability a token, in nats, of each reply after its prompt."""
        return [total / max(1, tokens) for total, tokens in self.scores(prompts, replies)]

    @torch.inference_mode()
    def scores(self, prompts: list[str], replies: list[str]) -> list[tuple[float, int]]:
        """The log-probability of each reply after its prompt, in nats, and its tokens."""
        if not prompts:
            return []
        ids, mask = self._encoded(prompts)
        rows = self._tokenizer(text_target=replies, return_tensors="pt", padding=True)
        labels, real = rows["input_ids"].to(self._device), rows["attention_mask"].to(self._device)
        logits = self._model(
            input_ids=ids,
            attention_mask=mask,
            labels=labels.masked_fill(real == 0, -100),
        ).logits.float()
        found = logits.log_softmax(-1).gather(-1, labels[..., None]).squeeze(-1) * real
        totals, counts = found.sum(1).tolist(), real.sum(1).tolist()
        return list(zip(totals, counts, strict=True))

    def _encoded(self, prompts: list[str]) -> tuple[Tensor, Tensor]:
        rows = self._tokenizer(prompts, verbose=False)["input_ids"]
        kept = [newest_ids(row, self._prompt_tokens) for row in rows]
        return padded(kept, pad=self._tokenizer.pad_token_id, device=self._device)


def _candidates(prompt: str, scored: Sequence[tuple[str, float]]) -> list[Candidate]:
    """Clean, different, and without a life of their own; the likeliest first."""
    kept: dict[str, Candidate] = {}
    for text, likelihood in sorted(scored, key=lambda pair: -pair[1]):
        reply = finished(even(text.lstrip(STRAY)))
        if reply and not has_own_life(reply):
            candidate = Candidate(reply, ReplySource.GENERATED, intent_of(prompt), likelihood)
            kept.setdefault(reply, candidate)
    return list(kept.values())


def _marks(tokenizer: Any) -> set[int]:
    """The ids of the prompt's marks: a reply never holds one."""
    added = tokenizer.get_added_vocab()
    return {place for piece, place in added.items() if piece.startswith("[")}
