import assert from "node:assert/strict";
import { test } from "node:test";
import { inkOn, isColour } from "../src/colour.ts";
import { blocksOf, linked, safeAddress } from "../src/written.ts";

test("lines become paragraphs, and dashes a list", () => {
  assert.deepEqual(
    blocksOf("First.\n\n- one\n- two\nLast.").map(({ kind, lines }) => [kind, lines.map((line) => line.join(""))]),
    [["paragraph", ["First."]], ["list", ["one", "two"]], ["paragraph", ["Last."]]],
  );
});

test("addresses become links without the signs around them", () => {
  assert.deepEqual(linked("See https://www.wipo.int/covid (or write to arbiter.mail@wipo.int)."), [
    "See ", { text: "https://www.wipo.int/covid", href: "https://www.wipo.int/covid" },
    " (or write to ", { text: "arbiter.mail@wipo.int", href: "mailto:arbiter.mail@wipo.int" }, ").",
  ]);
});

test("markup stays text", () => assert.deepEqual(linked("<script>alert(1)</script>"), ["<script>alert(1)</script>"]));

test("only addresses of the web are followed", () => {
  assert.equal(safeAddress("javascript:alert(1)"), null);
  assert.equal(safeAddress("data:text/html,x"), null);
  assert.equal(safeAddress("//example.org"), null);
  assert.equal(safeAddress("https://example.org/"), "https://example.org/");
});

test("the ink is the one that is read better", () => {
  assert.deepEqual(["#0b4f8a", "#ffffff", "#000000", "#f5c400", "#777777"].map(inkOn), ["#fff", "#000", "#fff", "#000", "#000"]);
});

test("a colour is six hexadecimal digits and nothing else", () => {
  assert.ok(isColour("#0B4f8a"));
  for (const text of ["red", "#fff", "#0b4f8a;}", "", null, undefined]) assert.ok(!isColour(text));
});
