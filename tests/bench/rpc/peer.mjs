// The peer: npm rpc-websockets as a server with the same method. Prints its port.
import { Server } from "rpc-websockets";

const server = new Server({ port: 0, host: "127.0.0.1" });
server.register("version", () => ({ scene: "scene", epoch: "0123456789abcdef", version: 7 }));
server.on("listening", () => console.log(server.wss.address().port));
