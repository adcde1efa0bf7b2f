// How the page reaches its gateway: addresses, the scene, the token.

// The gateway that serves this page; the page lies at <base>/view/.
const base = new URL("../", document.baseURI);
const query = new URLSearchParams(location.search);

export const scene = query.get("scene");
export const token = query.get("token");

// For what cannot set headers (EventSource) the token goes into the address.
export function address(path, more = {}, { withToken = false } = {}) {
  const url = new URL(path, base);
  if (scene) url.searchParams.set("scene", scene);
  if (withToken && token) url.searchParams.set("token", token);
  for (const [name, value] of Object.entries(more)) url.searchParams.set(name, value);
  return url;
}

export function ask(path, { query: more, headers, ...options } = {}) {
  const allHeaders = token ? { ...headers, Authorization: `Bearer ${token}` } : headers;
  return fetch(address(path, more), { cache: "no-store", ...options, headers: allHeaders });
}
