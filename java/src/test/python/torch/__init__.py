"""Tensors as flat lists with a shape: as much as a small network needs to be computed."""

import itertools
import math


class Tensor:
    def __init__(self, shape, values):
        self.shape = tuple(shape)
        self.values = list(values)
        if len(self.values) != math.prod(self.shape):
            raise ValueError(f"{len(self.values)} values for {self.shape}")

    def float(self):
        return Tensor(self.shape, map(float, self.values))

    def at(self, *index):
        place = 0
        for i, extent in zip(index, self.shape, strict=True):
            place = place * extent + i
        return self.values[place]

    def permute(self, *axes):
        shape = [self.shape[a] for a in axes]
        values = []
        for index in itertools.product(*map(range, shape)):
            source = [0] * len(axes)
            for to, axis in enumerate(axes):
                source[axis] = index[to]
            values.append(self.at(*source))
        return Tensor(shape, values)

    def reshape(self, shape):
        return Tensor(shape, self.values)

    def copy_(self, other):
        if self.shape != other.shape:
            raise ValueError(f"{other.shape} into {self.shape}")
        self.values = list(other.values)
        return self

    def __getitem__(self, slices):
        ranges = [range(n)[s] for n, s in zip(self.shape, slices, strict=True)]
        return Tensor(map(len, ranges), [self.at(*i) for i in itertools.product(*ranges)])

    def chunk(self, count, dim):
        if dim != 1 or self.shape[1] % count:
            raise ValueError(f"{count} chunks of {self.shape}, dimension {dim}")
        width = self.shape[1] // count
        rest = [slice(None)] * (len(self.shape) - 2)
        return [self[tuple([slice(None), slice(c, c + width), *rest])]
                for c in range(0, self.shape[1], width)]

    def _with(self, other, operation):
        if not isinstance(other, Tensor):
            return Tensor(self.shape, [operation(v, other) for v in self.values])
        # The axes of the shorter shape are the last ones; an extent of 1 counts for all.
        padded = (1,) * (len(self.shape) - len(other.shape)) + other.shape
        if any(o not in (1, n) for o, n in zip(padded, self.shape, strict=True)):
            raise ValueError(f"{self.shape} with {other.shape}")
        wide = Tensor(padded, other.values)
        values = []
        for place, index in enumerate(itertools.product(*map(range, self.shape))):
            there = [0 if n == 1 else i for i, n in zip(index, padded)]
            values.append(operation(self.values[place], wide.at(*there)))
        return Tensor(self.shape, values)

    def __sub__(self, other):
        return self._with(other, lambda a, b: a - b)

    def __add__(self, other):
        return self._with(other, lambda a, b: a + b)

    def __mul__(self, other):
        return self._with(other, lambda a, b: a * b)

    def __pow__(self, other):
        return self._with(other, lambda a, b: a ** b)

    __radd__ = __add__
    __rmul__ = __mul__


def zeros(*shape):
    return Tensor(shape, [0.0] * math.prod(shape))


def flatten(x, start):
    if start != 1:
        raise ValueError(f"from dimension {start}")
    return Tensor((x.shape[0], math.prod(x.shape[1:])), x.values)


def cat(parts, dim):
    images = parts[0].shape[0]
    if dim != 1:
        raise ValueError(f"along dimension {dim}")
    values = []
    for n in range(images):
        for part in parts:
            size = len(part.values) // images
            values += part.values[n * size : (n + 1) * size]
    return Tensor((images, sum(p.shape[1] for p in parts), *parts[0].shape[2:]), values)


def softmax(x, dim):
    if dim != 1 or len(x.shape) != 2:
        raise ValueError(f"of {x.shape} along dimension {dim}")
    values = []
    for n in range(x.shape[0]):
        row = x.values[n * x.shape[1] : (n + 1) * x.shape[1]]
        powers = [math.exp(v - max(row)) for v in row]
        values += [p / sum(powers) for p in powers]
    return Tensor(x.shape, values)
