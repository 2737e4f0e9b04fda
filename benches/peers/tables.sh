#!/bin/sh
# Every table of docs/chapters/07-speed.md, one after the other: about twenty minutes on a machine with nothing else to do.
#
#     LABBOOK_DATA_MIRROR=... PYTHON=/tmp/peers/bin/python sh benches/peers/tables.sh | tee speed.txt
#
# CLOCK=thread where the machine has other work; a sweep is only worth measuring where it has none.
set -e
cd "$(dirname "$0")/../.."
nets="${PYTHON:-python3} benches/peers/nets.py --clock ${CLOCK:-wall}"
cargo build --release --examples

echo "## Training, one thread"
$nets --rounds 5
echo "## Two runs side by side"
$nets --rounds 3 --sweep --nets 784-32-10,784-256-128-10,784-512-512-512-10
echo "## One run on two threads"
$nets --rounds 3 --threads 2 --nets 784-32-10,784-256-128-10,784-512-512-512-10
echo "## Share of the best product"
$nets --product
echo "## Records"
$nets --records
echo "## Baselines"
for of in "svm 1000" "svm 2000" "svm 4000" "knn 10000" "forest 10000"; do
    ${PYTHON:-python3} benches/peers/baselines.py $of
done
