// JSON-RPC sessions for browsers and Node, and scores on a canvas.

export type Params = Record<string, unknown> | readonly unknown[] | null | undefined;

/** A request of the server, as its handler gets it. A notification has no `id` and no `reply`. */
export interface ServerRequest {
  method: string;
  params: any;
  id?: string | number | null;
  /** Answers once; for handlers that do not return the answer or a promise of it. */
  reply?(error: unknown, result?: unknown): void;
}

export type Handler = (params: any, request: ServerRequest) => unknown;

export interface WsConfiguration {
  /** ws:// or wss://; http:// or https:// with useSockJS. */
  uri: string | URL;
  useSockJS?: boolean;
  /** The first connection stands. Once. */
  onconnected?(): void;
  /** All is over: closed, given up, refused, or the session taken over elsewhere. Once. */
  ondisconnect?(reason?: RpcError): void;
  /** The connection is lost and will be made again. Once for each loss. */
  onreconnecting?(reason: RpcError): void;
  /** The connection stands again, in the same session or in another one. */
  onreconnected?(sameSession: boolean): void;
  /** A failed attempt, nonsense from the server, or a callback or handler that threw. */
  onerror?(error: RpcError): void;
  /** Gives the address of each attempt but the first: callback(error, uri), or a promise. */
  newWsUriOnReconnection?(callback: (error: unknown, uri?: string) => void): void | Promise<string>;
  /** Constructor of sockets; needed in Node before version 22. */
  WebSocket?: new (uri: string) => any;
  /** Constructor of sockjs-client, unless it is global. */
  SockJS?: new (uri: string) => any;
  /** Of one attempt, ms; 5000. */
  connectTimeout?: number;
  /** Failed attempts in a row after which it gives up; Infinity. */
  maxAttempts?: number;
}

export interface RpcConfiguration {
  /** ms; 5000. */
  requestTimeout?: number;
  /** ms, for pings; requestTimeout. */
  heartbeatRequestTimeout?: number;
  /** Handlers of what the server sends, by method. */
  [method: string]: Handler | number | undefined;
}

export interface SessionConfiguration {
  /** Of a session to take up: `sessionId` of an earlier client. */
  id?: string;
  token?: string;
  /** Who this is, for others to see; at most 4096 bytes as JSON. */
  registerInfo?: Record<string, unknown>;
}

export interface Configuration {
  /** ms between pings, 50 to 600000; 0 or false: none; 5000. */
  heartbeat?: number | false;
  /** The spelling of an old example; the same as heartbeat. */
  hearbeat?: number | false;
  /** close() says closeSession first; false. */
  sendCloseMessage?: boolean;
  /** Messages that wait while the connection is away; 100. */
  queueLimit?: number;
  ws: WsConfiguration;
  rpc?: RpcConfiguration;
  /** false: the server knows no sessions. */
  session?: SessionConfiguration | false;
}

export type Reason =
  | "answer" | "timeout" | "closed" | "session-lost" | "queue-full" | "aborted" | "connection" | "protocol" | "taken-over";

export class RpcError extends Error {
  constructor(reason: Reason, message: string, more?: { code?: number; data?: unknown });
  /** "answer": the server's own error; anything else happened here and has code 0. */
  readonly reason: Reason;
  readonly code: number;
  readonly data?: any;
  readonly type?: string;
  /** ms from the request to the error. */
  requestTime?: number;
  /** When it is open whether it was done (a timeout, 50003, -32603): the text that was sent. */
  request?: string;
  /** Then: sends the same text with the same id again. */
  retry?(): any;
}

export type Callback = (error: RpcError | null, result: any) => void;

export interface RequestOptions {
  /** ms; rpc.requestTimeout. */
  timeout?: number;
  signal?: AbortSignal;
}

export type FrameKinds = "none" | "base64" | "binary" | "tiles";

export interface SubscribeParams {
  /** "scene" when left out. */
  scene?: string;
  /** Pixels across; the scene's own when left out. */
  width?: number;
  /** "tiles" when left out; over SockJS "base64" stands for "binary" and "tiles". */
  frames?: FrameKinds;
  /** Least time between frames, ms. */
  period?: number;
}

interface FrameBase {
  scene: string;
  /** 16 hexadecimal digits. */
  epoch: string;
  version: number;
}

export interface WholeFrame extends FrameBase {
  kind: "whole";
  width: number;
  height: number;
  mimeType: string;
  /** The file, a PNG. */
  image: Uint8Array | Blob;
}

export interface Tile {
  x: number;
  y: number;
  width: number;
  height: number;
  image: Uint8Array;
}

export interface TilesFrame extends FrameBase {
  kind: "tiles";
  baseVersion: number;
  width: number;
  height: number;
  tiles: Tile[];
}

/** With frames "none": a version, without its picture. */
export interface Notice extends FrameBase {
  kind: "notice";
}

export type Frame = WholeFrame | TilesFrame | Notice;

export interface Subscription {
  scene: string;
  epoch: string;
  version: number;
  width: number;
  height: number;
  frames: FrameKinds;
  period: number;
  /** Asks for the newest whole frame. */
  renew(): void;
  unsubscribe(): Promise<void>;
}

export type State = "connecting" | "connected" | "reconnecting" | "closing" | "closed";

export class JsonRpcClient {
  constructor(configuration: Configuration);
  readonly state: State;
  readonly sessionId: string | null;
  /** What the server lets this client do; null when it does not say. */
  readonly role: "view" | "play" | "conduct" | null;
  /** Requests whose answers are outstanding. */
  readonly pending: { id: number; method: string; params: Params }[];

  send(method: string, params?: Params, callback?: Callback): void;
  send(method: string, callback: Callback): void;
  request(method: string, params?: Params, options?: RequestOptions): Promise<any>;
  /** Whether it was sent or waits to be sent. */
  notify(method: string, params?: Params): boolean;

  subscribe(params: SubscribeParams, onframe: (frame: Frame) => void): Promise<Subscription>;
  /** Tells the server which picture is on the screen. */
  shown(frame: { scene?: string; epoch: string; version: number }): void;

  /** Ends the session and the connection, at once in every phase. */
  close(): Promise<void>;
  /** Ends the connection; the session waits on the server to be taken up. */
  stop(): Promise<void>;
  /** Puts another connection in the place of this one, now. */
  reconnect(): void;
  /** For tests: loses the connection; with ms, no attempt is made for so long. */
  forceClose(ms?: number): void;
}

/** Reads a binary message; a RangeError says what is wrong with it. */
export function parseFrame(data: ArrayBuffer | ArrayBufferView): WholeFrame | TilesFrame;

export interface PictureOptions {
  /** After each frame on the canvas. */
  onshown?(frame: WholeFrame | TilesFrame): void;
  /** Only a whole frame helps now: Subscription.renew(). */
  onmissing?(): void;
}

/** A score on a canvas: frames in order, each version at once, never an older one. */
export class Picture {
  constructor(canvas: HTMLCanvasElement | OffscreenCanvas, options?: PictureOptions);
  readonly version: number;
  readonly epoch: string | null;
  draw(frame: Frame): void;
}

/** Follows a scene on a canvas: subscribes, draws, tells the server what is shown. */
export function follow(
  client: JsonRpcClient,
  canvas: HTMLCanvasElement | OffscreenCanvas,
  params?: SubscribeParams,
  onshown?: (frame: WholeFrame | TilesFrame) => void,
): Promise<Subscription>;
