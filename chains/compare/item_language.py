"""Which language a question of a set is in: that decides how its answers are normalised."""

from chains.compare.question_set import Item
from chains.reading_answers.normalise import language_of_texts


def language_of_item(item: Item) -> str:
    """ "ko" where the question or an answer is written in Hangul, else "en"."""
    return language_of_texts((item.question, *item.answers))
