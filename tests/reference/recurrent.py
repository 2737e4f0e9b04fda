"""Losses of three small recurrent nets over six steps and an evaluation after them, all weights set by a rule; for
src/nets/tests/recurrent.rs.

    pip install torch
    python tests/reference/recurrent.py

Written with PyTorch 2.15.0.
"""

import torch
from torch import nn

torch.set_default_dtype(torch.float64)
ROWS, STEPS = 24, 6


def rule(rows, columns, number):
    r, c = torch.arange(rows)[:, None], torch.arange(columns)[None, :]
    return ((7 * r + 3 * c + 5 * number + r * c) % 11).double() / 20 - 0.25


def set_cells(cells, layer, number):
    """W (inputs + 1 x slots), then U (units + 1 x slots); a redundant bias is 0 and stays so."""
    weights = [getattr(cells, f"{kind}_l{layer}") for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
    units, inputs = weights[1].shape[1], weights[0].shape[1]
    gru = isinstance(cells, nn.GRU)
    w, u = (rule(i + 1, weights[0].shape[0], number + k) for k, i in enumerate((inputs, units)))
    if gru:
        # Slots n, r, z and r, z, m there; r, z, n here.
        w = torch.cat([w[:, units:], w[:, :units]], 1)
        weights[3].register_hook(lambda g: torch.cat([torch.zeros(2 * units), g[2 * units :]]))
    with torch.no_grad():
        weights[0].copy_(w[:-1].T)
        weights[1].copy_(u[:-1].T)
        weights[2].copy_(w[-1])
        weights[3].zero_()
        if gru:
            weights[3][2 * units :].copy_(u[-1, 2 * units :])
    weights[3].requires_grad_(gru)


def set_head(head, number):
    theta = rule(head.in_features + 1, head.out_features, number)
    with torch.no_grad():
        head.weight.copy_(theta[:-1].T)
        head.bias.copy_(theta[-1])


def losses(name, parameters, optimizer, of, clip=None):
    parameters = [p for p in parameters if p.requires_grad]
    optimizer = optimizer(parameters)
    values = []
    for _ in range(6):
        optimizer.zero_grad()
        loss = of()
        loss.backward()
        if clip:
            nn.utils.clip_grad_norm_(parameters, clip)
        optimizer.step()
        values.append(loss.item())
    values.append(of().item())
    print(f"const {name}: [f64; 7] = [{', '.join(f'{v:.9f}' for v in values)}];")


momentum = lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9)
adam = lambda p: torch.optim.Adam(p, lr=0.01)
r, t = torch.arange(ROWS)[:, None], torch.arange(STEPS + 1)[None, :]
text = (7 * r + 3 * t * t + r * t) % 5
entropy = nn.CrossEntropyLoss()

first, second = nn.LSTM(5, 7, batch_first=True), nn.LSTM(7, 9, batch_first=True)
head = nn.Linear(9, 5)
set_cells(first, 0, 0), set_cells(second, 0, 2), set_head(head, 4)


def every_step():
    x = nn.functional.one_hot(text[:, :-1], 5).double()
    logits = head(second(first(x)[0])[0])
    return entropy(logits.reshape(-1, 5), text[:, 1:].reshape(-1))


losses("LSTM", [*first.parameters(), *second.parameters(), *head.parameters()], momentum, every_step)

embedding, cells, head = nn.Embedding(5, 4), nn.GRU(4, 9, batch_first=True), nn.Linear(9, 5)
with torch.no_grad():
    embedding.weight.copy_(rule(6, 4, 0)[:-1])
set_cells(cells, 0, 1), set_head(head, 3)


def last_step():
    return entropy(head(cells(embedding(text[:, :-1]))[0][:, -1]), text[:, -1])


losses("GRU", [*embedding.parameters(), *cells.parameters(), *head.parameters()], adam, last_step)

cells, head = nn.RNN(3, 8, batch_first=True), nn.Linear(8, 1)
set_cells(cells, 0, 0), set_head(head, 2)
c = torch.arange(STEPS * 3)[None, :]
x = (((7 * r + 3 * c * c + r * c) % 11).double() / 5 - 0.9).reshape(ROWS, STEPS, 3)
y = (torch.arange(ROWS) * torch.arange(ROWS) // 5 % 3).double()


def of_numbers():
    return nn.functional.mse_loss(head(cells(x)[0][:, -1])[:, 0], y)


losses("RNN", [*cells.parameters(), *head.parameters()], momentum, of_numbers, clip=0.5)
