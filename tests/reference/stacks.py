"""Losses of three small nets over six steps and an evaluation after them, all weights set by a rule; for src/nets/tests/stack.rs.

    pip install torch
    python tests/reference/stacks.py

Written with PyTorch 2.15.0.
"""

import torch
from torch import nn

torch.set_default_dtype(torch.float64)


def rule(rows, columns, number):
    r, c = torch.arange(rows)[:, None], torch.arange(columns)[None, :]
    return ((7 * r + 3 * c + 5 * number + r * c) % 11).double() / 20 - 0.25


def set_weights(net):
    """Matrices in order: weights (inputs x outputs; a window's as ky, kx, channel), the bias as the last row. Normalisations
    count, and keep their ones and zeros."""
    number = 0
    for layer in net.modules():
        if isinstance(layer, (nn.BatchNorm2d, nn.LayerNorm)):
            number += 1
        if not isinstance(layer, (nn.Conv2d, nn.Linear)):
            continue
        out = layer.weight.shape[0]
        inputs = layer.weight[0].numel()
        theta = rule(inputs + 1, out, number)
        number += 1
        with torch.no_grad():
            if isinstance(layer, nn.Conv2d):
                channels, k = layer.in_channels, layer.kernel_size[0]
                layer.weight.copy_(theta[:-1].reshape(k, k, channels, out).permute(3, 2, 0, 1))
            else:
                layer.weight.copy_(theta[:-1].T)
            layer.bias.copy_(theta[-1])


def data(columns):
    r, c = torch.arange(24)[:, None], torch.arange(columns)[None, :]
    x = ((7 * r + 3 * c * c + r * c) % 11).double() / 5 - 0.9
    rows = torch.arange(24)
    return x, rows * rows // 5 % 3


class Flat(nn.Module):
    """Pixels row by row, channels next to each other."""

    def forward(self, x):
        return x.permute(0, 2, 3, 1).flatten(1)


class Residual(nn.Module):
    def __init__(self, *inner):
        super().__init__()
        self.inner = nn.Sequential(*inner)

    def forward(self, x):
        return x + self.inner(x)


def losses(name, net, x, y, optimizer):
    set_weights(net)
    optimizer = optimizer(net.parameters())
    entropy = nn.CrossEntropyLoss()
    values = []
    for _ in range(6):
        optimizer.zero_grad()
        loss = entropy(net(x), y)
        loss.backward()
        optimizer.step()
        values.append(loss.item())
    net.eval()
    values.append(entropy(net(x), y).item())
    print(f"const {name}: [f64; 7] = [{', '.join(f'{v:.9f}' for v in values)}];")


x, y = data(8 * 8 * 2)
images = x.reshape(24, 8, 8, 2).permute(0, 3, 1, 2)
momentum = lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9)
adam = lambda p: torch.optim.Adam(p, lr=0.01)
plain = nn.Sequential(
    nn.Conv2d(2, 3, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(3, 5, 3, stride=2, padding=1), nn.ReLU(),
    Flat(), nn.Linear(20, 7), nn.ReLU(), nn.Linear(7, 3),
)
losses("PLAIN", plain, images, y, momentum)
normed = nn.Sequential(
    nn.Conv2d(2, 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU(), nn.AvgPool2d(3, stride=1),
    nn.Conv2d(3, 5, 3, stride=2, padding=1), nn.BatchNorm2d(5), nn.ReLU(), nn.AdaptiveAvgPool2d(1), Flat(), nn.Linear(5, 3),
)
# Descent, not Adam: a bias before a normalisation has no gradient but rounding, which Adam would scale up to a full step.
losses("NORMED", normed, images, y, momentum)
x, y = data(6)


def hidden(inputs, outputs):
    return nn.Linear(inputs, outputs), nn.LayerNorm(outputs), nn.ReLU()


deep = nn.Sequential(Residual(*hidden(6, 6)), Residual(*hidden(6, 6)), *hidden(6, 9), Residual(*hidden(9, 9)), nn.Linear(9, 3))
losses("DEEP", deep, x, y, adam)
