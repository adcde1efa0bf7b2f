// The stand: ties the picture, the link to the server, pointer and editor.
import { Link } from "./link.js";
import { Picture } from "./picture.js";
import { Pointer } from "./pointer.js";
import { Editor } from "./editor.js";
import { FreshnessMark } from "./freshness.js";

const element = (id) => document.getElementById(id);

// The gateway that serves this page; the page lies at <base>/view/.
const base = new URL("../", document.baseURI);
const scene = new URLSearchParams(location.search).get("scene");

const target = (path, query = {}) => {
  const url = new URL(path, base);
  if (scene) url.searchParams.set("scene", scene);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
};

// What this server lets this client do, and where its WebSocket gateway is.
async function readConfig() {
  try {
    const answer = await fetch(target("view/config.json"), { cache: "no-store" });
    if (answer.ok) return await answer.json();
  } catch {
    // The page works without: it polls, and tries again when it reconnects.
  }
  return {};
}

function setUpFullScreen(button) {
  if (!document.documentElement.requestFullscreen) {
    button.hidden = true;
    return;
  }
  const toggle = () =>
    document.fullscreenElement
      ? document.exitFullscreen()
      : document.documentElement.requestFullscreen({ navigationUI: "hide" });
  button.addEventListener("click", toggle);
  document.addEventListener("fullscreenchange", () => {
    button.textContent = document.fullscreenElement ? "Leave full screen" : "Full screen";
  });
}

async function start() {
  const picture = new Picture(element("picture"), element("stage"), target);
  const mark = new FreshnessMark(element("stale"), target);
  const link = new Link(target, scene);
  new Pointer(element("picture"), picture, target);
  setUpFullScreen(element("full-screen"));

  picture.addEventListener("shown", () => (element("waiting").hidden = true));
  picture.addEventListener("answer", (event) => mark.note(event.detail));
  link.addEventListener("version", (event) => {
    mark.note({ isFresh: true });
    picture.want(event.detail);
  });
  link.addEventListener("state", (event) => {
    element("link").dataset.state = event.detail;
    element("link").title = `Connection: ${event.detail}`;
    mark.linkIs(event.detail);
    if (event.detail !== "lost") picture.want(0);
  });

  picture.want(0);
  const config = await readConfig();
  if (scene) document.title = `Leggio: ${scene}`;
  if (config.role === "conduct") new Editor(target);
  link.start(config.websocket);
}

start();
