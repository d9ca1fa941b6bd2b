/** Puts what the staff's pages are shown with into dist/, with a manifest of names and integrity for the service. */

import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, extname } from "node:path";

const TARGET = ["chrome111", "firefox115", "safari16.4"];

/** Taken as their makers have minified them. */
const VENDORED = {
  "htmx.js": "node_modules/htmx.org/dist/htmx.min.js",
  "pico.css": "node_modules/@picocss/pico/css/pico.min.css",
  "uPlot.css": "node_modules/uplot/dist/uPlot.min.css",
  "uPlot.js": "node_modules/uplot/dist/uPlot.iife.min.js",
};
const OURS = ["src/console.ts", "src/console.css"];

rmSync("dist", { recursive: true, force: true });
mkdirSync("dist");

const contents = new Map<string, Uint8Array>(Object.entries(VENDORED).map(([name, path]) => [name, readFileSync(path)]));
for (const path of OURS) {
  const { outputFiles } = await build({
    entryPoints: [path],
    bundle: true,
    minify: true,
    target: TARGET,
    format: "iife",
    legalComments: "none",
    logLevel: "warning",
    write: false,
  });
  contents.set(basename(path), outputFiles[0]!.contents);
}

const digest = (algorithm: string, content: Uint8Array) => createHash(algorithm).update(content);
const assets = [...contents].map(([name, content]) => {
  const kind = extname(name);
  const file = `${basename(name, kind)}-${digest("sha256", content).digest("hex").slice(0, 10)}${kind.replace(".ts", ".js")}`;
  writeFileSync(`dist/${file}`, content);
  return [name, { file, integrity: `sha384-${digest("sha384", content).digest("base64")}` }];
});
writeFileSync("dist/manifest.json", JSON.stringify(Object.fromEntries(assets), null, 2));
