"""Training losses of a linear softmax classifier from zero weights: the numbers in src/nets/tests.rs.

Float64, whole-batch steps, the update rules written out from PyTorch's documentation (torch.optim 2.x). NumPy 2.4.6 was
used. Prints the mean loss before each of six updates.
"""

import numpy as np

ROWS, COLUMNS, CLASSES, STEPS = 24, 5, 3, 6
x = np.array([[((7 * r + 3 * c * c + r * c) % 11) / 5 - 0.9 for c in range(COLUMNS)] for r in range(ROWS)])
y = np.array([(r * r // 5) % CLASSES for r in range(ROWS)])


def loss_and_gradient(theta):
    z = x @ theta[:-1] + theta[-1]
    z = z - z.max(axis=1, keepdims=True)
    p = np.exp(z)
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(ROWS), y]).mean()
    p[np.arange(ROWS), y] -= 1
    p /= ROWS
    return loss, np.vstack([x.T @ p, p.sum(axis=0)])


def train(name, update):
    theta = np.zeros((COLUMNS + 1, CLASSES))
    state, losses = {}, []
    for t in range(1, STEPS + 1):
        loss, g = loss_and_gradient(theta)
        losses.append(loss)
        theta = update(theta, g, t, state)
    print(name, ", ".join("%.9f" % v for v in losses))


def sgd(lr, momentum, nesterov, decay):
    def update(theta, g, t, state):
        g = g + decay * theta
        b = state["b"] = momentum * state["b"] + g if t > 1 else g
        return theta - lr * (g + momentum * b if nesterov else b)

    return update


def rmsprop(lr, alpha, eps):
    def update(theta, g, t, state):
        v = state["v"] = alpha * state.get("v", 0) + (1 - alpha) * g * g
        return theta - lr * g / (np.sqrt(v) + eps)

    return update


def adam(lr, b1, b2, eps, decay, decoupled):
    def update(theta, g, t, state):
        if decoupled:
            theta = theta - lr * decay * theta
        else:
            g = g + decay * theta
        m = state["m"] = b1 * state.get("m", 0) + (1 - b1) * g
        v = state["v"] = b2 * state.get("v", 0) + (1 - b2) * g * g
        m_hat, v_hat = m / (1 - b1**t), v / (1 - b2**t)
        return theta - lr * m_hat / (np.sqrt(v_hat) + eps)

    return update


def clipped(lr, clip):
    def update(theta, g, t, state):
        return theta - lr * g * min(1, clip / (np.sqrt((g * g).sum()) + 1e-6))

    return update


# A gradient that vanishes would make the adaptive rules amplify rounding.
assert np.abs(loss_and_gradient(np.zeros((COLUMNS + 1, CLASSES)))[1]).min() > 1e-3
train("sgd", sgd(0.5, 0, False, 0))
train("momentum, decay 0.1", sgd(0.5, 0.9, False, 0.1))
train("nesterov", sgd(0.5, 0.9, True, 0))
train("rmsprop", rmsprop(0.05, 0.99, 1e-8))
train("adam, decay 0.1", adam(0.1, 0.9, 0.999, 1e-8, 0.1, False))
train("adamw, decay 0.1", adam(0.1, 0.9, 0.999, 1e-8, 0.1, True))
train("sgd clipped to 0.1", clipped(0.5, 0.1))
