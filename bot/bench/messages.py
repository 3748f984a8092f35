"""What the benchmark's callers say: written for it, from a word to a paragraph."""

from __future__ import annotations

from typing import Final

MESSAGES: Final = (
    "ok",
    "We won the cup!",
    "I can't stop crying.",
    "My dog died last night.",
    "I finally passed my driving test today!",
    "My boss shouted at me in front of everyone again.",
    "I have a job interview tomorrow and I can't sleep.",
    "Thank you, talking to you helped more than I expected.",
    "My sister got engaged and I am happy for her, but I feel so alone.",
    "I lost my wallet on the bus this morning and nobody has handed it in.",
    "The doctor called and the results are clear, I can hardly believe it.",
    "He said he would be there, and then he did not even write to me.",
    "There was a spider in the bath and I screamed so loud that the neighbour came over to help.",
    "I moved to a new city for work and after two months I still do not know a single person here.",
    (
        "Our neighbours have been building since six in the morning, every day of the week, and "
        "nobody seems to care that people in this house work at night."
    ),
    (
        "I baked a cake for my grandmother's birthday, drove three hours with it on my knees, and "
        "when I opened the box she laughed until she had tears in her eyes, and then so did I."
    ),
)
