// Reads and checks the configuration object; never changes it. Unknown names are
// refused, since a misspelt option that does nothing is found in the concert.

const LONGEST_TIMER_MS = 2 ** 31 - 1;
const LEAST_HEARTBEAT_MS = 50;
const MOST_HEARTBEAT_MS = 600_000;
const LARGEST_REGISTER_INFO_BYTES = 4096;

const isFunction = (value) => typeof value === "function";
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isCount = (least, most) => (value) => Number.isInteger(value) && value >= least && value <= most;

const BOOLEAN = ["true or false", (value) => typeof value === "boolean"];
const FUNCTION = ["a function", isFunction];
const OBJECT = ["an object", isObject];
const TEXT = ["a non-empty string", (value) => typeof value === "string" && value !== ""];
const WAIT_MS = [`milliseconds, 1 to ${LONGEST_TIMER_MS}`, isCount(1, LONGEST_TIMER_MS)];
const HEARTBEAT = [
  `milliseconds, ${LEAST_HEARTBEAT_MS} to ${MOST_HEARTBEAT_MS}, or 0 or false for none`,
  (value) => value === 0 || value === false || isCount(LEAST_HEARTBEAT_MS, MOST_HEARTBEAT_MS)(value),
];

// Field -> what is expected there.
const FIELDS = {
  heartbeat: HEARTBEAT,
  hearbeat: HEARTBEAT,
  sendCloseMessage: BOOLEAN,
  queueLimit: ["a number of messages, 0 to 10000", isCount(0, 10_000)],
  ws: OBJECT,
  rpc: OBJECT,
  session: ["an object or false", (value) => value === false || isObject(value)],
};
const WS_FIELDS = {
  uri: ["a URL", (value) => (typeof value === "string" && value !== "") || value instanceof URL],
  useSockJS: BOOLEAN,
  onconnected: FUNCTION,
  ondisconnect: FUNCTION,
  onreconnecting: FUNCTION,
  onreconnected: FUNCTION,
  onerror: FUNCTION,
  newWsUriOnReconnection: FUNCTION,
  WebSocket: FUNCTION,
  SockJS: FUNCTION,
  connectTimeout: WAIT_MS,
  maxAttempts: ["a number of attempts, 1 or more, or Infinity", (value) => value === Infinity || isCount(1, 1e9)(value)],
};
const RPC_FIELDS = { requestTimeout: WAIT_MS, heartbeatRequestTimeout: WAIT_MS };
const SESSION_FIELDS = {
  id: TEXT,
  token: TEXT,
  registerInfo: [
    `an object of at most ${LARGEST_REGISTER_INFO_BYTES} bytes as JSON`,
    (value) => isObject(value) && JSON.stringify(value).length <= LARGEST_REGISTER_INFO_BYTES,
  ],
};

// How many letters differ, at most 3.
function distance(one, other) {
  if (Math.abs(one.length - other.length) > 2) return 3;
  let row = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let k = 1; k <= other.length; k++) {
      next[k] = Math.min(row[k] + 1, next[k - 1] + 1, row[k - 1] + (one[i - 1] === other[k - 1] ? 0 : 1));
    }
    row = next;
  }
  return Math.min(3, row[other.length]);
}

function hint(name, known) {
  const near = Object.keys(known).filter((one) => distance(name.toLowerCase(), one.toLowerCase()) < 3);
  return near.length ? `; did you mean ${near[0]}?` : `; known are ${Object.keys(known).join(", ")}`;
}

// The fields of `given` that are set, checked. `others` takes names that are not in the table.
function readFields(given, known, where, others) {
  const read = {};
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null) continue;
    if (!Object.hasOwn(known, name)) {
      if (others?.(name, value)) continue;
      throw new TypeError(`${where}${name}: unknown field${hint(name, known)}`);
    }
    const [expected, isRight] = known[name];
    if (!isRight(value)) throw new TypeError(`${where}${name}: expected ${expected}, not ${show(value)}`);
    read[name] = value;
  }
  return read;
}

