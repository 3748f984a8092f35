"""Training scenes, hundreds at once, drawn on the device that trains.

Faces are pasted in grey, with or without a head around them, over backdrops; what they hide and
what hides them is known. Beside them stand decoys that are no faces. The pictures then get light,
noise and a loss like a JPEG's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from emotibot_models.face_finder import STRIDE, UNIT
from training.face_detection.camera import Camera
from training.face_detection.dice import Dice

SLOTS: Final = 3
"""Faces and decoys in a scene, at most."""
CROWDS: Final = (0.6, 0.27, 0.13)
"""Share of scenes with one, two and three slots."""
FACES: Final = (0.76, 0.62, 0.62)
"""Chance that a slot of such a scene holds a face."""
DECOYS: Final = (0.14, 0.28, 0.28)
"""Chance that it holds a decoy; else nothing."""
UPRIGHT, TURNED = 12.0, 45.0
"""Degrees up to which half of the faces are turned, and the other half."""
BLURRED: Final = 0.1
COVERED: Final = 0.2
"""Share of faces that are blurred, and that something stands before."""
COVERS: Final = (0.3, 0.28, 0.1, 0.2, 0.12)
"""Of those: from below the eyes, over them, from one side, a lump anywhere, a thin band."""
HEADS: Final = (0.6, 0.25, 0.25)
"""Chance that a slot of a scene with one, two and three of them gets a head around it."""
TEXTURE: Final = 128
"""Pixels of a face before it is pasted."""
HIDDEN: Final = (0.14, 0.28)
"""Share of a face that is hidden, up to which it is not covered and from which it is."""
CLEAR: Final = 20.0
"""Side in pixels below which nobody asks whether a face is blurred or covered."""
SPREAD: Final = 0.11
"""Deviation of the bump around a face's middle, as a share of its side."""
TARGETS: Final = 8
"""Bump, log side, sine, cosine, covered, blurred, 1 at a middle, 1 at a middle that is clear."""


@dataclass(frozen=True)
class Scenes:
    """A batch of pictures and what the grid should say about them."""

    pixels: Tensor
    """Grey from 0 to 255 (B, 1, side, side)."""
    targets: Tensor
    """(B, ``TARGETS``, side / 8, side / 8)."""


@dataclass(frozen=True)
class _Slots:
    """One slot of every scene: what stands there and where, each (B,)."""

    face: Tensor
    decoy: Tensor
    head: Tensor
    x: Tensor
    y: Tensor
    side: Tensor
    turn: Tensor
    """Radians."""


