// A server that a test holds in its hands: it does what is right until it is told to lie, and writes down all it is
// sent. It knows as much of the API as these tests ask for.
import { createServer } from "node:http";
import { once } from "node:events";

export const ID = (letter) => letter.repeat(15);
const DAY = "2026-11-26T00:00:00.000Z";

export class Server {
  /** Everything that came: `{method, path, query, headers, body}`, the body as text. */
  seen = [];
  #lies = new Map();
  #http;

  static async start() {
    const server = new Server();
    server.#http = createServer((request, response) => void server.#answer(request, response));
    server.#http.listen(0, "127.0.0.1");
    await once(server.#http, "listening");
    server.url = `http://127.0.0.1:${server.#http.address().port}`;
    server.accounts = new Map();
    server.token = null;
    server.job = jobRow(ID("j"));
    server.images = [imageRow({})];
    return server;
  }

  async stop() {
    this.#http.closeAllConnections();
    this.#http.close();
    await once(this.#http, "close");
  }

  /** Answers `route` (`GET /path`, or `* *` for everything) with what `lie` gives instead; `null` ends that. */
  lie(route, lie) {
    if (lie === null) this.#lies.delete(route);
    else this.#lies.set(route, typeof lie === "function" ? lie : () => ({ body: lie }));
  }

  honest() {
    this.#lies.clear();
  }

  /** All texts that came, headers and addresses included. */
  text() {
    return JSON.stringify(this.seen);
  }

  async #answer(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const url = new URL(request.url, this.url);
    const asked = {
      method: request.method,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    };
    this.seen.push(asked);
    const json = asked.body ? JSON.parse(asked.body) : {};
    const lie = this.#lies.get(`${asked.method} ${asked.path}`) ?? this.#lies.get("* *");
    const truth = () => this.#truth(asked, json);
    const answer = lie ? lie({ ...asked, json, truth }) : truth();
    const { status = 200, headers = {}, body = {} } = answer;
    if (typeof body === "function") {
      response.writeHead(status, headers);
      return body(response);
    }
    const text = typeof body === "string" ? body : JSON.stringify(body);
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(status === 204 ? undefined : text);
  }

  #truth({ method, path, headers }, json) {
    const route = `${method} ${path}`;
    const user = [...this.accounts.values()].find(({ jwt }) => jwt === headers.authorization);
    const guest = GUESTS[route]?.(this, json);
    if (guest) return guest;
    if (!user) return { status: 401, body: { error: "authentication_error", message: "Authentication required" } };
    return (
      ROUTES[route]?.(this, json, user, headers) ?? {
        status: 404,
        body: { error: "not_found", message: "No such thing" },
      }
    );
  }

  enter(email, password) {
    const account = this.accounts.get(email);
    return account?.password === password ? account : null;
  }
}

const recordOf = ({ id, email, name }) => ({ id, email, name, verified: false });

const GUESTS = {
  "GET /api/custom/status": () => ({
    body: { status: "ok", custody: ["password", "sealed", "direct"], prices: "catalog" },
  }),
  "POST /api/collections/generatio_users/records": (server, { email, password, name = "" }) => {
    const id = ID(String.fromCharCode(97 + server.accounts.size));
    server.accounts.set(email, { id, email, name, password, jwt: `jwt-of-${id}` });
    return { body: recordOf(server.accounts.get(email)) };
  },
  "POST /api/custom/auth/login": (server, { email, password }) => {
    const account = server.enter(email, password);
    if (!account) return { status: 401, body: { error: "authentication_error", message: "Invalid credentials" } };
    return { body: { token: account.jwt, record: recordOf(account), message: "Login successful." } };
  },
  "POST /api/collections/generatio_users/auth-with-password": (server, { identity, password }) => {
    const account = server.enter(identity, password);
    if (!account) return { status: 400, body: { status: 400, message: "Failed to authenticate.", data: {} } };
    return { body: { token: account.jwt, record: recordOf(account) } };
  },
};

const done = () => ({ body: { success: true, message: "Done" } });
const zero = { limit: 5, spent: 0.003, held: 0, remaining: 4.997, warning: false, resets: DAY };

