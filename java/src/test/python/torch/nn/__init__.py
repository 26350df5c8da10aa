"""Layers, as far as AlexNets have them; they keep their weights by name."""

import math

import torch
from torch import Tensor
from torch.nn import functional


class Module:
    def __init__(self):
        self.training = True
        self.children, self.weights = {}, {}

    def __setattr__(self, name, value):
        if isinstance(value, Module):
            self.children[name] = value
        elif isinstance(value, Tensor):
            self.weights[name] = value
        object.__setattr__(self, name, value)

    def __call__(self, *inputs):
        return self.forward(*inputs)

    def register_buffer(self, name, tensor, persistent):
        if persistent:
            raise ValueError("buffers that are weights are not known here")
        object.__setattr__(self, name, tensor)

    def state_dict(self, prefix=""):
        state = {prefix + name: tensor for name, tensor in self.weights.items()}
        for name, child in self.children.items():
            state |= child.state_dict(prefix + name + ".")
        return state

    def load_state_dict(self, tensors):
        own = self.state_dict()
        if list(own) != list(tensors):
            raise KeyError(f"{list(own)} and {list(tensors)}")
        for name, tensor in tensors.items():
            own[name].copy_(tensor)

    def eval(self):
        self.training = False
        for child in self.children.values():
            child.eval()
        return self


class Sequential(Module):
    def __init__(self, *layers):
        super().__init__()
        for place, layer in enumerate(layers):
            setattr(self, str(place), layer)

    def forward(self, x):
        for layer in self.children.values():
            x = layer(x)
        return x


class Conv2d(Module):
    def __init__(self, channels, maps, kernel_size, stride=1, padding=0, groups=1):
        super().__init__()
        self.options = (stride, padding, groups)
        self.weight = torch.zeros(maps, channels // groups, kernel_size, kernel_size)
        self.bias = torch.zeros(maps)

    def forward(self, x):
        return functional.conv2d(x, self.weight, self.bias, *self.options)


class Linear(Module):
    def __init__(self, inputs, units):
        super().__init__()
        self.weight = torch.zeros(units, inputs)
        self.bias = torch.zeros(units)

    def forward(self, x):
        units, inputs = self.weight.shape
        if x.shape[1:] != (inputs,):
            raise ValueError(f"{x.shape} into {inputs} inputs")
        values = []
        for n in range(x.shape[0]):
            row = x.values[n * inputs : (n + 1) * inputs]
            for k in range(units):
                weights = self.weight.values[k * inputs : (k + 1) * inputs]
                values.append(self.bias.values[k] + sum(a * b for a, b in zip(row, weights)))
        return Tensor((x.shape[0], units), values)


class _Each(Module):
    def forward(self, x):
        return Tensor(x.shape, map(self.function, x.values))


class ReLU(_Each):
    def function(self, value):
        return max(0.0, value)


class Tanh(_Each):
    def function(self, value):
        return math.tanh(value)


class Sigmoid(_Each):
    def function(self, value):
        return 1 / (1 + math.exp(-value))


class MaxPool2d(Module):
    def __init__(self, kernel_size, stride, ceil_mode=False):
        super().__init__()
        self.options = (kernel_size, stride, 0, ceil_mode)

    def forward(self, x):
        return functional.pool(x, *self.options, max)


class AvgPool2d(Module):
    def __init__(self, kernel_size, stride, ceil_mode=False, count_include_pad=True):
        super().__init__()
        self.options = (kernel_size, stride, 0, ceil_mode, count_include_pad)

    def forward(self, x):
        return functional.avg_pool2d(x, *self.options)


class LocalResponseNorm(Module):
    """y = x / (k + alpha / size * sum of squares of size channels) ^ beta."""

    def __init__(self, size, alpha, beta, k):
        super().__init__()
        self.constants = (size, alpha, beta, k)

    def forward(self, x):
        size, alpha, beta, k = self.constants
        images, channels, rows, columns = x.shape
        pixels = rows * columns
        values = []
        for n in range(images):
            for c in range(channels):
                first = max(0, c - size // 2)
                last = min(channels, c + (size - 1) // 2 + 1)
                for p in range(pixels):
                    total = sum(x.values[(n * channels + j) * pixels + p] ** 2
                                for j in range(first, last))
                    value = x.values[(n * channels + c) * pixels + p]
                    values.append(value / (k + alpha / size * total) ** beta)
        return Tensor(x.shape, values)


class Dropout(Module):
    """In evaluation the identity."""

    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        return functional.dropout(x, self.p, self.training)