class Easel:
    """Draws ``count`` scenes at a time from faces (N, 48, 48) and larger backdrops, both bytes."""

    # Nothing here waits for the device, which would be idle until the next call reaches it: what is
    # known beforehand lies there already, and shapes depend on no number drawn.

    def __init__(
        self,
        crops: Tensor,
        backdrops: Tensor,
        *,
        count: int,
        side: int,
        smallest: float,
        largest: float,
    ) -> None:
        self.crops, self.backdrops = crops, backdrops
        self.count, self.side, self.smallest, self.largest = count, side, smallest, largest
        self.device = backdrops.device
        crowd = _crowds(count)
        self._held = [int((crowd >= number).sum()) for number in range(SLOTS)]
        self._crowd = crowd.to(self.device)
        self._faces, self._decoys, self._heads = (
            torch.tensor(shares, device=self.device)[self._crowd]
            for shares in (FACES, DECOYS, HEADS)
        )
        self._covers = torch.tensor(COVERS, device=self.device).cumsum(0)[:-1]
        self._dice = Dice(self.device)
        self._camera = Camera(self._dice, side)
        steps = torch.arange(side, device=self.device) + 0.5
        self._x, self._y = steps[None, None, :], steps[None, :, None]
        fine = (torch.arange(TEXTURE, device=self.device) + 0.5) / TEXTURE * 2 - 1
        self._u, self._v = fine[None, None, :], fine[None, :, None]

    @torch.no_grad()
    def draw(self, seed: int) -> Scenes:
        """The scenes of a seed; the same on the same kind of device."""
        self._dice.start(seed)
        picture = self._background(self.count)
        cells = self.side // STRIDE
        targets = torch.zeros(self.count, TARGETS, cells, cells, device=self.device)
        for number, some in enumerate(self._held):
            if some:  # the scenes that have such a slot come first
                slots = self._slots(some, number)
                pasted, covered, blurred = self._pasted(picture[:some], slots)
                picture = torch.cat([pasted, picture[some:]])
                self._aim(targets[:some], slots, covered, blurred)
        return Scenes(self._camera.photographed(picture)[:, None], targets)

    def _background(self, count: int) -> Tensor:
        """Parts of backdrops (B, side, side), a third of them with another one laid over a half."""
        first, second = self._piece(count), self._piece(count)
        angle, off = (
            self._dice.uniform(0, 6.3, count, 1, 1),
            self._dice.uniform(-0.7, 0.7, count, 1, 1),
        )
        u, v = self._x / self.side * 2 - 1, self._y / self.side * 2 - 1
        beyond = (u * angle.cos() + v * angle.sin() > off) & self._dice.happens(1 / 3, count)[
            :, None, None
        ]
        return torch.where(beyond, second, first)

    def _piece(self, count: int) -> Tensor:
        zoom = self._dice.uniform(0.45, 1.0, count)
        theta = torch.zeros(count, 2, 3, device=self.device)
        theta[:, 0, 0] = zoom * torch.where(self._dice.happens(0.5, count), 1.0, -1.0)
        theta[:, 1, 1] = zoom
        theta[:, :, 2] = self._dice.uniform(-1, 1, count, 2) * (1 - zoom)[:, None]
        grid = functional.affine_grid(theta, [count, 1, self.side, self.side], align_corners=False)
        bank = self._dice.some(self.backdrops, count)[:, None]
        return functional.grid_sample(bank, grid, align_corners=False, padding_mode="border")[:, 0]

    def _slots(self, count: int, number: int) -> _Slots:
        """What stands in the slot of that number: strips side by side, or the whole picture."""
        crowd = self._crowd[:count]
        what = self._dice.uniform(0, 1, count)
        faces, decoys = self._faces[:count], self._decoys[:count]
        strip = self.side / (crowd + 1)
        alone = crowd == 0
        largest = torch.where(alone, self.largest, (strip * 0.95).clamp(max=self.largest))
        spread = self._dice.uniform(0, 1, count) * torch.log(largest / self.smallest)
        side = self.smallest * spread.exp()
        free = self._somewhere(side)
        along = strip * number + side / 2 + self._dice.uniform(0, 1, count) * (strip - side)
        along = torch.where(alone, self._somewhere(side), along)
        upended = self._dice.happens(0.3, count)
        degrees = torch.where(self._dice.happens(0.5, count), UPRIGHT, TURNED)
        return _Slots(
            face=what < faces,
            decoy=(what >= faces) & (what < faces + decoys),
            head=self._dice.happens(self._heads[:count], count),
            x=torch.where(upended, free, along),
            y=torch.where(upended, along, free),
            side=side,
            turn=torch.deg2rad(self._dice.uniform(-1, 1, count) * degrees),
        )

    def _somewhere(self, side: Tensor) -> Tensor:
        """A middle within the picture, so that most of the face is, too."""
        edge = (side * self._dice.uniform(0.3, 0.55, len(side))).clamp(max=self.side * 0.49)
        return edge + self._dice.uniform(0, 1, len(side)) * (self.side - 2 * edge)

    def _pasted(self, picture: Tensor, slots: _Slots) -> tuple[Tensor, Tensor, Tensor]:
        """The pictures with what stands in a slot, how far it is covered and how far blurred."""
        count = len(picture)
        small, blurred = self._crops(slots, count)
        texture = self._lit(
            functional.interpolate(
                small[:, None], size=(TEXTURE, TEXTURE), mode="bicubic", align_corners=False
            )[:, 0]
        )
        inner = torch.where(
            self._dice.happens(0.5, count), slots.turn, torch.zeros_like(slots.turn)
        )
        texture = self._turned(texture, inner)
        texture, covered = self._covered(texture, inner)
        u, v = self._places(slots, slots.turn - inner)
        there = (slots.face | slots.decoy)[:, None, None].float()
        picture = self._with_head(picture, texture, u, v, slots.head[:, None, None].float())
        pasted = _sampled(texture, u, v)
        edge = self._edge(u, v) * there
        return edge * pasted + (1 - edge) * picture, covered, blurred

    def _places(self, slots: _Slots, turn: Tensor) -> tuple[Tensor, Tensor]:
        """For each pixel of the picture, its place in the face's own square from -1 to 1."""
        dx = (self._x - slots.x[:, None, None]) / (slots.side[:, None, None] / 2)
        dy = (self._y - slots.y[:, None, None]) / (slots.side[:, None, None] / 2)
        cosine, sine = turn.cos()[:, None, None], turn.sin()[:, None, None]
        return cosine * dx - sine * dy, sine * dx + cosine * dy

    def _crops(self, slots: _Slots, count: int) -> tuple[Tensor, Tensor]:
        """Faces, decoys among them, soft or sharp (B, 48, 48), and which ones are blurred."""
        crops = self._dice.some(self.crops, count)
        crops = torch.where(self._dice.happens(0.5, count)[:, None, None], crops, crops.flip(-1))
        crops = torch.where(slots.decoy[:, None, None], self._scrambled(crops), crops)
        blurred = self._dice.happens(BLURRED, count) & slots.face
        heavy = 2.2 * (4.8 / 2.2) ** self._dice.uniform(0, 1, count)
        light = self._dice.uniform(0.05, 1.0, count) * self._dice.happens(0.4, count) + 0.05
        lump = slots.decoy & self._dice.happens(0.2, count)
        spread = torch.where(blurred, heavy, torch.where(lump, heavy + 6, light))
        crops = _softened(crops, spread)
        finest = crops - _softened(crops, torch.full_like(spread, 0.8))
        sharper = self._dice.uniform(0, 1.5, count) * self._dice.happens(0.3, count) * ~blurred
        return crops + sharper[:, None, None] * finest, blurred.float()

    def _scrambled(self, crops: Tensor) -> Tensor:
        """Crops that are no longer faces: upside down, a piece, quarters exchanged, or cut."""
        half = crops.shape[-1] // 2
        corners = (crops[:, :half, :half], crops[:, half:, half:])
        forms = torch.stack(
            [
                crops.flip(-2),
                *(part.repeat_interleave(2, 1).repeat_interleave(2, 2) for part in corners),
                crops.roll((half, half), (-2, -1)),
                crops.roll(half, -2),
                torch.cat([crops[..., :half], crops[..., half:].flip(-2)], -1),
            ]
        )
        how = self._dice.picks(len(forms), len(crops))
        return forms[how, torch.arange(len(crops), device=self.device)]

    def _lit(self, texture: Tensor) -> Tensor:
        """Another light, from another side, and a grain."""
        count = len(texture)
        contrast = self._dice.uniform(0.5, 1.3, count, 1, 1)
        bright = self._dice.uniform(-45, 45, count, 1, 1)
        angle, slope = (
            self._dice.uniform(0, 6.3, count, 1, 1),
            self._dice.uniform(0, 0.5, count, 1, 1),
        )
        ramp = 1 + slope * (self._u * angle.cos() + self._v * angle.sin())
        grain = self._dice.noise(*texture.shape) * self._dice.uniform(0, 7, count, 1, 1)
        grain = grain * self._dice.happens(0.5, count)[:, None, None]
        lit = ((texture - 128) * contrast + 128 + bright) * ramp + grain
        return lit.clamp(0, 255)

    def _turned(self, texture: Tensor, angle: Tensor) -> Tensor:
        """The crop turned within its square, its edges repeated outwards."""
        cosine, sine = angle.cos()[:, None, None], angle.sin()[:, None, None]
        u = cosine * self._u - sine * self._v
        v = sine * self._u + cosine * self._v
        return _sampled(texture, u, v)

    def _covered(self, texture: Tensor, turn: Tensor) -> tuple[Tensor, Tensor]:
        """Some with a scarf, a hand, a phone or hair before them, and how far each is covered."""
        count = len(texture)
        cosine, sine = turn.cos()[:, None, None], turn.sin()[:, None, None]
        u = cosine * self._u - sine * self._v
        v = sine * self._u + cosine * self._v
        how = (self._dice.uniform(0, 1, count, 1) > self._covers).sum(1)[:, None, None]
        band = self._band(u, v, how)
        middle = self._dice.uniform(-0.5, 0.5, count, 2, 1, 1).unbind(1)
        radius = self._dice.uniform(0.3, 0.9, count, 2, 1, 1).unbind(1)
        lump = ((u - middle[0]) / radius[0]) ** 2 + ((v - middle[1]) / radius[1]) ** 2 < 1
        hidden = torch.where(how == 3, lump, band)
        hidden = (hidden & self._dice.happens(COVERED, count)[:, None, None]).float()
        wave = self._dice.uniform(2, 25, count, 2, 1, 1)
        stripes = torch.sin(self._u * wave[:, 0] + self._v * wave[:, 1])
        stripes = stripes * self._dice.uniform(0, 40, count, 1, 1)
        stripes = stripes * self._dice.happens(0.5, count)[:, None, None]
        cloth = (self._dice.uniform(15, 235, count, 1, 1) + stripes).clamp(0, 255)
        inside = ((u / 0.8) ** 2 + (v / 0.95) ** 2 < 1).float()
        share = (hidden * inside).sum((1, 2)) / inside.sum((1, 2))
        low, high = HIDDEN
        covered = ((share - low) / (high - low)).clamp(0, 1)
        return hidden * cloth + (1 - hidden) * texture, covered

    def _band(self, u: Tensor, v: Tensor, how: Tensor) -> Tensor:
        """Bands: below the eyes (0), over them (1), on one side (2), and thin ones anywhere (4)."""
        count = len(u)
        tilt = self._dice.uniform(-0.2, 0.2, count, 1, 1)
        across = math.pi / 2 + tilt
        sideways = tilt + math.pi * self._dice.happens(0.5, count)[:, None, None]
        angle = torch.where(how == 2, sideways, across)
        angle = torch.where(how == 4, self._dice.uniform(0, 6.3, count, 1, 1), angle)
        start = torch.where(how == 0, self._dice.uniform(-0.25, 0.15, count, 1, 1), 0.0)
        start = torch.where(how == 1, self._dice.uniform(-0.85, -0.5, count, 1, 1), start)
        start = torch.where(how == 2, self._dice.uniform(-0.2, 0.2, count, 1, 1), start)
        start = torch.where(how == 4, self._dice.uniform(-0.8, 0.8, count, 1, 1), start)
        end = torch.where(how == 1, self._dice.uniform(-0.08, 0.12, count, 1, 1), 3.0)
        end = torch.where(how == 4, start + self._dice.uniform(0.04, 0.16, count, 1, 1), end)
        along = u * angle.cos() + v * angle.sin()
        return (along > start) & (along < end)

    def _edge(self, u: Tensor, v: Tensor) -> Tensor:
        """How much of a face is pasted: from an ellipse to a square, hard or soft.

        Some reach beyond the crop, whose border is repeated there: a photograph has no edge
        around a face.
        """
        count = len(u)
        corner = self._dice.uniform(2.1, 8.0, count, 1, 1)
        wide = self._dice.happens(0.35, count)[:, None, None]
        reach = torch.where(wide, self._dice.uniform(1.05, 1.7, count, 1, 1), 1.0)
        inside = 1 - ((u / reach).abs() ** corner + (v / reach).abs() ** corner)
        slope = torch.where(wide, 1.5, 9.0) ** self._dice.uniform(0.3, 1, count, 1, 1)
        return (inside * slope).clamp(0, 1)

    def _with_head(
        self, picture: Tensor, texture: Tensor, u: Tensor, v: Tensor, head: Tensor
    ) -> Tensor:
        """Shoulders, a neck and hair, of which the face will hide the middle."""
        count = len(picture)

        def tone() -> Tensor:
            return self._dice.uniform(10, 230, count, 1, 1)

        def size(low: float, high: float) -> Tensor:
            return self._dice.uniform(low, high, count, 1, 1)

        skin = texture[:, 88:120, 40:88].mean((1, 2))[:, None, None]
        wave = torch.sin(u * size(3, 30) + v * size(0, 12)) * size(0, 25)
        shoulders = (u / size(1.6, 2.8)) ** 2 + ((v - size(2.2, 2.8)) / size(0.9, 1.3)) ** 2
        neck = torch.maximum((u / size(0.4, 0.75)).abs(), (v - 1.0).abs() / 0.9)
        hair = (u / size(0.9, 1.5)) ** 2 + ((v + size(0.1, 0.5)) / size(1.0, 1.7)) ** 2
        own = texture[:, 4:24].mean((1, 2))[:, None, None]  # much of a crop's top is hair
        strands = torch.where(self._dice.happens(0.5, count)[:, None, None], own, tone()) + wave
        for shape, colour in ((shoulders, tone() + wave), (neck, skin), (hair, strands)):
            weight = ((1 - shape) * size(3, 20)).clamp(0, 1) * head
            picture = weight * colour + (1 - weight) * picture
        return picture

    def _aim(self, targets: Tensor, slots: _Slots, covered: Tensor, blurred: Tensor) -> None:
        """Write what the grid should say about the faces of a slot, in place."""
        cells = targets.shape[-1]
        column = (slots.x / STRIDE).long().clamp(0, cells - 1)
        row = (slots.y / STRIDE).long().clamp(0, cells - 1)
        places = torch.arange(cells, device=self.device)
        across = (places - column[:, None]) ** 2
        down = (places - row[:, None]) ** 2
        spread = (slots.side * SPREAD / STRIDE).clamp(min=0.6)[:, None, None]
        bump = torch.exp(-(across[:, None, :] + down[:, :, None]) / (2 * spread**2))
        targets[:, 0] = torch.maximum(targets[:, 0], bump * slots.face[:, None, None])
        one = torch.ones_like(covered)
        said = torch.stack(
            [
                torch.log(slots.side / UNIT),
                slots.turn.sin(),
                slots.turn.cos(),
                covered,
                blurred,
                one,
                one * (slots.side >= CLEAR),
            ],
            dim=1,
        )
        scene = torch.arange(len(targets), device=self.device)
        before = targets[scene, 1:, row, column]
        targets[scene, 1:, row, column] = torch.where(slots.face[:, None], said, before)


