// What a drawing can do beyond being seen: values under the pointer or by arrow keys, series dimmed by their names, a picture
// as PNG. Without script the drawing, its titles, its data and its files are there all the same.
(() => {
  "use strict";
  const NEAR_PX = 26;

  const tip = document.createElement("div");
  tip.className = "figure-tip";
  tip.setAttribute("role", "status");
  document.body.append(tip);
  const hide = () => { tip.classList.remove("shown"); };

  for (const figure of document.querySelectorAll("main .figure")) {
    const drawing = figure.querySelector(".drawing");
    const svg = drawing?.querySelector("svg");
    if (svg) { values(drawing, svg); dimming(figure, svg); picture(figure, svg); }
  }
  for (const menu of document.querySelectorAll(".figure-menu")) {
    const close = (event) => { if (!menu.contains(event.target)) menu.open = false; };
    menu.addEventListener("toggle", () => (menu.open ? addEventListener("click", close) : removeEventListener("click", close)));
    menu.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && menu.open) { menu.open = false; menu.querySelector("summary").focus(); }
    });
  }

  /** Shows the value of the mark nearest to the pointer, or of the one that arrow keys reach. */
  function values(drawing, svg) {
    const marks = [...svg.querySelectorAll("g > title")].map((title) => {
      const mark = { group: title.parentElement, text: title.textContent };
      // The browser's own tip would stand over ours.
      title.remove();
      return mark;
    }).filter((mark) => !mark.group.classList.contains("curve"));
    svg.querySelector(":scope > title")?.replaceChildren();
    if (!marks.length) return;
    let at = -1;
    let boxes = null;
    const measure = () => {
      const frame = svg.getBoundingClientRect();
      boxes = marks.map(({ group }) => {
        const { left, right, top, bottom } = group.getBoundingClientRect();
        return { left: left - frame.left, right: right - frame.left, top: top - frame.top, bottom: bottom - frame.top };
      });
    };
    const show = (index) => {
      marks[at]?.group.classList.remove("marked");
      at = index;
      if (index < 0) return hide();
      const { group, text } = marks[index];
      group.classList.add("marked");
      tip.textContent = text;
      tip.classList.add("shown");
      const box = group.getBoundingClientRect();
      const x = (box.left + box.right) / 2;
      tip.style.left = Math.max(6, Math.min(x - tip.offsetWidth / 2, innerWidth - tip.offsetWidth - 6)) + "px";
      tip.style.top = (box.top > tip.offsetHeight + 12 ? box.top - tip.offsetHeight - 8 : box.bottom + 8) + "px";
    };
    svg.addEventListener("pointermove", (event) => {
      if (!boxes) measure();
      const frame = svg.getBoundingClientRect();
      const [x, y] = [event.clientX - frame.left, event.clientY - frame.top];
      let [best, distance] = [-1, NEAR_PX];
      boxes.forEach((box, index) => {
        const away = Math.hypot(Math.max(box.left - x, 0, x - box.right), Math.max(box.top - y, 0, y - box.bottom));
        // Of two that hold the pointer the later one lies on top.
        if (away < distance || (away === 0 && distance === 0)) [best, distance] = [index, away];
      });
      if (best !== at) show(best);
    });
    svg.addEventListener("pointerleave", () => show(-1));
    addEventListener("resize", () => { boxes = null; });
    drawing.tabIndex = 0;
    drawing.setAttribute("role", "group");
    drawing.setAttribute("aria-label", svg.querySelector(":scope > desc")?.textContent ?? "");
    drawing.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) show((Math.max(at, step < 0 ? 0 : -1) + step + marks.length) % marks.length);
      else if (event.key === "ArrowDown" || event.key === "ArrowUp") show(other(event.key === "ArrowDown"));
      else if (event.key === "Home") show(0);
      else if (event.key === "End") show(marks.length - 1);
      else if (event.key === "Escape") show(-1);
      else return;
      event.preventDefault();
    });
    drawing.addEventListener("blur", () => show(-1));
    /** The mark of the next series, at the same place in it. */
    const series = (index) => marks[index]?.group.parentElement;
    const other = (down) => {
      const all = [...new Set(marks.map((_, index) => series(index)))];
      const here = all.indexOf(series(Math.max(at, 0)));
      const place = Math.max(at, 0) - marks.findIndex((_, index) => series(index) === all[here]);
      const first = marks.findIndex((_, index) => series(index) === all[(here + (down ? 1 : all.length - 1)) % all.length]);
      return series(first + place) === series(first) ? first + place : first;
    };
  }

  /** Names of series, in the drawing and in the menu, dim what they name. */
  function dimming(figure, svg) {
    const number = (element) => /series-(\d+)/.exec(element.getAttribute("class") ?? "")?.[1];
    const names = [...svg.querySelectorAll("g.series")].filter((group) => !group.closest(".panel") && group.querySelector("text"));
    const menu = figure.querySelector(".figure-menu ul");
    if (names.length < 2) return;
    const toggle = (of, button) => {
      let dim;
      for (const group of svg.querySelectorAll(`.series-${of}`)) dim = group.classList.toggle("dimmed");
      button?.setAttribute("aria-pressed", String(!dim));
    };
    const line = document.createElement("li");
    line.className = "figure-series";
    for (const name of names) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = name.textContent.trim();
      button.setAttribute("aria-pressed", "true");
      button.addEventListener("click", () => toggle(number(name), button));
      line.append(button);
      name.classList.add("switch");
      name.addEventListener("click", () => toggle(number(name), button));
    }
    menu?.append(line);
  }

  /** Offers the drawing as it looks now, as PNG. */
  function picture(figure, svg) {
    const item = figure.querySelector(".figure-png");
    if (!item) return;
    item.hidden = false;
    item.querySelector("button").addEventListener("click", () => {
      const probe = document.createElement("span");
      document.body.append(probe);
      const color = (name, fallback) => {
        probe.style.color = `var(${name}, ${fallback})`;
        return getComputedStyle(probe).color;
      };
      const { width, height } = svg.viewBox.baseVal;
      const copy = svg.cloneNode(true);
      copy.setAttribute("width", width);
      copy.setAttribute("height", height);
      copy.style.fontFamily = getComputedStyle(svg).fontFamily;
      const text = new XMLSerializer().serializeToString(copy).replace(/var\((--fig-[\w-]+), (#[0-9a-f]+)\)/g, (_, name, fallback) => color(name, fallback));
      const page = color("--fig-page", "#fff");
      probe.remove();
      const image = new Image();
      image.onload = () => {
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [2 * width, 2 * height];
        const pen = canvas.getContext("2d");
        pen.fillStyle = page;
        pen.fillRect(0, 0, canvas.width, canvas.height);
        pen.drawImage(image, 0, 0, canvas.width, canvas.height);
        const link = document.createElement("a");
        link.download = (figure.id || "figure") + ".png";
        link.href = canvas.toDataURL("image/png");
        link.click();
      };
      image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(text);
    });
  }
})();
