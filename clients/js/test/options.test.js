// The configuration object of the seed, field by field.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readConfiguration } from "../src/options.js";
import { JsonRpcClient } from "../leggio-client.js";

class Socket {}
const ws = { uri: "ws://h/", WebSocket: Socket };
const read = (fields) => readConfiguration({ ws, ...fields });
const refuses = (fields, text) => assert.throws(() => read(fields), (error) => error instanceof TypeError && text.test(error.message));

test("the seed's example is read as it stands", () => {
  const callback = () => {};
  const options = readConfiguration({
    hearbeat: 5000,
    sendCloseMessage: false,
    ws: { uri: "ws://h:8080/x", useSockJS: false, onconnected: callback, ondisconnect: callback, onreconnecting: callback,
      onreconnected: callback, WebSocket: Socket },
    rpc: { requestTimeout: 15000, treeStopped: callback, iceCandidate: callback },
  });
  assert.equal(options.heartbeatMs, 5000);
  assert.equal(options.rpc.requestTimeoutMs, 15000);
  assert.equal(options.rpc.pingTimeoutMs, 15000);
  assert.deepEqual([...options.rpc.methods.keys()], ["treeStopped", "iceCandidate"]);
});

test("what is not given has a default", () => {
  const options = read({});
  assert.equal(options.heartbeatMs, 5000);
  assert.equal(options.rpc.requestTimeoutMs, 5000);
  assert.equal(options.sendCloseMessage, false);
  assert.equal(read({ heartbeat: 0 }).heartbeatMs, 0);
  assert.equal(read({ heartbeat: false }).heartbeatMs, 0);
});

test("unknown fields are refused, with the name that was probably meant", () => {
  refuses({ heartbeatt: 1000 }, /^heartbeatt: unknown field; did you mean heartbeat\?/);
  refuses({ ws: { ...ws, onreconected() {} } }, /^ws\.onreconected: unknown field; did you mean onreconnected\?/);
  refuses({ ws: { ...ws, nonsense: 1 } }, /^ws\.nonsense: unknown field; known are uri, /);
  refuses({ rpc: { requestTimout: 100 } }, /^rpc\.requestTimout: unknown field; did you mean requestTimeout\?/);
  refuses({ rpc: { iceCandidate: 100 } }, /^rpc\.iceCandidate: expected a function for what the server sends by that name, not 100/);
});

test("values out of range are refused, with what was expected", () => {
  refuses({ heartbeat: 10 }, /^heartbeat: expected milliseconds, 50 to 600000, or 0 or false for none, not 10$/);
  refuses({ heartbeat: "5000" }, /not "5000"$/);
  refuses({ heartbeat: 5000, hearbeat: 5000 }, /^hearbeat: is a misspelt heartbeat/);
  refuses({ rpc: { requestTimeout: -1 } }, /^rpc\.requestTimeout: expected milliseconds/);
  refuses({ ws: { WebSocket: Socket } }, /^ws\.uri: is missing/);
  refuses({ ws: { ...ws, uri: "nowhere" } }, /^ws\.uri: "nowhere" is no URL/);
  refuses({ ws: { ...ws, uri: "http://h/" } }, /^ws\.uri: expected ws:\/\/ or wss:\/\/ for WebSocket, not http:\/\//);
  refuses({ ws: { ...ws, onconnected: "yes" } }, /^ws\.onconnected: expected a function, not "yes"/);
  refuses({ session: { registerInfo: { x: "y".repeat(5000) } } }, /^session\.registerInfo: expected an object of at most 4096 bytes/);
  assert.throws(() => readConfiguration(undefined), /^TypeError: configuration: expected an object/);
});

test("without any WebSocket it says what to do", { skip: globalThis.WebSocket !== undefined }, () => {
  assert.throws(() => new JsonRpcClient({ ws: { uri: "ws://h/" } }), /Node has one from version 22 on.*npm package "ws"/);
});

test("SockJS wants its constructor and an http URL", () => {
  refuses({ ws: { uri: "http://h/sockjs", useSockJS: true } }, /^ws\.useSockJS: there is no SockJS/);
  refuses({ ws: { uri: "ws://h/", useSockJS: true, SockJS: Socket } }, /expected http:\/\/ or https:\/\/ for SockJS/);
  assert.equal(read({ ws: { uri: "http://h/sockjs", useSockJS: true, SockJS: Socket } }).isSockJS, true);
});

test("the caller's object is not changed", () => {
  const configuration = Object.freeze({
    heartbeat: 1000,
    ws: Object.freeze({ ...ws, onconnected() {} }),
    rpc: Object.freeze({ requestTimeout: 1000, askName() {} }),
  });
  const before = JSON.stringify(configuration);
  new JsonRpcClient(configuration).stop();
  assert.equal(JSON.stringify(configuration), before);
});
