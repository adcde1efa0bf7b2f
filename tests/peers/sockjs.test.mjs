// npm sockjs-client over each of its transports, with JSON-RPC by hand and under our own client.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { JsonRpcClient } from "../../clients/js/leggio-client.js";
import { System } from "../browser/system.mjs";
import { Events } from "./tap.mjs";

const SockJS = createRequire(import.meta.url)("sockjs-client");
const TRANSPORTS = ["websocket", "xhr-streaming", "xhr-polling"];

let system;
let uri;

before(async () => {
  system = await System.start("/ITL/scene/* del; /ITL/scene/r set rect 0.5 0.5;");
  uri = `http://127.0.0.1:${system.wsPort}/sockjs`;
});
after(() => system?.stop());

for (const transport of TRANSPORTS) {
  test(`a session over ${transport}`, async (t) => {
    const events = new Events();
    const socket = new SockJS(uri, null, { transports: [transport] });
    t.after(() => socket.close());
    socket.onopen = events.on("open");
    socket.onclose = events.on("close");
    socket.onmessage = ({ data }) => events.on(String(JSON.parse(data).id))(JSON.parse(data));
    await events.next("open");
    assert.equal(socket.transport, transport);
    socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "connect" }));
    const [{ result }] = await events.next("1");
    assert.equal(result.value, "OK");
    socket.send(JSON.stringify({ jsonrpc: "2.0", id: 2, method: "version" }));
    assert.equal((await events.next("2"))[0].result.sessionId, result.sessionId);
    socket.send(JSON.stringify({ jsonrpc: "2.0", id: 3, method: "subscribe", params: { frames: "tiles" } }));
    assert.equal((await events.next("3"))[0].error.code, -32602);
  });

  test(`leggio-client over ${transport}: frames as base64, taken up after a loss`, async (t) => {
    const events = new Events();
    const client = new JsonRpcClient({
      ws: {
        uri,
        useSockJS: true,
        SockJS: function (address) {
          return new SockJS(address, null, { transports: [transport] });
        },
        onconnected: events.on("connected"),
        onreconnected: events.on("reconnected"),
      },
    });
    t.after(() => client.stop());
    await events.next("connected");
    const { frames } = await client.subscribe({ frames: "tiles" }, (frame) => events.on(`version ${frame.version}`)(frame));
    assert.equal(frames, "base64");
    const posted = await system.post(`/ITL/scene/r angle ${TRANSPORTS.indexOf(transport) + 1};`);
    const [frame] = await events.next(`version ${posted}`);
    assert.equal(Buffer.from(frame.image.subarray(1, 4)).toString(), "PNG");
    client.forceClose();
    assert.deepEqual(await events.next("reconnected"), [true]);
  });
}
