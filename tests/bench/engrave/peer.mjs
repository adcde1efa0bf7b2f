// The peer, warm, in one process: node peer.mjs FOLDER_OF_NODE_MODULES RUNS FILE...
// One line of JSON a file: the best of all runs in milliseconds, text -> parse -> layout -> draw
// commands of all pages.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const [folder, runsText, ...files] = process.argv.slice(2);
const require = createRequire(join(folder, "package.json"));
const GuidoEngine = require("@grame/guidolib/guidoengine.js");
const GuidoModule = require("@grame/guidolib");
const engine = new GuidoEngine(await GuidoModule());
const runs = Number(runsText);

function once(text) {
    const parser = engine.openParser();
    const ar = engine.string2AR(parser, text);
    if (!ar) throw new Error("the peer refuses the text");
    const gr = engine.ar2gr(ar);
    const pages = engine.getPageCount(gr);
    let bytes = 0;
    for (let page = 1; page <= pages; page++) bytes += engine.binaryExport(gr, page).length;
    engine.freeGR(gr);
    engine.freeAR(ar);
    engine.closeParser(parser);
    return { pages, bytes };
}

for (const file of files) {
    const text = readFileSync(file, "utf8");
    const times = [];
    let facts;
    for (let run = 0; run < runs + 3; run++) {
        const start = performance.now();
        facts = once(text);
        if (run >= 3) times.push(performance.now() - start);
    }
    console.log(JSON.stringify({ text_ms: Math.min(...times), ...facts }));
}
