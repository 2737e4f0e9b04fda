"""One net in PyTorch: `--form eager`, `compiled` (torch.compile) or `channels-last` (images, eager).

`--net product` times its matrix product instead.
"""

import json
import time

import work

arguments = work.arguments()
work.limit_threads(arguments.threads)

import torch
from torch import nn

torch.set_num_threads(arguments.threads)
torch.manual_seed(0)


class EveryStep(nn.Module):
    """Scores of the next character after every step; time comes first, as the kernels want it."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(work.CHARACTERS, work.HIDDEN)
        self.out = nn.Linear(work.HIDDEN, work.CHARACTERS)

    def forward(self, x):
        return self.out(self.lstm(x)[0]).flatten(0, 1)


def dense(hidden):
    layers, inputs = [], work.COLUMNS
    for units in hidden:
        layers += [nn.Linear(inputs, units), nn.ReLU(inplace=True)]
        inputs = units
    return nn.Sequential(*layers, nn.Linear(inputs, work.CLASSES))


def convolutional(spec):
    layers, side, channels, flat = [], work.SIDE, 1, False
    for kind, *rest in spec:
        if kind == "conv":
            filters, window, padding = rest
            before = window // 2 if padding == "same" else 0
            layers += [nn.Conv2d(channels, filters, window, padding=before), nn.ReLU(inplace=True)]
            side, channels = side + 2 * before - window + 1, filters
        elif kind == "pool":
            layers.append(nn.MaxPool2d(2))
            side //= 2
        else:
            inputs = channels if flat else channels * side * side
            layers += ([] if flat else [nn.Flatten()]) + [nn.Linear(inputs, rest[0]), nn.ReLU(inplace=True)]
            channels, flat = rest[0], True
    return nn.Sequential(*layers, nn.Linear(channels, work.CLASSES))


def sample(net):
    steps, inputs, labels, classes = work.shapes(net)
    y = torch.randint(classes, (steps, *labels))
    if net == "lstm":
        x = nn.functional.one_hot(torch.randint(classes, (steps, *labels)), classes).float()
        return list(x.transpose(1, 2).contiguous()), list(y.transpose(1, 2).flatten(1).contiguous())
    x = torch.rand(steps, *inputs)
    if net in work.IMAGES:
        x = x.permute(0, 1, 4, 2, 3).contiguous()
    return list(x), list(y)


def train(net, form):
    model = EveryStep() if net == "lstm" else dense(work.DENSE[net]) if net in work.DENSE else convolutional(work.IMAGES[net])
    x, y = sample(net)
    if form == "channels-last":
        model = model.to(memory_format=torch.channels_last)
        x = [batch.to(memory_format=torch.channels_last) for batch in x]
    optimizer = torch.optim.SGD(model.parameters(), lr=work.RATE, fused=True)

    def loss_of(x, y):
        return nn.functional.cross_entropy(model(x), y)

    if form == "compiled":
        loss_of = torch.compile(loss_of)

    def epoch():
        for batch, labels in zip(x, y):
            optimizer.zero_grad(set_to_none=True)
            loss_of(batch, labels).backward()
            optimizer.step()

    work.report(net, arguments.epochs, epoch, version=torch.__version__)


def product():
    """The best rate of three square products, each timed by itself."""
    best = 0.0
    for n, times in [(512, 256), (1024, 32), (2048, 4)]:
        a, b, out = torch.rand(n, n), torch.rand(n, n), torch.empty(n, n)
        for _ in range(times):
            start = time.perf_counter()
            torch.mm(a, b, out=out)
            best = max(best, 2 * n**3 * 1e-9 / (time.perf_counter() - start))
    print(json.dumps({"gigaflops": best, "version": torch.__version__}))


if arguments.net == "product":
    product()
else:
    train(arguments.net, arguments.form)