function show(value) {
  if (isFunction(value)) return "a function";
  try {
    return JSON.stringify(value)?.slice(0, 80) ?? String(value);
  } catch {
    return String(value);
  }
}

function readUri(uri, useSockJS) {
  const wanted = useSockJS ? ["http:", "https:"] : ["ws:", "wss:"];
  let url;
  try {
    url = new URL(uri);
  } catch {
    throw new TypeError(`ws.uri: ${show(String(uri))} is no URL`);
  }
  if (!wanted.includes(url.protocol)) {
    throw new TypeError(`ws.uri: expected ${wanted.join("// or ")}// ${useSockJS ? "for SockJS" : "for WebSocket"}, not ${url.protocol}//`);
  }
  return url.href;
}

// What makes a socket for a URL.
function readOpener({ useSockJS = false, WebSocket = globalThis.WebSocket, SockJS = globalThis.SockJS }) {
  if (useSockJS) {
    if (!SockJS) throw new TypeError("ws.useSockJS: there is no SockJS; load sockjs-client, or give its constructor as ws.SockJS");
    return (uri) => new SockJS(uri);
  }
  if (!WebSocket) {
    throw new TypeError(
      "ws.WebSocket: this JavaScript has no WebSocket of its own (Node has one from version 22 on); " +
        'give a constructor, for example that of the npm package "ws"',
    );
  }
  return (uri) => new WebSocket(uri);
}

function readRpc(given) {
  const methods = new Map();
  const rpc = readFields(given, RPC_FIELDS, "rpc.", (name, value) => {
    if (isFunction(value)) {
      methods.set(name, value);
    } else if (Object.keys(RPC_FIELDS).some((one) => distance(name.toLowerCase(), one.toLowerCase()) < 3)) {
      return false;
    } else {
      throw new TypeError(`rpc.${name}: expected a function for what the server sends by that name, not ${show(value)}`);
    }
    return true;
  });
  const { requestTimeout = 5000, heartbeatRequestTimeout = requestTimeout } = rpc;
  return { requestTimeoutMs: requestTimeout, pingTimeoutMs: heartbeatRequestTimeout, methods };
}

export function readConfiguration(configuration) {
  if (!isObject(configuration)) throw new TypeError("configuration: expected an object with ws: { uri }");
  const fields = readFields(configuration, FIELDS, "");
  // The seed's own example writes "hearbeat"; it means what it says.
  if (fields.hearbeat !== undefined && fields.heartbeat !== undefined) {
    throw new TypeError("hearbeat: is a misspelt heartbeat, which is given too");
  }
  const ws = readFields(fields.ws ?? {}, WS_FIELDS, "ws.");
  if (ws.uri === undefined) throw new TypeError("ws.uri: is missing, expected the URL of the server");
  const hasSession = fields.session !== false;
  return {
    heartbeatMs: Number(fields.heartbeat ?? fields.hearbeat ?? 5000),
    sendCloseMessage: fields.sendCloseMessage ?? false,
    queueLimit: fields.queueLimit ?? 100,
    uri: readUri(ws.uri, ws.useSockJS),
    checkUri: (uri) => readUri(uri, ws.useSockJS),
    isSockJS: ws.useSockJS ?? false,
    open: readOpener(ws),
    connectTimeoutMs: ws.connectTimeout ?? 5000,
    maxAttempts: ws.maxAttempts ?? Infinity,
    newUri: ws.newWsUriOnReconnection ?? null,
    on: {
      connected: ws.onconnected,
      disconnect: ws.ondisconnect,
      reconnecting: ws.onreconnecting,
      reconnected: ws.onreconnected,
      error: ws.onerror,
    },
    rpc: readRpc(fields.rpc ?? {}),
    hasSession,
    session: hasSession ? readFields(fields.session ?? {}, SESSION_FIELDS, "session.") : {},
  };
}
