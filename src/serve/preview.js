// Reloads the page when the book has changed, and shows the runs under way in a corner.
(() => {
  "use strict";
  const edition = document.currentScript.dataset.edition;
  const events = new EventSource("/.labbook/events");
  events.addEventListener("edition", (event) => {
    if (event.data !== edition) location.reload();
  });
  events.addEventListener("runs", (event) => show(JSON.parse(event.data)));
  addEventListener("pagehide", () => events.close());

  let panel = null;

  function show(runs) {
    const idle = runs.total === 0 && runs.failures.length === 0;
    if (idle && !panel) return;
    panel ??= makePanel();
    panel.hidden = idle;
    const lines = [];
    if (runs.total > 0) lines.push(line(`${runs.done} of ${runs.total} runs`));
    for (const run of runs.current.slice(0, 8)) {
      lines.push(line(`${run.name} · ${run.epoch}/${run.epochs}`), curve(run.losses));
    }
    for (const failure of runs.failures.slice(0, 8)) lines.push(line(failure));
    panel.shadow.replaceChildren(...lines);
  }

  function makePanel() {
    const host = document.body.appendChild(document.createElement("aside"));
    host.setAttribute("aria-label", "Runs");
    host.style.cssText =
      "position:fixed;right:1rem;bottom:1rem;z-index:1000;max-width:22rem;padding:.6rem .8rem;border-radius:.4rem;" +
      "font:12px/1.5 ui-monospace,monospace;color:#eee;background:#222d;overflow-wrap:anywhere";
    host.shadow = host.attachShadow({ mode: "open" });
    return host;
  }

  function line(text) {
    const element = document.createElement("div");
    element.textContent = text;
    return element;
  }

  // The training loss by epoch, on a scale of its own.
  function curve(losses) {
    const [width, height] = [200, 32];
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", `-1 -1 ${width + 2} ${height + 2}`);
    svg.setAttribute("width", width);
    svg.setAttribute("height", height);
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", "Training loss");
    const [low, high] = [Math.min(...losses), Math.max(...losses)];
    const y = (loss) => (high > low ? height * (1 - (loss - low) / (high - low)) : height / 2);
    const x = (i) => (losses.length > 1 ? (width * i) / (losses.length - 1) : 0);
    const path = svg.appendChild(document.createElementNS(svg.namespaceURI, "polyline"));
    path.setAttribute("points", losses.map((loss, i) => `${x(i).toFixed(1)},${y(loss).toFixed(1)}`).join(" "));
    path.setAttribute("fill", "none");
    path.setAttribute("stroke", "#6cf");
    path.setAttribute("stroke-width", "1.5");
    return svg;
  }
})();
