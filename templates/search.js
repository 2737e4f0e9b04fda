// Search over the whole text of the book in one language. Loaded when it is first asked for, with the text beside it
// (`search/en.js`, …): as scripts, so that it works from the disk as well as over HTTP, below any path.
(() => {
  "use strict";
  const root = document.body.dataset.root;
  const language = document.documentElement.lang;
  const dialog = document.getElementById("page.search");
  const input = dialog.querySelector("input");
  const state = dialog.querySelector("[role=status]");
  const list = dialog.querySelector("[role=listbox]");
  const cjk = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
  const MOST = 30;

  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const escape = (text) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");

  /** Sections of the book: page, chapter, anchor, title, text, and title and text as they are compared. */
  let sections = null;
  const load = (name) => new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = root + "search/" + name + ".js";
    script.onload = done;
    script.onerror = failed;
    document.head.append(script);
  });
  const loading = (async () => {
    globalThis.labbookSearch = [];
    await load(language);
    const parts = globalThis.labbookSearch[0].parts;
    await Promise.all(Array.from({ length: parts - 1 }, (_, i) => load(language + "-" + (i + 2))));
    sections = [];
    for (const part of globalThis.labbookSearch) {
      for (const [page, chapter, own] of part.chapters) {
        for (const [anchor, title, text] of own) {
          sections.push({ page, chapter, anchor, title, text, foldedTitle: fold(chapter + "\n" + title), foldedText: fold(text) });
        }
      }
    }
    sections.forEach((section, order) => { section.order = order; });
  })();

  // A Latin word is found where a word begins with it; a Chinese one wherever it stands.
  const count = (text, word) => {
    let [times, whole, from] = [0, 0, 0];
    for (let at; times < 20 && (at = text.indexOf(word, from)) >= 0; from = at + word.length) {
      if (cjk.test(word)) { times += 1; whole += 1; continue; }
      if (/[\p{L}\p{N}]/u.test(text[at - 1] ?? " ")) continue;
      times += 1;
      if (!/[\p{L}\p{N}]/u.test(text[at + word.length] ?? " ")) whole += 1;
    }
    return times + whole;
  };
  const scored = (words, phrase) => {
    const found = [];
    for (const section of sections) {
      let score = 0;
      for (const word of words) {
        const [inTitle, inText] = [count(section.foldedTitle, word), count(section.foldedText, word)];
        if (inTitle + inText === 0) { score = 0; break; }
        score += 12 * Math.min(inTitle, 2) + Math.log2(1 + inText) / Math.log2(8 + section.foldedText.length / 400);
      }
      if (score > 0 && words.length > 1) {
        score += (section.foldedTitle.includes(phrase) ? 15 : 0) + (section.foldedText.includes(phrase) ? 4 : 0);
      }
      if (score > 0) found.push({ section, score });
    }
    return found.sort((a, b) => b.score - a.score || a.section.order - b.section.order).map((f) => f.section);
  };
  // Chinese is typed without spaces: where the words as typed are nowhere, those that the browser sees in them may be.
  const segmented = (words) => words.flatMap((word) => {
    if (!cjk.test(word)) return [word];
    if (Intl.Segmenter) {
      // Particles say little, and may be elsewhere in the text.
      const parts = [...new Intl.Segmenter(language, { granularity: "word" }).segment(word)];
      const found = parts.filter((part) => part.isWordLike).map((part) => part.segment);
      return found.some((part) => part.length > 1) ? found.filter((part) => part.length > 1) : found;
    }
    return Array.from({ length: Math.max(1, word.length - 1) }, (_, i) => word.slice(i, i + 2));
  });
  const search = (query) => {
    const phrase = fold(query).trim();
    const words = phrase.split(/[\s\p{P}]+/u).filter(Boolean);
    if (!words.length) return { words, found: [] };
    const found = scored(words, phrase);
    if (found.length || !words.some((word) => cjk.test(word))) return { words, found };
    const parts = segmented(words);
    return { words: parts, found: scored(parts, phrase) };
  };

  const marked = (text, words) => {
    const line = document.createDocumentFragment();
    const pattern = new RegExp("(" + words.map(escape).join("|") + ")", "giu");
    text.split(pattern).forEach((part, i) => {
      if (i % 2 === 0) return line.append(part);
      const mark = document.createElement("mark");
      mark.textContent = part;
      line.append(mark);
    });
    return line;
  };
  const excerpt = (section, words) => {
    const at = words.map((word) => section.foldedText.indexOf(word)).filter((i) => i >= 0);
    // Folding rarely changes lengths; where it does, the excerpt begins a little off.
    const start = Math.max(0, Math.min(...at, Infinity) === Infinity ? 0 : Math.min(...at) - 50);
    const from = start === 0 ? 0 : section.text.indexOf(" ", start) + 1 || start;
    const begin = from - start > 30 ? start : from;
    const cut = section.text.slice(begin, begin + 180);
    return (begin > 0 ? "…" : "") + cut + (begin + 180 < section.text.length ? "…" : "");
  };
  const item = (section, words, index) => {
    const line = document.createElement("li");
    line.role = "option";
    line.id = "page.result." + index;
    const link = document.createElement("a");
    link.href = root + section.page + (section.anchor ? "#" + encodeURIComponent(section.anchor) : "");
    link.tabIndex = -1;
    const [where, title, text] = ["span", "strong", "span"].map((name) => document.createElement(name));
    where.className = "search-chapter";
    where.textContent = section.chapter;
    title.append(marked(section.title || section.chapter, words));
    text.className = "search-excerpt";
    text.append(marked(excerpt(section, words), words));
    link.append(...(section.title ? [where] : []), title, text);
    line.append(link);
    return line;
  };

  let chosen = -1;
  const choose = (index) => {
    const items = list.children;
    items[chosen]?.setAttribute("aria-selected", "false");
    chosen = items.length ? (index + items.length) % items.length : -1;
    const now = items[chosen];
    now?.setAttribute("aria-selected", "true");
    now?.scrollIntoView({ block: "nearest" });
    if (now) input.setAttribute("aria-activedescendant", now.id); else input.removeAttribute("aria-activedescendant");
  };
  const show = async () => {
    const query = input.value;
    try { await loading; } catch { state.textContent = state.dataset.failed; return; }
    if (query !== input.value) return;
    const { words, found } = search(query);
    list.replaceChildren(...found.slice(0, MOST).map((section, i) => item(section, words, i)));
    input.setAttribute("aria-expanded", String(found.length > 0));
    state.textContent = words.length ? (found.length ? state.dataset.found.replace("{n}", found.length) : state.dataset.none) : "";
    chosen = -1;
    if (found.length) choose(0);
  };
  input.addEventListener("input", show);
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { event.preventDefault(); choose(chosen + step); }
    if (event.key === "Enter") {
      event.preventDefault();
      list.children[chosen]?.querySelector("a").click();
    }
  });
  list.addEventListener("click", (event) => { if (event.target.closest("a")) dialog.close(); });
  show();
})();
