"""Numbers and dates as values beside the words of the text, tense and modality: plain Python, word lists in words.toml.

`find_values(text, language, published)` reads "less than two months", "2 percent", "1.1 bis 1.3 Millionen Euro",
"20 December" and "yesterday"; what a relative date means is counted from the day the article was published.
"""

from claims.values.dates import find_dates
from claims.values.mood import Mood, mood_of
from claims.values.numbers import Value, find_numbers

__all__ = ["Mood", "Value", "find_dates", "find_numbers", "find_values", "mood_of"]


def find_values(text: str, language: str = "en", published: str | None = None) -> list[Value]:
    """All values of a text in order, dates first where both fit; `published` is the article's day as YYYY-MM-DD."""
    dates = find_dates(text, language, published)
    numbers = [
        value
        for value in find_numbers(text, language)
        if not any(date.start < value.end and value.start < date.end for date in dates)
    ]
    return sorted([*dates, *numbers], key=lambda value: value.start)
