// Addresses of pictures that a server makes up: they are not shown, after the same call showed the good ones.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { GeneratioClient } from "./package.mjs";
import { FAL_URL, ID, Server, imageRow, jobRow } from "./server.mjs";
import { EMAIL, device, refused } from "./support.mjs";

let server, client;

before(async () => {
  server = await Server.start();
  server.accounts.set(EMAIL, { id: ID("a"), email: EMAIL, name: "", password: "", jwt: "jwt-of-ann" });
  client = made();
});

after(() => server.stop());

beforeEach(() => server.honest());

/** Somebody who is signed in, and has a session. */
const made = (options) => {
  const auth = { token: "jwt-of-ann", user: { id: ID("a"), email: EMAIL, name: "" } };
  const session = { id: "session-1", expiresAt: "" };
  return new GeneratioClient({ url: server.url, trust: device(), auth, session, ...options });
};

test("picture addresses lead to FAL or the server's own files", async () => {
  const base = "https://pictures.example/app";
  const answers = (images) => async () =>
    Response.json({ items: images, page: 1, perPage: 30, totalItems: -1, totalPages: -1 });
  const far = (images) =>
    new GeneratioClient({ url: base, trust: device(), auth: client.auth, fetch: answers(images) }).pictures.list();
  const good = [
    [FAL_URL, FAL_URL],
    ["https://fal.media/files/a.png", "https://fal.media/files/a.png"],
    ["https://storage.googleapis.com/falserverless/a.png", "https://storage.googleapis.com/falserverless/a.png"],
    [`${base}/api/files/images/p/x.png`, `${base}/api/files/images/p/x.png`],
    // Behind a proxy that speaks TLS.
    ["http://pictures.example/app/api/files/images/p/x.png", `${base}/api/files/images/p/x.png`],
  ];
  const bad = [
    "https://evil.example/fox.png",
    "http://v3.fal.media/files/a.png",
    "https://v3.fal.media:8443/a.png",
    "https://me:pw@v3.fal.media/a.png",
    "https://fal.media.evil.example/a.png",
    "https://notfal.media/a.png",
    "https://v3.fal.media./a.png",
    "https://storage.googleapis.com/other/a.png",
    `${base}/api/custom/auth/session`,
    `${base}/api/files/../custom/tokens`,
    "https://pictures.example/api/files/images/p/x.png",
    "https://pictures.example:444/app/api/files/x.png",
    "http://127.0.0.1:9000/files/a.png",
    "//evil.example/a.png",
    "/api/files/images/p/x.png",
    "javascript:alert(1)",
    "data:image/png;base64,AAAA",
    `https://v3.fal.media/${"a".repeat(2048)}`,
    17,
  ];
  const { items } = await far(good.flatMap(([url]) => imageRow({ url, file_url: url, thumbnail_url: url })));
  assert.deepEqual(
    items.map(({ url }) => url),
    good.map(([, shown]) => shown),
  );
  assert.ok(
    items.every(
      ({ url, fileUrl, thumbnailUrl, refused }) => url === fileUrl && url === thumbnailUrl && !refused.length,
    ),
  );
  for (const url of bad.slice(0, -1)) {
    const [picture, other] = (await far([imageRow({ url, file_url: url, thumbnail_url: FAL_URL }), imageRow({})]))
      .items;
    assert.deepEqual([picture.url, picture.fileUrl, picture.thumbnailUrl], [null, null, FAL_URL], url);
    const code = "untrusted_address";
    assert.deepEqual(
      picture.refused,
      [
        { field: "url", code },
        { field: "fileUrl", code },
      ],
      url,
    );
    assert.deepEqual([other.url, other.refused], [FAL_URL, []]);
  }
  await refused(far([imageRow({ url: 17 })]), "server_answer");
});

test("a job's pictures are held to the same", async () => {
  const honest = await client.generate({ model: "flux/schnell", prompt: "a fox" });
  assert.deepEqual(honest.images, [{ id: ID("p"), url: FAL_URL, refused: [] }]);
  const row = jobRow(ID("j"), { images: [{ id: ID("p"), url: "https://evil.example/x.png" }] });
  server.lie(`GET /api/custom/generate/jobs/${ID("j")}`, row);
  const { images } = await client.jobs.get(ID("j"));
  assert.deepEqual(images, [{ id: ID("p"), url: null, refused: [{ field: "url", code: "untrusted_address" }] }]);
});

test("stand-in pictures are shown where page and server are on this machine, and nowhere else", async (t) => {
  const url = "http://127.0.0.1:9000/files/a.png";
  server.lie("GET /api/collections/images/records", {
    items: [imageRow({ url })],
    page: 1,
    perPage: 30,
    totalItems: -1,
    totalPages: -1,
  });
  const shown = async () => (await client.pictures.list()).items[0].url;
  assert.equal(await shown(), url);
  t.after(() => delete globalThis.location);
  globalThis.location = { origin: "https://generatio.example" };
  assert.equal(await shown(), null);
  globalThis.location = { origin: "http://localhost:5173" };
  assert.equal(await shown(), url);
});
