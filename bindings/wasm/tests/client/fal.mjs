// A stand-in for FAL's queue that a test holds in its hands. One request at a time, which is done as soon as it is asked
// after.
import { createServer } from "node:http";
import { once } from "node:events";

export class Fal {
  /** Everything that came: `POST /path?query`. */
  seen = [];
  /** What answers a submit, a status, a result or a cancel instead: a function of the response. */
  instead = {};
  seed = "18446744073709551615";
  status = "COMPLETED";
  #http;

  static async start() {
    const fal = new Fal();
    fal.#http = createServer((request, response) => void fal.#answer(request, response));
    fal.#http.listen(0, "127.0.0.1");
    await once(fal.#http, "listening");
    fal.url = `http://127.0.0.1:${fal.#http.address().port}`;
    return fal;
  }

  async stop() {
    this.#http.closeAllConnections();
    this.#http.close();
    await once(this.#http, "close");
  }

  reset() {
    Object.assign(this, { seen: [], instead: {}, status: "COMPLETED" });
  }

  /** How often something was submitted. */
  get submitted() {
    return this.seen.filter((line) => line.startsWith("POST ")).length;
  }

  async #answer(request, response) {
    for await (const _ of request);
    this.seen.push(`${request.method} ${request.url}`);
    const { pathname } = new URL(request.url, this.url);
    const [, place, id, end = ""] = /^(.*?)(?:\/requests\/([^/]+)(.*))?$/.exec(pathname);
    const verb = request.method === "POST" ? "submit" : request.method === "PUT" ? "cancel" : end ? "status" : "result";
    if (this.instead[verb]) return this.instead[verb](response, end);
    const json = (status, body, headers = {}) => {
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    };
    if (verb === "submit") {
      const [, owner, app] = pathname.split("/");
      const base = `${this.url}/${owner}/${app}/requests/request-1`;
      const urls = { response_url: base, status_url: `${base}/status`, cancel_url: `${base}/cancel` };
      return json(200, { status: "IN_QUEUE", request_id: "request-1", queue_position: 1, ...urls });
    }
    if (verb === "cancel") return json(202, { status: "CANCELLATION_REQUESTED" });
    if (verb === "result") {
      const images = [{ url: `${this.url}/files/a.png`, width: 512, height: 512, content_type: "image/png" }];
      const text = JSON.stringify({ images, seed: 0 }).replace('"seed":0', `"seed":${this.seed}`);
      return json(200, text, { "x-fal-billable-units": "1.0" });
    }
    const base = `${this.url}${place}/requests/${id}`;
    const told = {
      status: this.status,
      request_id: id,
      response_url: base,
      status_url: `${base}/status`,
      cancel_url: `${base}/cancel`,
      logs: [],
    };
    if (!end.endsWith("/stream")) return json(200, told);
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(`data: ${JSON.stringify(told)}\n\n`);
    if (this.status === "COMPLETED") response.end();
  }
}
