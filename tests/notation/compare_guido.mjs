// A second opinion on the corpus: npm @grame/guidolib, a tool for development (docs/notation.md).
//   node tests/notation/compare_guido.mjs FOLDER > tests/notation/guido.json
// FOLDER is where `npm install @grame/guidolib` was run. The answers are committed; corpus.py
// compares leggio-engrave with them without npm.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const CORPUS = join(dirname(fileURLToPath(import.meta.url)), "corpus");
// Codes of note heads in its font: quarter, half, whole, breve, x, diamond, square, round, triangles.
// Some of them are also dots of repeat bars (size 80) and notes of tempo marks (142).
const HEADS = new Set([88, 69, 119, 87, 191, 233, 81, 214, 215, 217, 220, 232, 234, 235, 236, 237]);

function countHeads(svg) {
    let isMusic = false, count = 0;
    const pieces = /font-family="([^"]*)"|<text [^>]*font-size="([\d.]+)"[^>]*>&#(\d+);<\/text>/g;
    for (const [, family, size, code] of svg.matchAll(pieces)) {
        if (family !== undefined) {
            isMusic = family === "Guido2";
        } else if (isMusic && size !== "80" && size !== "142" && HEADS.has(Number(code))) {
            count++;
        }
    }
    return count;
}

function answer(engine, parser, text) {
    const abstract = engine.string2AR(parser, text);
    if (!abstract) {
        const { line, col } = engine.parserGetErrorCode(parser);
        return { accepted: false, line, column: col };
    }
    const drawn = engine.ar2gr(abstract);
    const { num, denom } = engine.duration(drawn);
    const pages = engine.getPageCount(drawn);
    let heads = 0;
    for (let page = 1; page <= pages; page++) {
        heads += countHeads(engine.gr2SVG(drawn, page, false, 0));
    }
    const voices = engine.countVoices(abstract);
    engine.freeGR(drawn);
    engine.freeAR(abstract);
    return { accepted: true, duration: `${num}/${denom}`, voices, pages, heads };
}

const folder = process.argv[2];
if (folder === undefined) {
    console.error("use: node compare_guido.mjs FOLDER-OF-NODE_MODULES > guido.json");
    process.exit(2);
}
const require = createRequire(join(resolve(folder), "x.js"));
console.log = console.error; // the library prints what it meets; only the table goes to stdout
const module = await require("@grame/guidolib")();
const engine = new module.GuidoEngineAdapter();
engine.init();
const table = {};
for (const name of readdirSync(CORPUS).filter((name) => name.endsWith(".gmn")).sort()) {
    table[name] = answer(engine, engine.openParser(), readFileSync(join(CORPUS, name), "utf8"));
}
const rows = Object.entries(table).map(([name, row]) => `  ${JSON.stringify(name)}: ${JSON.stringify(row)}`);
process.stdout.write(`{\n${rows.join(",\n")}\n}\n`);
