import assert from "node:assert/strict";
import { test } from "node:test";

import * as chart from "../../app/pages/static/chart.js";
import * as csv from "../../app/pages/static/csv.js";
import { fromDate, parseNumber, points, read, readable, toDate, Unreadable, write } from "../../app/pages/static/formats.js";
import { clientOf } from "../../app/pages/static/many.js";
import { curl, literal } from "../../app/pages/static/programs.js";

const TODAY = new Date(2026, 10, 24);
const column = (format, more = {}) => ({ name: "X", kind: "number", display: { format }, ...more });

test("a number is read in either language's way", () => {
  for (const [text, english, french] of [
    ["450000", 450000, 450000],
    ["450,000", 450000, 450],
    ["450 000,50", 450000.5, 450000.5],
    ["450,000.50", 450000.5, 450000.5],
    ["1.234.567,8", 1234567.8, 1234567.8],
    ["1,234,567", 1234567, 1234567],
    ["0,567", 0.567, 0.567],
    ["0.567", 0.567, 0.567],
    ["1,5", 1.5, 1.5],
    ["\u2212 12", -12, -12],
    ["1e-3", 0.001, 0.001],
    ["12 %", 12, 12],
  ]) {
    assert.equal(parseNumber(text, "en"), english, text);
    assert.equal(parseNumber(text, "fr"), french, text);
  }
  for (const text of ["plenty", "1.2.3,4,5", "--1", ","]) assert.throws(() => parseNumber(text, "en"), Unreadable);
});

test("what a field shows is read back as the same value", () => {
  for (const format of ["number", "amount", "percent", "days", "days_ago", "months_ago", "date"]) {
    for (const value of [0, -1204, format === "date" ? -16060 : 0.125]) {
      for (const lang of ["en", "fr"]) {
        assert.equal(read(column(format), write(column(format), value, lang, TODAY), lang, TODAY) + 0, value, format);
      }
    }
  }
  assert.equal(read(column("number"), " ", "en", TODAY), null);
});

test("a number of days is a date, through summer time and leap years", () => {
  assert.equal(toDate(0, TODAY), "2026-11-24");
  for (const days of [-1, -200, -366, -15788]) assert.equal(fromDate(toDate(days, TODAY), TODAY), days);
  assert.match(readable(column("date"), -15788, "fr", TODAY), /1983 \(43 ans\)/);
});

test("codes are words", () => {
  const names = { F: { en: "Woman", fr: "Femme" } };
  const gender = { name: "G", kind: "category", categories: ["M", "F"], display: { format: "category", names } };
  assert.equal(readable(gender, "F", "fr", TODAY), "Femme");
  assert.equal(readable(gender, "M", "fr", TODAY), "M");
  assert.equal(readable(column("flag"), 1, "en", TODAY), "Yes");
  assert.equal(points(0.0123, "en"), "+1.2");
});

test("CSV is read with its own delimiter, quotes and line ends", () => {
  assert.deepEqual(csv.parse('\uFEFFa;b\r\n1,5;"x;""y"\r\n\r\n'), [["a", "b"], ["1,5", 'x;"y']]);
  assert.equal(csv.plain([["a", "b"], ["1,5", "x"]], ";"), "a,b\n1.5,x");
  assert.deepEqual(clientOf(["a", "b", "c", "d"], ["1,5", "", "Cash loans", "NA"], ";"), { a: 1.5, b: null, c: "Cash loans", d: null });
});

test("a text that a spreadsheet would run is neutralised, and a number is not", () => {
  assert.equal(csv.table([["=1+1", "+x", "-1.5", "@y", "a,b", 'q"']]), `'=1+1,'+x,-1.5,'@y,"a,b","q"""\r\n`);
});

test("the programs carry the request as it is", () => {
  const body = { data: { id: "o'neil", ok: true, none: null } };
  assert.match(curl("http://x", body, true), /o'\\''neil/);
  assert.match(curl("http://x", body, true), /Bearer \$API_KEY/);
  assert.match(literal(body), /"none": None/);
});

test("the scale shows client and threshold apart, and the histogram knows their bin", () => {
  assert.ok(chart.lowEnd(0.95, 0.91) >= 0.75);
  assert.ok(chart.lowEnd(0.2, 0.91) <= 0.2);
  const past = { edges: [0.8, 0.9, 1], repaid: [10, 80], defaulted: [5, 5] };
  assert.deepEqual([0.1, 0.8, 0.9, 1].map((solvency) => chart.binOf(past, solvency)), [0, 0, 1, 1]);
  assert.equal(chart.rank(past, 0.9), 0.15);
  assert.equal(chart.rank(past, 1), 1);
});
