/** Bundles the window and its loader into dist/, with a manifest of their names and integrity for the service. */

import { build, type Plugin } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";

const TARGET = ["chrome111", "firefox115", "safari16.4"];

/** Takes the indentation out of the sources, and so out of the templates in them, where it would travel along. */
const unindented: Plugin = {
  name: "unindented",
  setup: ({ onLoad }) =>
    onLoad({ filter: /src\/.*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replaceAll(/\n\s+/g, "\n"),
      loader: "ts",
    })),
};

rmSync("dist", { recursive: true, force: true });
mkdirSync("dist");
const plugins = [unindented];
const common = { bundle: true, minify: true, target: TARGET, outdir: "dist", legalComments: "none", logLevel: "warning" } as const;
const window = await build({
  ...common,
  plugins,
  entryPoints: ["src/window.ts", "src/window.css"],
  entryNames: "[name]-[hash]",
  format: "esm",
  conditions: ["production"],
  metafile: true,
});
await build({ ...common, plugins, entryPoints: ["src/loader.ts"], format: "iife" });

const assets = Object.entries(window.metafile.outputs).map(([path, { entryPoint }]) => {
  const integrity = `sha384-${createHash("sha384").update(readFileSync(path)).digest("base64")}`;
  return [basename(entryPoint!), { file: basename(path), integrity }];
});
writeFileSync("dist/manifest.json", JSON.stringify(Object.fromEntries(assets), null, 2));
