"""A lifecycle as a drawing: states from top to bottom, moves as arrows. Numbers only; the template makes the SVG."""

from __future__ import annotations

from dataclasses import dataclass

from claims.lifecycle import Lifecycle

BOX_WIDTH, BOX_HEIGHT, STEP = 120, 30, 58
SIDE = 110  # room for arrows beside the boxes
BULGE = 17  # how much further out an arrow runs for each state it passes, so that no two lie on each other


@dataclass(frozen=True)
class Box:
    """A state: its place, and whether life ends there."""

    name: str
    x: int
    y: int
    is_end: bool

    @property
    def middle(self) -> tuple[int, int]:
        return self.x + BOX_WIDTH // 2, self.y + BOX_HEIGHT // 2 + 5


@dataclass(frozen=True)
class Arrow:
    """A move, as the commands of an SVG path."""

    source: str
    target: str
    path: str


@dataclass(frozen=True)
class Diagram:
    noun: str
    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    box_width: int = BOX_WIDTH
    box_height: int = BOX_HEIGHT

    @property
    def sentences(self) -> list[str]:
        """The same in words, for those who do not see the drawing."""
        targets: dict[str, list[str]] = {box.name: [] for box in self.boxes}
        for arrow in self.arrows:
            targets[arrow.source].append(arrow.target)
        return [
            f"{name} can become {', '.join(others)}" if others else f"{name} stays as it is"
            for name, others in targets.items()
        ]


def draw(lifecycle: Lifecycle) -> Diagram:
    """The diagram of a lifecycle table; every state and every move of it, once."""
    boxes = tuple(
        Box(state, SIDE, 4 + n * STEP, state in lifecycle.terminal) for n, state in enumerate(lifecycle.states)
    )
    place = {box.name: n for n, box in enumerate(boxes)}
    arrows = tuple(
        Arrow(source, target, _path(place[source], place[target]))
        for source, targets in lifecycle.moves.items()
        for target in targets
    )
    return Diagram(lifecycle.noun, BOX_WIDTH + 2 * SIDE, 8 + len(boxes) * STEP - STEP + BOX_HEIGHT, boxes, arrows)


def _path(source: int, target: int) -> str:
    """The next state below: straight down. Further down: round on the right. Back up: round on the left."""
    from_y, to_y = 4 + source * STEP, 4 + target * STEP
    if target == source + 1:
        x = SIDE + BOX_WIDTH // 2
        return f"M{x} {from_y + BOX_HEIGHT} L{x} {to_y - 2}"
    is_down = target > source
    edge = SIDE + BOX_WIDTH if is_down else SIDE
    out = edge + BULGE * (target - source)
    end = edge + 2 if is_down else edge - 2
    start_y, end_y = from_y + BOX_HEIGHT * 2 // 3, to_y + BOX_HEIGHT // 3
    return f"M{edge} {start_y} C{out} {start_y}, {out} {end_y}, {end} {end_y}"
