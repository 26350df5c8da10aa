"""Functions of images, x[N, C, H, W]."""

import math

from torch import Tensor


def pad(x, borders):
    left, right, top, bottom = borders
    images, channels, rows, columns = x.shape
    values = []
    for plane in range(images * channels):
        values += [0.0] * (top * (left + columns + right))
        for row in range(rows):
            at = (plane * rows + row) * columns
            values += [0.0] * left + x.values[at : at + columns] + [0.0] * right
        values += [0.0] * (bottom * (left + columns + right))
    return Tensor((images, channels, top + rows + bottom, left + columns + right), values)


def conv2d(x, weight, bias, stride, padding, groups):
    """Floor of (side + 2 padding - kernel) / stride, plus 1, windows."""
    x = pad(x, (padding,) * 4)
    images, channels, rows, columns = x.shape
    maps, depth, size, _ = weight.shape
    if depth * groups != channels or maps % groups:
        raise ValueError(f"{weight.shape} in {groups} groups on {x.shape}")
    heights, widths = (rows - size) // stride + 1, (columns - size) // stride + 1
    values = []
    for n in range(images):
        for k in range(maps):
            first = k // (maps // groups) * depth
            kernel = weight.values[k * depth * size * size : (k + 1) * depth * size * size]
            for p in range(heights):
                for q in range(widths):
                    window = []
                    for c in range(first, first + depth):
                        for r in range(size):
                            at = ((n * channels + c) * rows + p * stride + r) * columns + q * stride
                            window += x.values[at : at + size]
                    values.append(bias.values[k] + math.sumprod(window, kernel)
                                  if hasattr(math, "sumprod")
                                  else bias.values[k] + sum(a * b for a, b in zip(window, kernel)))
    return Tensor((images, maps, heights, widths), values)


def _windows(side, size, stride, padding, ceil_mode):
    """With ceil_mode a last window is taken that begins inside of the image or its left border."""
    reach = side + 2 * padding - size
    count = (-(-reach // stride) if ceil_mode else reach // stride) + 1
    if ceil_mode and (count - 1) * stride >= side + padding:
        count -= 1
    return count


def pool(x, size, stride, padding, ceil_mode, combine):
    images, channels, rows, columns = x.shape
    heights = _windows(rows, size, stride, padding, ceil_mode)
    widths = _windows(columns, size, stride, padding, ceil_mode)
    values = []
    for plane in range(images * channels):
        for p in range(heights):
            for q in range(widths):
                inside = []
                for r in range(p * stride - padding, p * stride - padding + size):
                    for s in range(q * stride - padding, q * stride - padding + size):
                        if 0 <= r < rows and 0 <= s < columns:
                            inside.append(x.values[(plane * rows + r) * columns + s])
                values.append(combine(inside))
    return Tensor((images, channels, heights, widths), values)


def avg_pool2d(x, size, stride, padding=0, ceil_mode=False, count_include_pad=True):
    """Divides by the window's whole area if padding counts, otherwise by what is inside."""
    if ceil_mode and count_include_pad:
        raise ValueError("what a window past the image is divided by is not known here")
    area = (lambda inside: size * size) if count_include_pad else len
    return pool(x, size, stride, padding, ceil_mode, lambda v: sum(v) / area(v))


def dropout(x, p, training):
    if training:
        raise ValueError("random numbers are not known here")
    return x
