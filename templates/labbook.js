// What a page can do beyond being read. Every part stands alone: without it, or without any script, nothing is lost.
(() => {
  "use strict";
  const root = document.documentElement;
  const main = document.getElementById("page.text");
  const contents = document.getElementById("page.contents");

  // ---- theme: light, dark, or as the system; the head has set a stored choice before the first paint ----
  const themes = document.getElementById("page.themes");
  if (themes) {
    const mark = () => {
      for (const button of themes.children) {
        button.setAttribute("aria-pressed", String(button.value === (root.dataset.theme ?? "")));
      }
    };
    themes.hidden = false;
    mark();
    themes.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.value) root.dataset.theme = button.value; else delete root.dataset.theme;
      // Storage may be forbidden: the choice then holds for this page.
      try { button.value ? localStorage.setItem("labbook-theme", button.value) : localStorage.removeItem("labbook-theme"); } catch { }
      mark();
    });
  }

  // ---- the section being read: marked in the contents, kept by the switch of language ----
  const headings = [...main.querySelectorAll(".prose > :is(h2, h3)[id]")];
  const links = new Map([...contents.querySelectorAll(".contents-sections a")].map((a) => [decodeURIComponent(a.hash.slice(1)), a]));
  const current = () => {
    const line = Math.min(innerHeight * 0.3, 240);
    const atEnd = scrollY > 0 && scrollY + innerHeight >= root.scrollHeight - 2;
    return atEnd ? headings.at(-1) : headings.findLast((h) => h.getBoundingClientRect().top < line);
  };
  let marked = null;
  const follow = () => {
    const here = current();
    const section = here && headings.slice(0, headings.indexOf(here) + 1).findLast((h) => links.has(h.id));
    const link = section ? links.get(section.id) : null;
    if (link === marked) return;
    marked?.removeAttribute("aria-current");
    link?.setAttribute("aria-current", "location");
    marked = link;
    if (link && contents.scrollHeight > contents.clientHeight) {
      const [top, bottom] = [link.offsetTop - 80, link.offsetTop + 80 - contents.clientHeight];
      if (contents.scrollTop > top) contents.scrollTop = top; else if (contents.scrollTop < bottom) contents.scrollTop = bottom;
    }
  };
  if (headings.length) {
    let asked = false;
    addEventListener("scroll", () => {
      if (!asked) requestAnimationFrame(() => { asked = false; follow(); });
      asked = true;
    }, { passive: true });
    follow();
  }
  const open = contents.querySelector('[aria-current="page"]');
  if (open && open.offsetTop > contents.clientHeight * 0.7) contents.scrollTop = open.offsetTop - contents.clientHeight * 0.3;
  for (const link of document.querySelectorAll(".languages a[data-same]")) {
    const to = link.getAttribute("href");
    const anchors = JSON.parse(link.dataset.anchors || "{}");
    link.addEventListener("click", () => {
      const here = current();
      if (here) link.href = to + "#" + encodeURIComponent(anchors[here.id] ?? here.id);
    });
  }

  const load = (name) => {
    const script = document.createElement("script");
    script.src = document.body.dataset.root + name;
    document.head.append(script);
  };
  if (main.querySelector(".figure")) load("figures.js");
  if (main.querySelector(".code")) load("code.js");

  // ---- search: fetched when it is first asked for ----
  const dialog = document.getElementById("page.search");
  const openSearch = () => {
    if (!dialog.open) dialog.showModal();
    dialog.querySelector("input").select();
    if (dialog.dataset.loaded) return;
    dialog.dataset.loaded = "true";
    load("search.js");
  };
  for (const button of document.querySelectorAll(".search-open")) {
    button.hidden = false;
    button.addEventListener("click", () => { if (contents.matches(":popover-open")) contents.hidePopover(); openSearch(); });
  }
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });

  // ---- keys: ← → turn the page, / and s search ----
  addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable], .drawing, dialog[open]");
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || typing) return;
    if (event.key === "/" || event.key === "s") {
      event.preventDefault();
      return openSearch();
    }
    const way = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
    const scrolls = event.target.scrollWidth > event.target.clientWidth && event.target !== document.body;
    const link = way && !scrolls && document.querySelector(`link[rel="${way}"]`);
    if (link) location.href = link.href;
  });

  // ---- what is wider than its place can be scrolled by keyboard ----
  const reachable = () => {
    for (const box of main.querySelectorAll("pre, .scroll, .drawing, .math-display")) {
      if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0; else if (!box.matches(".drawing")) box.removeAttribute("tabindex");
    }
  };
  reachable();
  addEventListener("resize", reachable);
  document.addEventListener("change", reachable);

  // ---- a link into a tab that is not shown shows it ----
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    let tab = target?.closest(".tab");
    if (!tab) return;
    for (; tab; tab = tab.parentElement.closest(".tab")) tab.previousElementSibling.previousElementSibling.checked = true;
    target.scrollIntoView();
  };
  reveal();
  addEventListener("hashchange", reveal);

  // ---- previews of what a reference leads to ----
  const card = document.createElement("div");
  card.className = "preview";
  card.popover = "manual";
  card.setAttribute("aria-hidden", "true");
  const pages = new Map();
  const page = (url) => {
    if (url === location.href.split("#")[0]) return Promise.resolve(document);
    // A page opened from the disk may not read others: it has previews of its own things only.
    if (location.protocol === "file:") return Promise.reject(new Error("file:"));
    if (!pages.has(url)) {
      pages.set(url, fetch(url).then((r) => r.text()).then((text) => new DOMParser().parseFromString(text, "text/html")));
    }
    return pages.get(url);
  };
  const excerpt = (target, base) => {
    let parts = [target];
    if (/^H\d$/.test(target.tagName)) {
      for (let next = target.nextElementSibling; next && parts.length < 3 && !/^H\d$/.test(next.tagName); next = next.nextElementSibling) {
        parts.push(next);
      }
    } else if (target.matches(".value, .note-reference a")) {
      parts = [target.closest("p, li, td") ?? target];
    }
    return parts.map((part) => {
      const copy = part.cloneNode(true);
      for (const extra of copy.querySelectorAll(".behind, .anchor, .note, script, .figure-menu")) extra.remove();
      for (const named of [copy, ...copy.querySelectorAll("[id]")]) named.removeAttribute("id");
      for (const linked of copy.querySelectorAll("[src]")) linked.src = new URL(linked.getAttribute("src"), base).href;
      return copy;
    });
  };
  let timer = 0;
  const hide = () => { clearTimeout(timer); if (card.isConnected && card.matches(":popover-open")) card.hidePopover(); };
  const show = async (link) => {
    if (link.title) { link.dataset.title = link.title; link.removeAttribute("title"); }
    const [url, id] = link.href.split("#");
    try {
      const target = (await page(url)).getElementById(decodeURIComponent(id ?? ""));
      if (!target || !link.matches(":hover, :focus-visible")) return;
      card.replaceChildren(...excerpt(target, url));
    } catch {
      // Where other pages cannot be read, a citation still says what it cites.
      if (!link.dataset.title || !link.matches(":hover, :focus-visible")) return;
      card.textContent = link.dataset.title;
    }
    if (!card.isConnected) main.append(card);
    card.showPopover();
    const at = link.getBoundingClientRect();
    const [width, height] = [card.offsetWidth, card.offsetHeight];
    card.style.left = Math.max(8, Math.min(at.left, innerWidth - width - 8)) + "px";
    card.style.top = (at.bottom + height + 16 < innerHeight ? at.bottom + 8 : Math.max(8, at.top - height - 8)) + "px";
  };
  const wanted = (event) => event.target.closest?.("a.reference, .note-reference a");
  for (const [enter, leave] of [["pointerover", "pointerout"], ["focusin", "focusout"]]) {
    main.addEventListener(enter, (event) => {
      const link = wanted(event);
      if (!link || event.pointerType === "touch") return;
      clearTimeout(timer);
      timer = setTimeout(() => show(link), 180);
    });
    main.addEventListener(leave, (event) => { if (wanted(event)) hide(); });
  }
  // What was asked for before the page came to rest is still wanted then.
  addEventListener("scroll", () => { if (card.isConnected && card.matches(":popover-open")) card.hidePopover(); }, { passive: true });
  addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
})();
