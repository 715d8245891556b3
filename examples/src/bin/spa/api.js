// What the page asks the server. The session's cookie goes along by itself, and no script sees it.

/** Who is signed in: the session's public fields, or null where nobody is. */
export async function whoIsThere() {
  const answer = await ask("/api/auth/session");
  if (answer.status === 401) return null;
  return known(answer);
}

/** New tokens for the session: its public fields from now on, or null where it is over. */
export async function renew() {
  const answer = await ask("/api/auth/refresh", { method: "POST" });
  if (answer.status === 401) return null;
  return known(answer);
}

/** Ends the session, and gives the address at which the provider ends its own. */
export async function signOut() {
  const answer = await ask("/api/auth/logout", { method: "POST" });
  // Another tab was faster.
  if (answer.status === 401) return "/";
  return known(answer).redirectTo;
}

/** Any path of the API: { status, body }. Status 0 is a server that does not answer. */
export async function ask(path, options = {}) {
  try {
    const response = await fetch(path, { headers: { accept: "application/json" }, ...options });
    return { status: response.status, body: await response.json().catch(() => null) };
  } catch {
    return { status: 0, body: null };
  }
}

function known({ status, body }) {
  if (status === 200 && body) return body;
  throw new Error(body?.error ?? "The server does not answer");
}
