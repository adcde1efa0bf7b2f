// Asks the application for the address of the next attempt.

const LIMIT_MS = 5000;

// newUri(callback(error, uri)) as ws.newWsUriOnReconnection; it may return a promise instead.
export function askForUri(newUri) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no URL within ${LIMIT_MS} ms`)), LIMIT_MS);
    const got = (error, uri) => {
      clearTimeout(timer);
      if (error) reject(error);
      else resolve(uri);
    };
    try {
      const returned = newUri(got);
      if (returned !== undefined) Promise.resolve(returned).then((uri) => got(null, uri), got);
    } catch (error) {
      got(error);
    }
  });
}
