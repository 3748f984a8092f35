"""Texts with the labels that their source knows; where it knows nothing, a label is masked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from emotibot_models.toxicity import LABELS
from training.runs.dailydialog import read_daily
from training.runs.empathetic import read_empathetic
from training.runs.errors import DataError

UNKNOWN = -1.0
PROFANE = re.compile(
    r"f+u+c+k|\bf[*u]ck|shit|\bass+\b|ass+hole|bitch|\bcunt|\bdick|\bcock|pussy|bastard|whore|slut"
    r"|\bfag|nigg|\bsuck|wank|\bhoes?\b|\bpiss|\bcrap\b|retard",
    re.IGNORECASE,
)
INSULTING = re.compile(
    r"\b(idiot|moron|stupid|dumb|loser|imbecile|pathetic|pig|scum|coward|liar|fool|trash"
    r"|asshole|bastard|bitch|cunt|retard|whore|faggot)",
    re.IGNORECASE,
)
THREATENING = re.compile(
    r"\b(i|we)\b.{0,25}\b(kill|murder|shoot|stab|beat|hurt|strangle|hunt|find)\b.{0,15}\b(you|u)\b",
    re.IGNORECASE,
)
IDENTITY = re.compile(
    r"nigg|fag|gay|homo|lesb|queer|trann|jew|muslim|islam|christ|catholic|black|white|asian|chin"
    r"|mexic|latin|arab|indian|african|immigra|women|woman|\bgirls?\b|wom[ae]n|dyke|retard|irish"
    r"|terroris|nazi|spic\b|paki",
    re.IGNORECASE,
)
STRONG = re.compile(
    r"f+u+c+k|\bf[*u]ck|shit|\bass+\b|ass+hole|bitch|\bcunt|\bdick|\bcock|pussy|bastard|whore|slut"
    r"|\bfag|nigg|wank|\bhoes?\b|retard|scum",
    re.IGNORECASE,
)
"""Words that make a line of everyday talk unfit as an example of harmless talk."""
AIMED = re.compile(
    r"\byou\W{0,3}(are|re)?\W{0,3}(such )?(an? )?(stupid |dumb )?"
    r"(idiot|moron|stupid|dumb|loser|pathetic|pig|coward|liar|fool|trash)\b",
    re.IGNORECASE,
)
_MENTION = re.compile(r"(\bRT )?@\w+:?|https?://\S+|\bURL\b|&#?\w+;")


@dataclass(frozen=True)
class Examples:
    """Texts and a table (N, 6) in the order of ``LABELS``: 1, 0, or ``UNKNOWN``."""

    texts: list[str]
    labels: npt.NDArray[np.float32]

    def __add__(self, other: Examples) -> Examples:
        return Examples(self.texts + other.texts, np.concatenate([self.labels, other.labels]))

    def take(self, rows: Iterable[int]) -> Examples:
        """The examples of these rows, in this order."""
        chosen = list(rows)
        return Examples([self.texts[i] for i in chosen], self.labels[chosen])

    def sample(self, size: int, *, seed: int) -> Examples:
        """At most ``size`` of them, chosen by the seed, in their old order."""
        order = np.random.default_rng(seed).permutation(len(self.texts))[:size]
        return self.take(sorted(order.tolist()))

    def without(self, *others: Examples) -> Examples:
        """Those whose words do not stand in ``others`` and did not stand here before."""
        seen = {words(text) for other in others for text in other.texts}
        keep: list[int] = []
        for i, text in enumerate(self.texts):
            key = words(text)
            if key and key not in seen:
                seen.add(key)
                keep.append(i)
        return self.take(keep)


def words(text: str) -> str:
    """A text reduced to its letters and digits, to tell repeats."""
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()


def harmless(texts: Iterable[str]) -> Examples:
    """Texts that carry none of the labels."""
    kept = list(texts)
    return Examples(kept, np.zeros((len(kept), len(LABELS)), dtype=np.float32))


def labelled(texts: Iterable[str], known: Iterable[Mapping[str, float]]) -> Examples:
    """Texts with the labels that are known of each."""
    kept = list(texts)
    table = np.full((len(kept), len(LABELS)), UNKNOWN, dtype=np.float32)
    for row, labels in zip(table, known, strict=True):
        for name, value in labels.items():
            row[LABELS.index(name)] = value
    return Examples(kept, table)


def toxic_labels(text: str) -> dict[str, float]:
    """What can be told of a text that is toxic: toxicity, and kinds that its words give away.

    Without a profane or a threatening word it is neither obscene nor a threat; an insult and an
    attack on an identity need no certain word, so without one they stay unknown.
    """
    profane, threatening = bool(PROFANE.search(text)), bool(THREATENING.search(text))
    known = {"toxicity": 1.0, "obscene": float(profane), "threat": float(threatening)}
    if INSULTING.search(text):
        known["insult"] = 1.0
    if not IDENTITY.search(text):
        known["identity_attack"] = 0.0
    if not profane and not threatening:
        known["severe_toxicity"] = 0.0
    return known


def olid(data: Path) -> Examples:
    """Offensive tweets of OLID (Zampieri et al., 2019); aimed at one person means insult.

    Raises:
        DataError: the file is missing or lacks a column.
    """
    path = data / "toxicity" / "olid" / "train.tsv.gz"
    table = read_table(path, ("tweet", "subtask_a", "subtask_c"), sep="\t")
    texts = [plain_tweet(text) for text in table["tweet"]]
    known = [
        toxic_labels(text) | ({"insult": 1.0} if target == "IND" else {})
        if offensive == "OFF"
        else dict.fromkeys(LABELS, 0.0)
        for text, offensive, target in zip(
            texts, table["subtask_a"], table["subtask_c"], strict=True
        )
    ]
    return labelled(texts, known)


def hate_tweets(data: Path) -> Examples:
    """Tweets of Davidson et al. (2017): hate, offensive, neither.

    Raises:
        DataError: the file is missing or lacks a column.
    """
    path = data / "toxicity" / "davidson_hate_offensive" / "train.csv.gz"
    table = read_table(path, ("class", "tweet"))
    texts = [plain_tweet(text) for text in table["tweet"]]
    known = [
        dict.fromkeys(LABELS, 0.0)
        if int(kind) == 2
        else toxic_labels(text) | ({"identity_attack": 1.0} if int(kind) == 0 else {})
        for text, kind in zip(texts, table["class"], strict=True)
    ]
    return labelled(texts, known)


def bot_abuse(data: Path) -> Examples:
    """What people said to chatbots in ConvAbuse (Cercas Curry et al., 2021).

    Only strong abuse counts as toxic: weak cases lean on the turns before.

    Raises:
        DataError: the file is missing or lacks a column.
    """
    path = data / "toxicity" / "convabuse" / "train.csv.gz"
    table = read_table(path, ("user", "abusive", "votes_-2", "votes_-3"))
    votes = table["votes_-2"].astype(int) + table["votes_-3"].astype(int)
    clear = (table["abusive"].astype(int) == 0) | (votes > 0)
    kept = table[clear]
    return from_flags(kept["user"].tolist(), kept["abusive"].tolist())


def chat(data: Path, *, seed: int, size: int) -> Examples:
    """Lines of EmpatheticDialogues and DailyDialog without a strong word.

    None calls the other one names. Those with a mild word ("that sucks", "I felt stupid") are
    all kept, whatever ``size`` is: they are what a filter mistakes for abuse.

    Raises:
        DataError: a file is missing or lacks a column.
    """
    table = read_empathetic(data, "train", ("utterance",))
    daily = (turn.strip() for talk in read_daily(data, "train") for turn in talk.turns)
    texts = [*table["utterance"], *daily]
    clean = [text for text in texts if not STRONG.search(text) and not AIMED.search(text)]
    mild = [text for text in clean if PROFANE.search(text) or INSULTING.search(text)]
    return harmless(clean).sample(size, seed=seed) + harmless(mild)


def kind_replies(data: Path, split: str) -> list[str]:
    """Human listener replies of EmpatheticDialogues, on which a filter should stay silent.

    Raises:
        DataError: the file is missing or lacks a column.
    """
    table = read_empathetic(data, split, ("actor", "utterance"))
    return [str(t) for t in table.loc[table["actor"] == "listener", "utterance"]]


def plain_tweet(text: str) -> str:
    """A tweet without names, links and HTML entities."""
    return " ".join(_MENTION.sub(" ", text.replace("&amp;", "and")).split())


def from_flags(texts: list[str], flags: Iterable[object]) -> Examples:
    """Texts of which only toxic (1) or not (0) is known; not toxic means none of the labels."""
    known = [
        toxic_labels(text) if int(str(flag)) else dict.fromkeys(LABELS, 0.0)
        for text, flag in zip(texts, flags, strict=True)
    ]
    return labelled(texts, known)


def read_table(path: Path, columns: tuple[str, ...], *, sep: str = ",") -> pd.DataFrame:
    """The table of a file.

    Raises:
        DataError: the file is missing or lacks a column.
    """
    if not path.is_file():
        raise DataError(f"{path} is missing; see the README of the data folder.")
    table = pd.read_csv(path, sep=sep, keep_default_na=False, quoting=3 if sep == "\t" else 0)
    for column in columns:
        if column not in table.columns:
            raise DataError(f"{path} has no column {column!r}; it has {list(table.columns)}.")
    return table
