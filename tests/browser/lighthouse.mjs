// What Lighthouse says of the pages of a built book: `node lighthouse.mjs OUTPUT [PAGE…]`; without pages, the title page and the
// first chapters.
//
// The pages are served over loopback, compressed as static hosts do it. Prints the four scores of each page, on a simulated phone,
// and what costs points; ends with 1 where one is below 95. It slows the processor down on purpose, so that only an otherwise idle
// machine gives figures for performance. What is needed: Chromium (or another named by CHROME_PATH) and npm, which fetches Lighthouse.

import { execFile } from "node:child_process";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { delimiter, extname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";

const LIGHTHOUSE = "lighthouse@12.8.2";
const LEAST = 95;
const CHAPTERS = 3;

const output = resolve(process.argv[2]);
const chapters = readdirSync(output).filter((name) => /^\d.*\.html$/.test(name)).sort().slice(0, CHAPTERS);
const pages = process.argv.length > 3 ? process.argv.slice(3) : ["index.html", ...chapters];

const types = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml" };
const server = createServer((request, response) => {
  const path = decodeURIComponent(new URL(request.url, "http://x").pathname);
  const file = join(output, path);
  if (!existsSync(file) || !statSync(file).isFile()) {
    // What crawlers ask of every site.
    const robots = path === "/robots.txt";
    return response.writeHead(robots ? 200 : 404, { "content-type": "text/plain" }).end(robots ? "User-agent: *\nAllow: /\n" : "");
  }
  const type = types[extname(file)];
  const head = { "content-type": type ?? "application/octet-stream", "cache-control": "max-age=31536000" };
  if (!type) return response.writeHead(200, head).end(readFileSync(file));
  response.writeHead(200, { ...head, "content-encoding": "gzip" }).end(gzipSync(readFileSync(file)));
}).listen(0, "127.0.0.1");
await new Promise((done) => server.once("listening", done));

const installed = (process.env.PATH ?? "").split(delimiter).flatMap((folder) => ["chromium", "chromium-browser", "google-chrome"].map((name) => join(folder, name)));
const env = { ...process.env, CHROME_PATH: process.env.CHROME_PATH ?? installed.find(existsSync) };
let low = false;
for (const page of pages) {
  const address = `http://127.0.0.1:${server.address().port}/${page}`;
  const flags = ["--quiet", "--output=json", "--output-path=stdout", "--chrome-flags=--headless=new --no-sandbox"];
  const { stdout } = await promisify(execFile)("npx", ["--yes", LIGHTHOUSE, address, ...flags], { env, maxBuffer: 1 << 28 });
  const { categories, audits } = JSON.parse(stdout);
  const scores = Object.values(categories).map(({ title, score }) => `${title} ${Math.round(100 * score)}`);
  console.log(`${page}: ${scores.join(", ")}`);
  for (const { score, auditRefs } of Object.values(categories)) {
    low ||= 100 * score < LEAST;
    for (const { id, weight } of auditRefs) {
      if (weight > 0 && audits[id].score !== null && audits[id].score < 0.9) console.log(`  ${id}: ${audits[id].displayValue ?? audits[id].title}`);
    }
  }
}
server.close();
process.exit(low ? 1 : 0);