const ROUTES = {
  "POST /api/collections/generatio_users/auth-refresh": (_, __, user) => ({
    body: { token: user.jwt, record: recordOf(user) },
  }),
  ...Object.fromEntries(
    ["a", "b", "c"].map((letter) => [
      `PATCH /api/collections/generatio_users/records/${ID(letter)}`,
      (server, { oldPassword, password, sealed_token, email, name }, user) => {
        if (password && oldPassword !== user.password)
          return { status: 400, body: { status: 400, message: "No.", data: {} } };
        if (password) user.password = password;
        if (sealed_token) server.token = { ...server.token, sealed_token };
        if (email) {
          server.accounts.delete(user.email);
          server.accounts.set(email, Object.assign(user, { email }));
        }
        if (name !== undefined) user.name = name;
        return { body: recordOf(user) };
      },
    ]),
  ),
  "POST /api/custom/tokens/setup": (server, { sealed_token, fal_token }) => {
    server.token = sealed_token
      ? { sealed_token, custody: "client", updated: DAY }
      : { sealed_token: `sealed by the server: ${fal_token.length}`, custody: "password", updated: DAY };
    return done();
  },
  "GET /api/custom/tokens": (server) => (server.token ? { body: server.token } : null),
  "DELETE /api/custom/tokens": (server) => ((server.token = null), done()),
  "GET /api/custom/auth/token-status": (server) => ({
    body: {
      has_token: Boolean(server.token),
      has_active_session: false,
      requires_login: Boolean(server.token),
      ...(server.token && { custody: server.token.custody }),
    },
  }),
  "POST /api/custom/auth/create-session": () => ({ body: { session_id: "session-1", expires_at: DAY } }),
  "DELETE /api/custom/auth/session": done,
  "POST /api/custom/generate/estimate": () => ({
    body: { cost: 0.003, certainty: "known", quote: { catalog: charge(0.003), fal: charge(0.003) }, budget: null },
  }),
  "POST /api/custom/generate/image": (server) => ({
    status: 202,
    body: { ...server.job, state: "submitted", images: [] },
  }),
  [`GET /api/custom/generate/jobs/${ID("j")}`]: (server) => ({ body: server.job }),
  [`GET /api/custom/generate/jobs/${ID("j")}/events`]: (server) =>
    stream([
      ["progress", { phase: "queued", queue_position: 2 }],
      ["progress", { phase: "running" }],
      ["log", { message: "step 1", level: "INFO", timestamp: null }],
      ["state", { state: "completed", at: DAY, job: server.job }],
    ]),
  [`DELETE /api/custom/generate/jobs/${ID("j")}`]: (server) => ({
    body: { stopped: false, at_fal: null, charged: 0.003, job: server.job },
  }),
  [`POST /api/custom/generate/jobs/${ID("j")}/resolve`]: (server) => ({ body: server.job }),
  "GET /api/custom/generate/jobs": (server) => ({ body: { items: [server.job], next: null } }),
  "GET /api/collections/images/records": (server) => ({
    body: { items: server.images, page: 1, perPage: 30, totalItems: -1, totalPages: -1 },
  }),
  [`GET /api/collections/images/records/${ID("p")}`]: (server) => ({ body: server.images[0] }),
  [`PATCH /api/collections/images/records/${ID("p")}`]: (server) => ({ body: server.images[0] }),
  [`DELETE /api/collections/images/records/${ID("p")}`]: () => ({ status: 204 }),
  "GET /api/collections/folders/records": () => ({
    body: { items: [folder], page: 1, perPage: 1000, totalItems: -1, totalPages: -1 },
  }),
  "POST /api/collections/folders/records": () => ({ body: folder }),
  [`PATCH /api/collections/folders/records/${ID("f")}`]: () => ({ body: folder }),
  "POST /api/custom/preferences/get": () => ({
    body: { model_name: "m", has_preferences: true, preferences: { steps: 4 } },
  }),
  "POST /api/custom/preferences/save": done,
  "GET /api/custom/financial/ledger": () => ({
    body: {
      items: [
        {
          id: ID("l"),
          job: ID("j"),
          model: "m",
          images: 1,
          ...charge(0.003),
          fal: charge(0.004),
          billable_units: "1",
          reported_by: "server",
          quoted: 0.003,
          created: DAY,
        },
      ],
      next: ID("l"),
    },
  }),
  "GET /api/custom/financial/series": () => ({
    body: {
      bucket: "day",
      from: DAY,
      to: DAY,
      buckets: [DAY],
      series: [{ amount: [0.003], fal_amount: [0.004], images: [1] }],
    },
  }),
  "GET /api/custom/financial/stats": () => ({
    body: '{"total_spent":0.000000001,"total_images":1,"recent_spending":12345678901234567.123456789,"average_cost":0.003,"fal_spent":0,"fal_recent_spending":0.1,"month_forecast":-0.5}',
  }),
  "GET /api/custom/financial/budget": () => ({ body: budget }),
  "PUT /api/custom/financial/budget": () => ({ body: budget }),
  "GET /api/custom/auth/sessions": () => ({
    body: { sessions: [{ handle: "handle", label: "session", created: DAY, expires_at: DAY, current: false }] },
  }),
};

const charge = (amount) => ({ unit: "image", units: 1, unit_price: amount, amount, certainty: "known" });
const budget = { basis: "fal", warn_percent: 80, day: zero, month: null, total: null, updated: null };
const folder = {
  id: ID("f"),
  name: "Foxes",
  parent_id: "",
  private: false,
  created: DAY,
  updated: DAY,
  deleted_at: "",
};

export const FAL_URL = "https://v3.fal.media/files/a/fox.png";

export function jobRow(id, more = {}) {
  return {
    id,
    state: "completed",
    model: "flux/schnell",
    images: [{ id: ID("p"), url: FAL_URL }],
    cost: 0.003,
    certainty: "known",
    source: "server",
    reported_by: "server",
    created: DAY,
    updated: DAY,
    ...more,
  };
}

export function imageRow(more) {
  return {
    id: ID("p"),
    title: "a fox",
    prompt: "a fox",
    model: "flux/schnell",
    url: FAL_URL,
    file_url: "",
    thumbnail_url: "",
    image_size: { width: 512, height: 512 },
    other_info: { cost_usd: 0.003, parameters: { seed: 7 } },
    request_id: "r",
    batch_number: 0,
    folder_id: "",
    created: DAY,
    updated: DAY,
    deleted_at: "",
    ...more,
  };
}

/** An answer of server-sent events, `[name, data]` each. */
export function stream(events, end = true) {
  const text = events.map(
    ([name, data], place) => `id: ${place + 1}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`,
  );
  const body = (response) => {
    response.write(text.join(""));
    if (end) response.end();
  };
  return { headers: { "content-type": "text/event-stream" }, body };
}
