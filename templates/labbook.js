// Adds one thing: a button that turns the page light or dark. Everything else works without script.
// It stands in the head and blocks, so that a chosen theme holds before the first paint.
(function () {
  "use strict";
  const key = "labbook-theme";
  const root = document.documentElement;
  const systemIsDark = window.matchMedia("(prefers-color-scheme: dark)");
  const stored = {
    // Storage may be forbidden; the page then follows the system.
    get() { try { return localStorage.getItem(key); } catch { return null; } },
    set(theme) { try { theme ? localStorage.setItem(key, theme) : localStorage.removeItem(key); } catch { } },
  };
  const system = () => (systemIsDark.matches ? "dark" : "light");
  const show = (theme) => { if (theme) root.dataset.theme = theme; else delete root.dataset.theme; };

  show(stored.get());
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("page.theme");
    if (!button) return;
    button.hidden = false;
    button.addEventListener("click", () => {
      const other = (root.dataset.theme || system()) === "dark" ? "light" : "dark";
      // Back at the system's own theme: follow it again.
      const choice = other === system() ? null : other;
      stored.set(choice);
      show(choice);
    });
  });
})();
