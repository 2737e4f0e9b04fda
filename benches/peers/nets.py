"""Holds labbook's nets against PyTorch, JAX and Keras: all sides alternately, medians, ratios.

    python3 -m venv /tmp/peers && /tmp/peers/bin/pip install -r benches/peers/requirements.txt
    /tmp/peers/bin/python benches/peers/nets.py [--nets 784-32-10,cnn] [--rounds 5] [--threads 1] [--clock wall|thread] [--sweep]

Prints a Markdown table: labbook's samples a second, each peer's, and the ratio to the best form of each. `--clock thread`
counts only the time in which a side computed, all its threads together: the measure for one thread on a machine that has other work as well.
`--sweep` runs two processes of one thread each, side by side, and adds them up.
`--product` says what share of the best matrix-product rate a net of 784-512-512-512-10 comes to; a product is short, and its best on the
wall is one that nothing interrupted, whatever `--clock` says. `--records` says what share of a step the record of gradient norms takes.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

import work

PEERS = Path(__file__).parent
EXAMPLE = PEERS.parent.parent / "target/release/examples/train_throughput"
FIELDS = {"wall": "samples_per_second", "thread": "samples_per_thread_second"}


def sides(net):
    """Name of a framework → the forms that are tried."""
    images = ["channels-last"] if net in work.IMAGES else []
    # In a scan, XLA computes convolutions ten times slower than outside of one.
    jax = ["steps"] if net in work.IMAGES else ["scan", "steps"]
    return {"torch": ["eager", "compiled", *images], "jax": jax, "keras": ["graph", "xla"]}


def labbook(net, threads, epochs):
    command = [EXAMPLE, "--batch", work.batch_rows(net), "--rows", work.ROWS[net], "--threads", threads, "--epochs", epochs]
    return command + (["--layers", net.replace("-", ",")] if net in work.DENSE else ["--net", net])


def peer(framework, form, net, threads, epochs):
    options = ["--net", net, "--form", form, "--threads", threads, "--epochs", epochs]
    return [sys.executable, PEERS / f"{framework}_net.py", *options]


def run(commands, cores):
    """Runs commands side by side, each on its own cores; what each printed last."""
    running = []
    for command, on in zip(commands, cores):
        pin = lambda on=on: os.sched_setaffinity(0, on)
        command = [str(part) for part in command]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=pin))
    printed = []
    for process in running:
        out, error = process.communicate()
        printed.append(json.loads(out.strip().splitlines()[-1]) if process.returncode == 0 else {"error": error[-400:]})
    return printed


def fastest(figures, framework):
    """The form of a framework with the best median of those with the most rounds, if any has run."""
    ran = {side: values for side, values in figures.items() if side[0] == framework and values and all(values)}
    return max(ran, key=lambda side: (len(ran[side]), statistics.median(ran[side])), default=None)


def measure(net, options):
    """Figures of each side and form by round: samples a second, or None. After a round of all forms only the fastest of each side go on."""
    cores = sorted(os.sched_getaffinity(0))
    of = {("labbook", ""): labbook(net, options.threads, options.epochs)}
    for framework, forms in sides(net).items():
        if framework in options.peers:
            of |= {(framework, form): peer(framework, form, net, options.threads, options.epochs) for form in forms}
    figures = {side: [] for side in of}
    for number in range(options.rounds):
        on = set(figures) if number == 0 else {fastest(figures, name) for name, _ in figures}
        for side in [side for side in figures if side in on]:
            if options.sweep:
                printed = run([of[side]] * 2, [{cores[0]}, {cores[1]}])
            else:
                printed = run([of[side]], [set(cores[: options.threads])])
            for failed in (p for p in printed if "error" in p):
                print(f"{net} {side}: {failed['error']}", file=sys.stderr)
            values = [p.get(FIELDS[options.clock]) for p in printed]
            figures[side].append(sum(values) if all(values) else None)
            print(f"{net} round {number + 1} {' '.join(side)}: {figures[side][-1]}", file=sys.stderr)
    return figures


def line(net, figures):
    """The table's line: medians, and by round the ratio to the fastest form of each peer."""
    ours = figures["labbook", ""]
    cells = [net, f"{statistics.median(ours):,.0f}"]
    for framework in ["torch", "jax", "keras"]:
        best = fastest(figures, framework)
        if best is None:
            cells.append("–")
            continue
        theirs = figures[best]
        ratios = sorted(a / b for a, b in zip(ours, theirs))
        spread = f"**{statistics.median(ratios):.2f}** ({ratios[0]:.2f}–{ratios[-1]:.2f})"
        cells.append(f"{statistics.median(theirs):,.0f} {best[1]}, {spread}")
    return f"| {' | '.join(cells)} |"


def product_share(options):
    """The best rate of a matrix product, ours or MKL's, and what share of it training comes to."""
    net, core = "784-512-512-512-10", {min(os.sched_getaffinity(0))}
    flops = 2 * (2 * 784 * 512 + 3 * 2 * 512 * 512 + 3 * 512 * 10)
    rates = {"ours": [], "MKL": [], "training": []}
    for _ in range(options.rounds):
        rates["ours"] += [run([[EXAMPLE, "--product"]], [core])[0]["gigaflops"]]
        rates["MKL"] += [run([[sys.executable, PEERS / "torch_net.py", "--net", "product"]], [core])[0]["gigaflops"]]
        rates["training"] += [run([labbook(net, 1, options.epochs)], [core])[0][FIELDS[options.clock]] * flops * 1e-9]
    medians = {name: statistics.median(values) for name, values in rates.items()}
    best = max("ours", "MKL", key=medians.get)
    listed = ", ".join(f"{name} {rate:.0f} GFLOP/s" for name, rate in medians.items())
    print(f"{net}: {listed}; {100 * medians['training'] / medians[best]:.0f} % of the best product ({best})")


def share_of_records(options):
    """What share of a step the gradient norms of dense nets take."""
    for net in work.DENSE:
        command = [*labbook(net, 1, options.epochs), "--records"]
        shares = [run([command], [{min(os.sched_getaffinity(0))}])[0]["share_of_records"] for _ in range(options.rounds)]
        print(f"{net}: gradient norms take {100 * statistics.median(shares):.2f} % of a step")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nets", type=lambda names: names.split(","), default=work.NETS)
    parser.add_argument("--peers", type=lambda names: names.split(","), default=["torch", "jax", "keras"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--clock", choices=FIELDS, default="wall")
    parser.add_argument("--sweep", action="store_true")
    parser.add_argument("--product", action="store_true")
    parser.add_argument("--records", action="store_true")
    options = parser.parse_args()
    build = ["cargo", "build", "--release", "--example", "train_throughput"]
    subprocess.run(build, check=True, cwd=PEERS.parent.parent)
    if options.product:
        return product_share(options)
    if options.records:
        return share_of_records(options)
    lines = [line(net, measure(net, options)) for net in options.nets]
    print(f"\n| samples a second ({options.clock}) | labbook | PyTorch | JAX | Keras |\n|---|---|---|---|---|")
    print("\n".join(lines))


main()
