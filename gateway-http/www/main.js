// The stand: ties the picture, the link to the server, pointer and editor.
import { Editor } from "./editor.js";
import { Follower } from "./follow.js";
import { FreshnessMark } from "./freshness.js";
import { Link } from "./link.js";
import { Picture } from "./picture.js";
import { Pointer } from "./pointer.js";
import { ask, scene } from "./server.js";

const element = (id) => document.getElementById(id);

// What this server lets this client do, and where its WebSocket gateway is.
async function readConfig() {
  try {
    const answer = await ask("view/config.json");
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
  const picture = new Picture(element("picture"), element("stage"));
  const mark = new FreshnessMark(element("stale"));
  const link = new Link();
  new Follower(link, picture);
  new Pointer(element("picture"), picture, link);
  setUpFullScreen(element("full-screen"));

  picture.addEventListener("shown", () => {
    element("waiting").hidden = true;
    if (link.hasSession) mark.note({ isFresh: true });
  });
  picture.addEventListener("answer", (event) => mark.note(event.detail));
  link.addEventListener("version", (event) => {
    mark.note({ isFresh: true });
    picture.want(event.detail);
  });
  link.addEventListener("state", (event) => {
    element("link").dataset.state = event.detail;
    element("link").title = `Connection: ${event.detail}`;
    mark.linkIs(event.detail);
    if (event.detail === "events" || event.detail === "polling") picture.source = "http";
  });

  picture.want(0);
  const config = await readConfig();
  if (scene) document.title = `Leggio: ${scene}`;
  if (config.role === "conduct") new Editor();
  link.start(config.websocket);
}

start();
