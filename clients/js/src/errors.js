// What goes wrong, in one class: `reason` says where it comes from.

// "answer": the server answered with an error (code, message, data are its own).
// Everything else never was on the wire and has code 0: "timeout", "closed",
// "session-lost", "queue-full", "aborted", "connection", "protocol", "taken-over".
export class RpcError extends Error {
  constructor(reason, message, { code = 0, data } = {}) {
    super(message);
    this.name = "RpcError";
    this.reason = reason;
    this.code = code;
    if (data !== undefined) this.data = data;
  }
}

export const SESSION_UNKNOWN = 40007;
export const FORBIDDEN = 40003;
export const TOO_MANY = 40029;
export const BUSY = 50003;
export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INTERNAL_ERROR = -32603;

// Does it leave open what became of the request? (The same id again tells.)
export function isOpen(error) {
  return error.reason === "timeout" || (error.reason === "answer" && [BUSY, INTERNAL_ERROR].includes(error.code));
}

// The error member of an answer; a server may send anything.
export function errorOfAnswer(error) {
  const isObject = typeof error === "object" && error !== null;
  const code = isObject && Number.isInteger(error.code) ? error.code : 0;
  const message = isObject && typeof error.message === "string" ? error.message : JSON.stringify(error);
  const made = new RpcError("answer", message, { code, data: isObject ? error.data : undefined });
  if (isObject && typeof error.type === "string") made.type = error.type;
  return made;
}
