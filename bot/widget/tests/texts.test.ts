import assert from "node:assert/strict";
import { test } from "node:test";
import { day, moment } from "../src/texts.ts";

test("the first of a month is an ordinal in French, and no other day", () => {
  assert.equal(day("2026-12-01", "fr"), "1er décembre 2026");
  assert.equal(day("2026-12-11", "fr"), "11 décembre 2026");
  assert.match(moment("2026-12-01T12:00:00", "fr"), /^1er déc\. 2026/);
});

test("no other language has the French ordinal", () => {
  assert.equal(day("2026-12-01", "en"), "1 December 2026");
  assert.equal(day("2026-12-01", "es"), "1 de diciembre de 2026");
  assert.equal(day("2026-12-01", "zh"), "2026年12月1日");
  assert.ok(!day("2026-12-01", "ar").includes("1er"));
  assert.ok(!day("2026-12-01", "ru").includes("1er"));
});