def _crowds(count: int) -> Tensor:
    """Slots but one in each scene (B,), the most first."""
    least = torch.tensor(CROWDS).flip(0).cumsum(0)[:-1] * count
    place = torch.arange(count)[:, None] + 0.5
    return len(CROWDS) - 1 - (place > least).sum(1)


def _sampled(texture: Tensor, u: Tensor, v: Tensor) -> Tensor:
    """Textures (B, h, w) read at places from -1 to 1; beyond, their borders are repeated."""
    grid = torch.stack([u, v], dim=-1)
    read = functional.grid_sample(
        texture[:, None], grid, align_corners=False, padding_mode="border"
    )
    return read[:, 0]


def _softened(crops: Tensor, spread: Tensor) -> Tensor:
    """Crops (B, h, w) blurred, each by a deviation of its own in pixels."""
    reach = torch.arange(-12, 13, device=crops.device)
    kernel = torch.exp(-(reach**2) / (2 * spread[:, None] ** 2))
    kernel = kernel / kernel.sum(1, keepdim=True)
    padded = functional.pad(crops[None], (12, 12, 12, 12), mode="replicate")
    rows = functional.conv2d(padded, kernel[:, None, :, None], groups=len(crops))
    return functional.conv2d(rows, kernel[:, None, None, :], groups=len(crops))[0]
