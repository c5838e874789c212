"""What links turned out to be is learned by shape, and unlearned."""

from crawler.extract.shapes import MOST_COUNTED, MOST_SHAPES, Lessons, LinkShape, learned, shape

URL = "https://gazette.example/news/2026/ferry-stops-for-the-storm"


def test_wrong_lesson_heals() -> None:
    """However often a shape failed, as many articles as are counted make it an article's again."""
    lessons = Lessons()
    for _ in range(1000):
        lessons = learned(lessons, URL, was_article=False)
    assert lessons.shapes[shape(URL)] == LinkShape(0, MOST_COUNTED)
    assert lessons.shapes[shape(URL)].points() < 0
    for _ in range(MOST_COUNTED):
        lessons = learned(lessons, URL, was_article=True)
    assert lessons.shapes[shape(URL)].points() > 0


def test_one_failure_proves_nothing() -> None:
    """A shape is judged as if unseen until it has been met often enough."""
    assert learned(Lessons(), URL, was_article=False).shapes[shape(URL)].points() == 0
    assert LinkShape(5, 5).points() == 0


def test_shapes_of_a_source_are_bounded() -> None:
    """Of endless shapes the last ones are kept."""
    lessons = Lessons()
    for number in range(MOST_SHAPES + 50):
        lessons = learned(lessons, f"https://gazette.example/part{number}/a", was_article=True)
    assert len(lessons.shapes) == MOST_SHAPES
    assert shape(f"https://gazette.example/part{MOST_SHAPES + 49}/a") in lessons.shapes
