"""The reply generator: a T5-class model with a LoRA adapter merged into it at load.

On a processor replies are sampled by CTranslate2; a turn with a seed by ``T5Sampler`` instead,
which is slower and takes every chance from its seed. On a GPU, and where CTranslate2 is missing,
that does both. They draw from the same nucleus.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from emotibot_models.artifacts import MANIFEST, open_folder
from emotibot_models.ctranslate import KINDS, Runtime, available, translator
from emotibot_models.devices import pick_device
from emotibot_models.encoder import padded, token_ids
from emotibot_models.persona import has_own_life
from emotibot_models.prompts import PROMPT_VERSION, intent_of, newest_ids
from emotibot_models.sampling import LIKELIEST, Sampling, chances
from emotibot_models.t5 import ADAPTER, BASE, merged, open_base, open_transformers
from emotibot_models.t5_sampler import T5Sampler
from emotibot_models.types import Candidate, ReplySource
from emotibot_models.wording import even, finished

TASK = "response"
PROMPT_TOKENS = 128
REPLY_TOKENS = 32
MOST_PROMPTS = 16
"""That are sampled together on one core; more of them only wait for the longest."""
STRAY = " .,;:!?-'\""
"""What no reply begins with."""

Scored = list[tuple[str, float]]
"""Texts with their mean log-probability a token, in nats."""


class Responder:
    """Samples replies to a list of prompts at a time."""

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        *,
        device: torch.device,
        runtime: Runtime | None = None,
        prompt_tokens: int = PROMPT_TOKENS,
        sampling: Sampling | None = None,
    ) -> None:
        self._model = model.eval()
        self._tokenizer = tokenizer
        self._device = device
        self._prompt_tokens = prompt_tokens
        self._sampling = sampling or Sampling(max_new_tokens=REPLY_TOKENS)
        silent = set(tokenizer.all_special_ids) - {tokenizer.eos_token_id}
        self._forbidden = sorted(silent | _marks(tokenizer))
        self._pieces: list[str] = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
        self._places = {piece: place for place, piece in enumerate(self._pieces)}
        self._fast: Any = None
        if available(device):
            self._fast = translator(model, tokenizer, KINDS[runtime or Runtime.served()])

    @cached_property
    def _sampler(self) -> T5Sampler:
        return T5Sampler(
            self._model,
            device=self._device,
            how=self._sampling,
            forbidden=self._forbidden,
            prompt_tokens=self._prompt_tokens,
            # T5 leaves the range of half precision.
            kind=torch.bfloat16 if self._device.type == "cuda" else torch.float32,
        )

    def warm(self, samples: int) -> None:
        """Prepare for so many samples a prompt now, where the first call would wait for it."""
        if self._fast is None:
            self._sampler.warm(samples)

    @classmethod
    def load(
        cls,
        source: str | Path,
        device: str = "auto",
        adapter: str | Path | None = None,
        runtime: Runtime | None = None,
        sampling: Sampling | None = None,
    ) -> Responder:
        """Load our own weights folder, or a T5 (folder or hub id) with an optional LoRA adapter.

        Without a ``runtime`` it is the one that is served on this processor.

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
            runtime=runtime,
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

        ``seed`` is one for all prompts or one for each. Where there is one, the numbers that decide
        a reply depend on it and the prompt alone, so the company in the batch changes a reply only
        where rounding does. Replies that claim a life of their own are left out: a list may be
        short or empty.
        """
        if seed is None or isinstance(seed, int):
            seed = [seed] * len(prompts)
        by_way: dict[bool, list[int]] = {}
        for i, own in enumerate(seed):
            by_way.setdefault(self._fast is not None and own is None, []).append(i)
        out: list[list[Candidate]] = [[]] * len(prompts)
        for translated, places in by_way.items():
            chosen = [prompts[i] for i in places]
            if translated:
                found = self._sampled(chosen, samples)
            else:
                found = self._drawn(chosen, [seed[i] for i in places], samples)
            for i, scored in zip(places, found, strict=True):
                out[i] = as_candidates(prompts[i], scored)
        return out

    def greedy(self, prompts: list[str], *, reference: bool = False) -> list[list[int]]:
        """The likeliest token ids after each prompt, as it is served or by transformers."""
        if not prompts:
            return []
        if not reference and self._fast is not None:
            return [row[0] for row, _ in self._translated(prompts)]
        if not reference:
            likeliest = torch.zeros(len(prompts), self._sampling.max_new_tokens)
            return self._sampler.sample(self._prompt_ids(prompts), likeliest).ids
        ids, mask = self._encoded(prompts)
        found = self._torch().generate(
            input_ids=ids,
            attention_mask=mask,
            do_sample=False,
            num_beams=1,
            max_new_tokens=self._sampling.max_new_tokens,
            no_repeat_ngram_size=self._sampling.no_repeat,
            suppress_tokens=self._forbidden,
        )
        silent = set(self._tokenizer.all_special_ids)
        return [[token for token in row if token not in silent] for row in found.tolist()]

    def _sampled(self, prompts: list[str], samples: int) -> list[Scored]:
        """Samples by CTranslate2; those of a prompt share one pass of the encoder."""
        how = self._sampling
        found = self._translated(
            prompts,
            num_hypotheses=samples,
            sampling_topk=min(LIKELIEST, len(self._tokenizer)),
            sampling_topp=how.top_p,
            sampling_temperature=how.temperature,
            return_scores=True,
        )
        return [
            list(zip(self._tokenizer.backend_tokenizer.decode_batch(rows), scores, strict=True))
            for rows, scores in found
        ]

    def _translated(
        self, prompts: list[str], **more: Any
    ) -> list[tuple[list[list[int]], list[float]]]:
        """Token ids of the hypotheses for each prompt, and their scores where asked for."""
        pieces, places, unknown = self._pieces, self._places, self._tokenizer.unk_token_id
        found = self._fast.translate_batch(
            [[pieces[place] for place in row] for row in self._prompt_ids(prompts)],
            max_batch_size=self._at_once(len(prompts)),
            beam_size=1,
            max_decoding_length=self._sampling.max_new_tokens,
            no_repeat_ngram_size=self._sampling.no_repeat,
            suppress_sequences=[[pieces[place]] for place in self._forbidden],
            **more,
        )
        return [
            ([[places.get(t, unknown) for t in row] for row in one.hypotheses], one.scores)
            for one in found
        ]

    def _at_once(self, prompts: int) -> int:
        """How many of so many prompts share a batch."""
        workers: int = self._fast.num_translators
        return min(MOST_PROMPTS, -(-prompts // workers))

    def _drawn(self, prompts: list[str], seeds: Sequence[int | None], samples: int) -> list[Scored]:
        """Samples by torch, each decided by its seed and prompt alone."""
        steps = self._sampling.max_new_tokens
        uniforms = chances(prompts, seeds, samples=samples, steps=steps)
        drawn = self._sampler.sample(self._prompt_ids(prompts), uniforms)
        texts = self._tokenizer.backend_tokenizer.decode_batch(drawn.ids)
        scored = list(zip(texts, drawn.log_likelihoods, strict=True))
        return [scored[start : start + samples] for start in range(0, len(scored), samples)]

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
        logits = self._torch()(
            input_ids=ids,
            attention_mask=mask,
            labels=labels.masked_fill(real == 0, -100),
        ).logits.float()
        found = logits.log_softmax(-1).gather(-1, labels[..., None]).squeeze(-1) * real
        totals, counts = found.sum(1).tolist(), real.sum(1).tolist()
        return list(zip(totals, counts, strict=True))

    def _torch(self) -> Any:
        """The torch network, on the device from its first use on."""
        return self._model.to(self._device)

    def _encoded(self, prompts: list[str]) -> tuple[Tensor, Tensor]:
        rows = self._prompt_ids(prompts)
        return padded(rows, pad=self._tokenizer.pad_token_id, device=self._device)

    def _prompt_ids(self, prompts: list[str]) -> list[list[int]]:
        rows = token_ids(self._tokenizer, prompts)
        return [newest_ids(row, self._prompt_tokens) for row in rows]


def as_candidates(prompt: str, scored: Scored) -> list[Candidate]:
    """Clean, different, and without a life of their own; the likeliest first."""
    kept: dict[str, Candidate] = {}
    intent = intent_of(prompt)
    for text, likelihood in sorted(scored, key=lambda pair: -pair[1]):
        reply = finished(even(text.lstrip(STRAY)))
        if reply and not has_own_life(reply):
            candidate = Candidate(reply, ReplySource.GENERATED, intent, likelihood)
            kept.setdefault(reply, candidate)
    return list(kept.values())


def _marks(tokenizer: Any) -> set[int]:
    """The ids of the prompt's marks: a reply never holds one."""
    added = tokenizer.get_added_vocab()
    return {place for piece, place in added.items() if piece.startswith("[")}
