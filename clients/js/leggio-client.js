// JSON-RPC sessions for browsers and Node, and scores on a canvas.
export { JsonRpcClient } from "./src/rpc-client.js";
export { RpcError } from "./src/errors.js";
export { parseFrame } from "./src/frames.js";
export { Picture, follow } from "./src/picture.js";
