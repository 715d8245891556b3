// What the page shows. Whatever comes from the server is text, never HTML.

import { ask, renew, signOut, whoIsThere } from "./api.js";

/** How often the page asks who is there, in milliseconds. Asking does not keep an idle session alive. */
const EVERY = 30_000;

const $ = (id) => document.getElementById(id);
let session;

function show(found) {
  const wasHere = Boolean(session);
  // Somebody else signed in, in another tab: what was asked for was not for them.
  if (session?.userId !== found?.userId) $("answer").replaceChildren();
  session = found;
  $("waiting").hidden = true;
  $("signed-in").hidden = $("who").hidden = !found;
  $("signed-out").hidden = Boolean(found);
  if (found) {
    const name = found.name ?? found.email ?? found.userId;
    $("hello").textContent = $("name").textContent = name;
    $("face").textContent = [...name][0]?.toUpperCase() ?? "";
    $("email").textContent = found.email ?? "none";
    $("scopes").replaceChildren(...found.scopes.map(chip));
    notice("");
    tick();
  } else if (wasHere) {
    notice("Your session has ended. Sign in again, and you are back.");
  }
}

function tick() {
  if (!session) return;
  time($("ends"), session.expiresAt);
  time($("issued"), session.issuedAt);
}

/** A moment, as far away as it is, with the clock's word for whoever points at it. */
function time(element, seconds) {
  const away = Math.round(seconds - Date.now() / 1000);
  const moment = new Date(seconds * 1000);
  element.dateTime = moment.toISOString();
  element.title = moment.toLocaleString();
  element.textContent = relative(away);
}

function relative(seconds) {
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  const minutes = Math.trunc(seconds / 60);
  if (Math.abs(seconds) < 60) return seconds > 0 ? "in less than a minute" : "just now";
  if (Math.abs(minutes) < 60) return words.format(minutes, "minute");
  const hours = Math.trunc(minutes / 60);
  const rest = Math.abs(minutes % 60);
  const text = words.format(hours, "hour");
  return rest === 0 ? text : `${text}, ${rest} min`;
}

function chip(text) {
  const span = element("span", text);
  span.className = "chip";
  return span;
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function notice(text) {
  $("notice").textContent = text;
  $("notice").hidden = text === "";
}

/** What the API answered, or what to do about it. */
function tell({ status, body }) {
  const parts = [];
  if (status === 200) {
    const list = document.createElement("ul");
    list.className = "notes";
    list.append(...body.map((line) => element("li", line)));
    parts.push(list);
  } else {
    const [title, text] = {
      0: ["Nobody answers", "The server cannot be reached. Is the network there?"],
      401: ["You are signed out", "Sign in again, and you are back here."],
      403: ["Not for you", "You are signed in, but this needs a scope that you were not granted."],
      503: ["Not now", "Sign-in is away for a moment. Try again in a little while."],
    }[status] ?? ["This did not work", body?.error ?? "The server said something unexpected."];
    const box = element("div", "");
    box.className = "refusal";
    box.append(element("b", title), element("span", text), element("code", `${status || "no answer"}`));
    parts.push(box);
  }
  $("answer").replaceChildren(...parts);
}

/** Does something while its button rests, and says what went wrong. */
async function press(button, action) {
  button.disabled = true;
  try {
    await action();
  } catch (error) {
    notice(`${error.message}. Nothing was changed; try again in a moment.`);
  } finally {
    button.disabled = false;
  }
}

async function look() {
  try {
    show(await whoIsThere());
  } catch (error) {
    // What was true a moment ago stays on the page.
    if (session === undefined) show(null);
    notice(`${error.message}. This page asks again by itself.`);
  }
}

$("refresh").addEventListener("click", ({ currentTarget }) =>
  press(currentTarget, async () => show(await renew())),
);

$("sign-out").addEventListener("click", ({ currentTarget }) =>
  press(currentTarget, async () => location.assign(await signOut())),
);

for (const button of document.querySelectorAll("[data-ask]")) {
  button.addEventListener("click", () =>
    press(button, async () => {
      const answer = await ask(button.dataset.ask);
      if (answer.status === 401) show(null);
      else tell(answer);
    }),
  );
}

setInterval(() => document.hidden || look(), EVERY);
setInterval(tick, 1000);
document.addEventListener("visibilitychange", () => document.hidden || look());
await look();
